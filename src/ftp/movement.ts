import type { Data } from './dial.ts';
import type { Reply } from './replies.ts';
import { ask, type Session } from './session.ts';
import { reason } from './verdicts.ts';

const PATIENCE_MS = 10_000;

/**
 * What a command met that moves bytes. `moved`: what `act` gave. `trouble`: the words of what went wrong with the
 * data connection. `reply`: the server's last, null when it never came to that.
 */
export interface Movement<T> {
  readonly moved: T | null;
  readonly trouble: string | null;
  readonly reply: Reply | null;
}

/**
 * Gives a command and moves its bytes over a data connection to the address of the control connection. That proves
 * the listener, not the way from outside.
 */
export async function move<T>(
  session: Session,
  port: number,
  line: string,
  act: (data: Data) => Promise<T>,
): Promise<Movement<T>> {
  const { control, host, secured } = session;
  let data: Data;
  try {
    data = await control.data(host, port, PATIENCE_MS);
  } catch (error) {
    return { moved: null, trouble: `${host}:${port}: ${reason(error)}`, reply: null };
  }
  try {
    const opening = await ask(session, line);
    if (opening.code !== 150 && opening.code !== 125) {
      return { moved: null, trouble: opening.text, reply: opening };
    }
    const work = secured ? data.secure().then(() => act(data)) : act(data);
    // A server says why a data connection failed, so its last word is waited for.
    const [moved, closing] = await Promise.allSettled([work, control.reply()]);
    const reply = closing.status === 'fulfilled' ? closing.value : null;
    const troubles = [
      ...(moved.status === 'rejected' ? [`${host}:${port}: ${reason(moved.reason)}`] : []),
      ...(closing.status === 'rejected' ? [reason(closing.reason)] : []),
      ...(reply !== null && reply.code !== 226 && reply.code !== 250 ? [reply.text] : []),
    ];
    return {
      moved: moved.status === 'fulfilled' ? moved.value : null,
      trouble: troubles.length > 0 ? troubles.join('; ') : null,
      reply,
    };
  } catch (error) {
    return { moved: null, trouble: reason(error), reply: null };
  } finally {
    data.close();
  }
}
