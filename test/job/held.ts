import { writeFiles } from '../sandbox/files.ts';
import { type Machine, ok } from '../sandbox/machine.ts';

const PROGRAM = '/usr/local/cpanel/bin/build_ftp_conf';
/** A pipe: while it is there, setupftpserver waits for a word from it. */
export const HOLD = '/run/held';

/**
 * Makes the next setupftpserver wait in its middle, after it has printed something, until it is let go.
 * @returns lets it go; resolves when it goes on
 */
export async function holdInTheMiddle(server: Machine): Promise<() => Promise<void>> {
  const real = `${PROGRAM}.real`;
  await ok(server.run(['mv', PROGRAM, real]));
  const text = `#!/bin/sh\n[ ! -p ${HOLD} ] || read -r go <${HOLD}\nexec ${real} "$@"\n`;
  await writeFiles(server, { [PROGRAM]: { text, mode: 0o755 } });
  await ok(server.run(['mkfifo', HOLD]));
  return async () => {
    await ok(server.run(['sh', '-c', `echo go >${HOLD}; rm ${HOLD}`]));
  };
}
