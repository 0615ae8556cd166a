import type { Control, Dial } from './dial.ts';
import type { Reply } from './replies.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** A control connection, and whether its data connections are to be under TLS. */
export interface Session {
  readonly control: Control;
  readonly host: string;
  readonly secured: boolean;
}

export async function ask({ control }: Pick<Session, 'control'>, line: string): Promise<Reply> {
  control.send(line);
  return control.reply();
}

/** A server counts a session for a moment after its end; one that allows few clients turns the next away until then. */
const MOST_TRIES = 6;

/**
 * Opens a control connection and hangs up properly, whatever happens: a session that lingers counts as a client.
 * @param use gets the greeting as well
 */
export async function withControl<T>(
  dial: Dial,
  host: string,
  port: number,
  use: (control: Control, greeting: Reply) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const control = await dial.control(host, port);
    try {
      const greeting = await control.reply();
      if (attempt < MOST_TRIES && isFull(greeting)) {
        await dial.pause();
        continue;
      }
      const result = await use(control, greeting);
      await hangUp(control);
      return result;
    } finally {
      control.close();
    }
  }
}

/** Says goodbye and waits for the server to close: then it is known to have ended the session. */
async function hangUp(control: Control): Promise<void> {
  try {
    await ask({ control }, 'QUIT');
    for (;;) await control.reply();
  } catch {
    // The end, or a server that has gone before.
  }
}

function isFull({ code, text }: Reply): boolean {
  return code === 421 && /\b(maximum|too many)\b/i.test(text);
}

export async function signIn(session: Session, login: Login): Promise<Reply> {
  const asked = await ask(session, `USER ${login.user}`);
  return asked.code === 331 ? ask(session, `PASS ${login.password}`) : asked;
}

/** Whether a refusal says that TLS is demanded (Pure-FTPd 421, ProFTPD 550 and 522). */
export function demandsTls({ code, text }: Reply): boolean {
  return [421, 521, 522, 530, 534, 550].includes(code) && /\b(TLS|SSL)\b|\bPROT\b/i.test(text);
}
