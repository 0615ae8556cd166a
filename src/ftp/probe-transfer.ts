import type { Check } from '../core/check.ts';
import { phrase } from '../core/phrase.ts';
import { move } from './movement.ts';
import { extendedTarget, passiveTarget } from './replies.ts';
import { ask, type Session } from './session.ts';
import { fail, judge, pass, skip } from './verdicts.ts';

/** More than three records of TLS, less than any quota. */
const SIZE = 50_000;
const UPLOAD = ['upload', phrase`An upload arrives`] as const;
const DOWNLOAD = ['download', phrase`The upload comes back with equal content`] as const;

/** Uploads a small file over EPSV, downloads it over PASV where there is PASV, compares, and takes it away. */
export async function roundTrip(session: Session, name: string): Promise<Check[]> {
  const sent = Uint8Array.from({ length: SIZE }, (_, index) => (index * 7 + (index >> 8)) & 255);
  await ask(session, 'TYPE I');
  const up = await portOf(session, ['EPSV', 'PASV']);
  if (up === null) return [skip(...UPLOAD, phrase`No port was told.`)];
  const stored = await move(session, up, `STOR ${name}`, (data) => data.send(sent));
  if (stored.trouble !== null) {
    // Such a refusal is about the rights and the space of the account.
    const account = [532, 550, 552, 553].includes(stored.reply?.code ?? 0);
    return [(account ? skip : fail)(...UPLOAD, stored.trouble)];
  }
  const checks = [pass(...UPLOAD, phrase`${SIZE} bytes to port ${up}; ${stored.reply?.text ?? ''}`)];
  const down = await portOf(session, ['PASV', 'EPSV']);
  if (down === null) checks.push(skip(...DOWNLOAD, phrase`No port was told.`));
  else {
    const { moved, trouble, reply } = await move(session, down, `RETR ${name}`, (data) => data.all());
    const equal =
      moved !== null && moved.length === SIZE && moved.every((byte, index) => byte === sent[index]);
    const said = trouble ?? reply?.text ?? '';
    const met = moved === null ? said : phrase`${moved.length} of ${SIZE} bytes from port ${down}; ${said}`;
    const other = moved !== null && moved.length === SIZE && !equal ? phrase`Other bytes came back. ` : '';
    checks.push(judge(...DOWNLOAD, trouble === null && equal, `${other}${met}`));
  }
  const gone = await ask(session, `DELE ${name}`);
  if (gone.code !== 250) {
    checks.push(
      fail('delete', phrase`The upload is taken away again`, phrase`${name} is left: ${gone.text}`),
    );
  }
  return checks;
}

/** The port of the first of these verbs that names one. PASV over IPv6 names none. */
async function portOf(session: Session, verbs: readonly ('EPSV' | 'PASV')[]): Promise<number | null> {
  for (const verb of verbs) {
    if (verb === 'PASV' && session.host.includes(':')) continue;
    const reply = await ask(session, verb);
    const target = verb === 'EPSV' ? extendedTarget(reply) : passiveTarget(reply);
    if (target !== null) return target.port;
  }
  return null;
}
