/** Whether there is time for many more rounds of the same: `SOAK=1 script/test FILE`. */
export const SOAK = process.env['SOAK'] === '1';
