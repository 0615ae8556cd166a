import type { Check } from '../core/check.ts';
import { phrase } from '../core/phrase.ts';
import { formatRange, type PortRange } from '../core/range.ts';
import { move } from './movement.ts';
import { extendedTarget, passiveTarget, type PassiveTarget, type Reply } from './replies.ts';
import type { FtpServer, PassiveWish } from './server.ts';
import { ask, demandsTls, type Session } from './session.ts';
import { fail, judge, pass, reason, skip } from './verdicts.ts';

/** What the answers of an address are held against. */
export interface Expected {
  readonly wish: PassiveWish;
  readonly server: FtpServer['name'];
  /** Ports are drawn at random: so many tries make a stray one likely to show. */
  readonly tries: number;
  /** Whether the advertised address is tried as well, which can take seconds. */
  readonly advertised: boolean;
}

/** How long a packet to the public address and back may take; where it is lost nothing would come later either. */
const HAIRPIN_PATIENCE_MS = 3000;

interface Answers {
  readonly last: Reply;
  readonly told: readonly PassiveTarget[];
  /** The first reply that names no port. */
  readonly refusal: Reply | null;
}

async function askOften(
  session: Session,
  verb: 'PASV' | 'EPSV',
  tries: number,
  read: (reply: Reply) => PassiveTarget | null,
): Promise<Answers> {
  const told: PassiveTarget[] = [];
  let refusal: Reply | null = null;
  let last: Reply = { code: 0, text: '' };
  for (let attempt = 0; attempt < tries; attempt++) {
    last = await ask(session, verb);
    const target = read(last);
    if (target !== null) told.push(target);
    else refusal ??= last;
  }
  return { last, told, refusal };
}

/** PASV: the address and the ports told, a listing, and whether the told address leads back here. */
export async function passive(session: Session, expected: Expected): Promise<Check[]> {
  const { wish, tries } = expected;
  const wanted = wish.address ?? session.host;
  const answers = await askOften(session, 'PASV', tries, passiveTarget);
  const { told, last, refusal } = answers;
  const stray = told.find(({ address }) => address !== wanted);
  const title = phrase`PASV tells clients ${wanted}`;
  const address =
    told.length === 0
      ? skip('pasv-address', title, phrase`No address was told.`)
      : judge(
          'pasv-address',
          title,
          stray === undefined,
          stray === undefined ? last.text : phrase`Told ${stray.address ?? ''}: ${last.text}`,
        );
  const checks = [
    address,
    judgePorts('pasv-port', 'PASV', answers, expected),
    // Only the port of the last answer is open.
    await listing(session, 'pasv-data', 'PASV', refusal === last ? null : (told.at(-1) ?? null)),
  ];
  if (!expected.advertised || wanted === session.host || stray !== undefined || told.length === 0)
    return checks;
  return [...checks, await throughAdvertised(session, wanted, checks.at(-1)?.result === 'fail')];
}

/** EPSV: the ports told and a listing. It names no address. */
export async function extended(session: Session, expected: Expected): Promise<Check[]> {
  const answers = await askOften(session, 'EPSV', expected.tries, extendedTarget);
  const { code = 0, text = '' } = answers.refusal ?? {};
  if (answers.told.length === 0 && isUnknown(code)) {
    return [fail('epsv', phrase`EPSV is known`, `${text}${unknownVerb(expected.server)}`)];
  }
  const target = answers.refusal === answers.last ? null : (answers.told.at(-1) ?? null);
  return [
    judgePorts('epsv-port', 'EPSV', answers, expected),
    await listing(session, 'epsv-data', 'EPSV', target),
  ];
}

function judgePorts(id: string, verb: string, { told, refusal }: Answers, expected: Expected): Check {
  const { range } = expected.wish;
  const [low, high] = range;
  const ports = [...new Set(told.map(({ port }) => port))];
  const strays = ports.filter((port) => port < low || port > high);
  const title = phrase`${verb} stays within ${formatRange(range)}`;
  if (refusal !== null) return fail(id, title, refusalFact(refusal, range, expected.server));
  const fact =
    strays.length === 0
      ? phrase`${told.length} tries, ports ${Math.min(...ports)} to ${Math.max(...ports)}.`
      : phrase`Outside: ${strays.join(', ')}; ports told: ${ports.join(', ')}.`;
  return judge(id, title, strays.length === 0, fact);
}

function refusalFact({ code, text }: Reply, range: PortRange, server: FtpServer['name']): string {
  if (code === 425 && /\bbusy\b/i.test(text)) {
    const count = range[1] - range[0] + 1;
    return phrase`${text}: the range is too small, ${count === 1 ? phrase`its one port is` : phrase`all ${count} ports of ${formatRange(range)} are`} taken.`;
  }
  return isUnknown(code) ? `${text}${unknownVerb(server)}` : text;
}

function isUnknown(code: number): boolean {
  return code >= 500 && code < 503;
}

/** Pure-FTPd hides verbs by settings of its own. */
function unknownVerb(server: FtpServer['name']): string {
  return server === 'pure-ftpd'
    ? phrase`: /etc/pure-ftpd.conf has BrokenClientsCompatibility or NATmode on; both hide EPSV, NATmode hides PASV too.`
    : '';
}

async function listing(
  session: Session,
  id: string,
  verb: string,
  target: PassiveTarget | null,
): Promise<Check> {
  const title = phrase`A listing arrives over ${verb}`;
  if (target === null) return skip(id, title, phrase`No port was told.`);
  const { moved, trouble, reply } = await move(session, target.port, 'LIST', (data) => data.all());
  if (moved === null && reply !== null && !session.secured && demandsTls(reply)) {
    return skip(id, title, phrase`The server lets data pass over TLS only: ${reply.text}`);
  }
  const said = trouble ?? reply?.text ?? '';
  const fact = moved === null ? said : phrase`${moved.length} bytes from port ${target.port}; ${said}`;
  return judge(id, title, trouble === null, fact);
}

/** What fails here may well work from outside: the way back in (hairpin NAT) is missing on many servers. */
async function throughAdvertised(session: Session, address: string, broken: boolean): Promise<Check> {
  const [id, title] = ['pasv-advertised', phrase`The data port answers at ${address} too`];
  if (broken) return skip(id, title, phrase`Not tried: it does not answer here either.`);
  const told = passiveTarget(await ask(session, 'PASV'));
  if (told?.address !== address) return skip(id, title, phrase`Not tried: another address was told.`);
  try {
    (await session.control.data(address, told.port, HAIRPIN_PATIENCE_MS)).close();
    return pass(id, title, phrase`Connected to ${address}:${told.port} from this server.`);
  } catch (error) {
    const met = `${address}:${told.port}: ${reason(error)}`;
    return skip(
      id,
      title,
      phrase`Not provable from here: nothing leads from this server to itself by NAT. ${met}`,
    );
  }
}
