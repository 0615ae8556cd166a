// Mocha's own report for people, and at the end the three numbers that script/test adds up.
import { writeFileSync } from 'node:fs';
import mocha from 'mocha';

export default class extends mocha.reporters.Spec {
  /** Writes `PASSED FAILED SKIPPED` to the file that TEST_COUNTS names. */
  constructor(runner, options) {
    super(runner, options);
    runner.once(mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats;
      writeFileSync(process.env.TEST_COUNTS, `${passes} ${failures} ${pending}\n`);
    });
  }
}
