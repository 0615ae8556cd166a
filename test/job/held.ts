import { writeFiles } from '../sandbox/files.ts';
import { type Machine, ok } from '../sandbox/machine.ts';

const PROGRAM = '/usr/local/cpanel/bin/build_ftp_conf';
/** A pipe: while it is there, setupftpserver waits for a word from it. */
export const HOLD = '/run/held';

/** A setupftpserver that can be made to stay in its middle and to go on talking there, again and again. */
export interface Talkative {
  hold(): Promise<void>;
  letGo(): Promise<void>;
}

/** What it says while it is held, with a number: more than ASCII, so that a cut in the middle of a letter shows. */
export const TALK = 'still at work, größer als 🦆';

export async function talkInTheMiddle(server: Machine): Promise<Talkative> {
  const real = `${PROGRAM}.real`;
  await ok(server.run(['mv', PROGRAM, real]));
  const talk = `n=0; while [ -e ${HOLD} ]; do n=$((n + 1)); echo "${TALK} $n"; sleep 0.1; done`;
  const text = `#!/bin/sh\n${talk}\nexec ${real} "$@"\n`;
  await writeFiles(server, { [PROGRAM]: { text, mode: 0o755 } });
  return {
    async hold() {
      await ok(server.run(['touch', HOLD]));
    },
    async letGo() {
      await ok(server.run(['rm', '-f', HOLD]));
    },
  };
}

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
