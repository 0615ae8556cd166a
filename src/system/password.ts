import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';

/** Longer than any password: what goes on so long is another file. */
const LONGEST = 1024;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const BACKSPACE = '\b';
const DELETE = '\u007f';

/**
 * Reads a password: typed at the terminal without an echo, else the first line of standard input, without its end.
 * @throws Problem `interrupted` at Ctrl-C, `invalid` for a line that does not end
 */
export async function askPassword(question: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return firstLine(false);
  // First, or what is typed at once would still be shown.
  stdin.setRawMode(true);
  stderr.write(question);
  try {
    return await firstLine(true);
  } finally {
    stdin.setRawMode(false);
    stderr.write('\n');
  }
}

function firstLine(typed: boolean): Promise<string> {
  const { stdin } = process;
  const decoder = new TextDecoder();
  return new Promise((resolve, reject) => {
    let line = '';
    const leave = (): void => {
      stdin.off('data', hear).off('end', done).off('error', reject).pause();
    };
    const done = (): void => {
      leave();
      resolve(line.replace(/\r$/, ''));
    };
    const refuse = (problem: Problem): void => {
      leave();
      reject(problem);
    };
    const hear = (bytes: Buffer): void => {
      for (const key of Array.from(decoder.decode(bytes, { stream: true }))) {
        if (key === '\n' || (typed && (key === '\r' || key === CTRL_D))) {
          done();
          return;
        }
        if (typed && key === CTRL_C) {
          refuse(new Problem('interrupted', phrase`No password was given.`));
          return;
        }
        if (typed && (key === DELETE || key === BACKSPACE)) line = Array.from(line).slice(0, -1).join('');
        else if (typed && key === CTRL_U) line = '';
        else line += key;
      }
      if (line.length > LONGEST) refuse(new Problem('invalid', phrase`The password is too long to be one.`));
    };
    stdin.on('data', hear).on('end', done).on('error', reject);
  });
}
