import { Problem } from '../core/problem.ts';
import type { PortRange } from '../core/range.ts';
import type { Reach } from '../core/reach.ts';
import type { Status } from '../core/status.ts';
import { counts, judge, type Judgement } from './judgement.ts';
import { saidBy, type By, type Proof, type Visit } from './proof.ts';
import { BAD_PORTS, samplePorts } from './sample.ts';
import { subjectOf } from './subject.ts';

/** Ports that are listened on until `close`. `ports`: those that could be had. */
export interface Lookout {
  readonly ports: readonly number[];
  close(): Promise<void>;
}

/** A connection that came. The answer is sent back before the connection is closed; empty for none. */
export type Heard = (call: { port: number; from: string; bytes: Uint8Array }) => string;

export interface ProofParts {
  /** How the server stands, and the range that is wanted. */
  status(): Promise<{ readonly status: Pick<Status, 'ftp' | 'nat'>; readonly wanted: PortRange }>;
  held(): Promise<readonly string[]>;
  /** What the machine's firmware says of its maker; empty where it says nothing. */
  vendor(): Promise<string>;
  /** Ports on which something listens or talks. */
  busyPorts(): Promise<ReadonlySet<number>>;
  listen(ports: readonly number[], heard: Heard): Promise<Lookout>;
  /** What this server's firewall does with the range. @param from null: a stranger */
  reach(range: PortRange, address: string, from: string | null): Promise<Reach>;
  /** Wall time, milliseconds. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** An unpredictable text that may stand in an address. */
  token(): string;
  /** A whole number from 0 to below the one given. */
  pick(below: number): number;
}

/** Who asks. `isRoot`: may end what others have begun. `name`: what their browser calls this server. */
export interface Asker {
  readonly user: string | null;
  readonly isRoot: boolean;
  readonly visitor: string | null;
  readonly name: string | null;
}

/** A proof and what it came to so far. */
export interface Standing {
  readonly proof: Proof;
  readonly over: boolean;
  readonly judgement: Judgement;
}

/** Proofs from outside: one at a time, since each takes ports of the range. */
export interface Proofs {
  /** @throws Problem `busy` while somebody else's is under way, `unsupported` when no port can be tried */
  begin(by: By, asker: Asker): Promise<Proof>;
  /**
   * Ends it before its time. Nothing happens when it is over already. @param tried whether all was tried
   * @throws Problem `not-found`
   */
  end(id: string, tried: boolean): Promise<void>;
  /** @throws Problem `not-found` */
  look(id: string): Promise<Standing>;
  /** Resolves when the proof is over. */
  ended(id: string): Promise<void>;
}

/** How long a proof waits. Seconds. */
export const PATIENCE: Readonly<Record<By, number>> = { browser: 30, command: 180 };
/** Proofs that can still be looked at. */
const KEPT = 16;
/** Connections that are kept of one proof; more tell nothing new. */
const MOST_VISITS = 500;

interface Held {
  readonly proof: Proof;
  readonly visits: Visit[];
  readonly addresses: readonly string[];
  readonly closed: Promise<void>;
  close(): void;
  over: boolean;
  tried: boolean;
  reach: Promise<{ readonly visitor: Reach; readonly stranger: Reach }> | null;
}

export function openProofs(parts: ProofParts): Proofs {
  const all = new Map<string, Held>();
  let beginning = false;

  const find = (id: string): Held => {
    const found = all.get(id);
    if (!found) throw new Problem('not-found', 'There is no such test any more; begin a new one.');
    return found;
  };

  async function start(by: By, { user, visitor, name }: Asker): Promise<Proof> {
    const [{ status, wanted }, addresses, taken, vendor] = await Promise.all([
      parts.status(),
      parts.held(),
      parts.busyPorts(),
      parts.vendor(),
    ]);
    const subject = subjectOf(status, wanted, addresses, name);
    const avoided = by === 'browser' ? new Set([...taken, ...BAD_PORTS]) : taken;
    const sample = samplePorts(subject.range, avoided, subject.witness !== null, parts.pick);
    const token = parts.token();
    const visits: Visit[] = [];
    let arrived = (): void => undefined;
    const lookout = await parts.listen([...sample.ports, ...sample.witnesses], ({ port, from, bytes }) => {
      const said = saidBy(bytes, token);
      if (visits.length < MOST_VISITS) visits.push({ port, from, said });
      arrived();
      return said === 'token' ? 'arrived' : '';
    });
    const ports = sample.ports.filter((port) => lookout.ports.includes(port));
    if (ports.length === 0) {
      await lookout.close();
      throw new Problem(
        'unsupported',
        'No port of the range is free to be tried; set a larger range, or wait until transfers have ended.',
      );
    }
    const until = parts.now() + PATIENCE[by] * 1000;
    const witnesses = sample.witnesses.filter((port) => lookout.ports.includes(port));
    const proof: Proof = {
      ...{ id: parts.token(), user, visitor, by, subject, vendor, token, ports, witnesses, until },
    };
    let close = (): void => undefined;
    const closing = new Promise<void>((resolve) => (close = resolve));
    const held: Held = {
      ...{ proof, visits, addresses, close, over: false, tried: false, reach: null },
      closed: Promise.race([closing, parts.sleep(PATIENCE[by] * 1000)]).then(async () => {
        held.over = true;
        await lookout.close();
      }),
    };
    arrived = () => {
      const came = new Set(visits.filter((one) => counts(one, by, addresses)).map(({ port }) => port));
      if ([...ports, ...witnesses].every((port) => came.has(port))) close();
    };
    all.set(proof.id, held);
    for (const id of all.keys()) if (all.size > KEPT) all.delete(id);
    return proof;
  }

  const reachOf = async ({
    proof,
    visits,
    addresses,
  }: Held): Promise<{ visitor: Reach; stranger: Reach }> => {
    const { range, address } = proof.subject;
    const from =
      visits.find((visit) => counts(visit, proof.by, addresses))?.from ??
      (proof.by === 'browser' ? proof.visitor : null);
    const isSameFamily = from?.includes(':') === address.includes(':');
    const stranger = parts.reach(range, address, null);
    return {
      visitor: await (from !== null && isSameFamily ? parts.reach(range, address, from) : stranger),
      stranger: await stranger,
    };
  };

  return {
    async begin(by, asker) {
      const going = [...all.values()].filter(({ over }) => !over);
      const others = asker.isRoot ? undefined : going.find(({ proof }) => proof.user !== asker.user);
      if (beginning || others) {
        const seconds = Math.max(1, Math.ceil(((others?.proof.until ?? 0) - parts.now()) / 1000));
        const when = others ? `in ${seconds} seconds at the latest` : 'in a moment';
        throw new Problem('busy', `Another test from outside is under way; begin yours ${when}.`);
      }
      beginning = true;
      try {
        for (const { close, closed } of going) {
          close();
          await closed;
        }
        return await start(by, asker);
      } finally {
        beginning = false;
      }
    },
    async end(id, tried) {
      const held = find(id);
      if (!held.over) held.tried = tried;
      held.close();
      await held.closed;
    },
    async look(id) {
      const held = find(id);
      if (held.over) held.reach ??= reachOf(held);
      const reach = await held.reach;
      const { proof, visits, addresses, over, tried } = held;
      return { proof, over, judgement: judge(proof, visits, { over, tried, reach, held: addresses }) };
    },
    ended: (id) => find(id).closed,
  };
}
