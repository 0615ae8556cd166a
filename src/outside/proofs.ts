import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { judge, type Asked, type Circumstances, type Judgement } from './judgement.ts';
import { lastOf, type LastProof } from './last.ts';
import { openPace } from './pace.ts';
import type { Lookout, ProofParts } from './parts.ts';
import { saidBy, triedOf, type By, type Proof, type Visit } from './proof.ts';
import { BAD_PORTS, samplePorts } from './sample.ts';
import { subjectOf } from './subject.ts';
import { countingOf, keepVisit } from './visits.ts';

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

/** Proofs from outside: one at a time on a server, since each takes ports of the range. */
export interface Proofs {
  /**
   * It is over at once where this server's own firewall blocks whoever would try.
   * @throws Problem `busy` while another is under way, or one of the same person, who is not root, was begun a moment
   * ago; `unsupported` when no port can be tried
   */
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
  /** What the last proof that showed something came to, whoever made it; null when there was none, or none can be read. */
  lastProof(): Promise<LastProof | null>;
  /** Ends what is under way, and lets nothing begin any more. */
  close(): Promise<void>;
}

/** How long a proof waits. Seconds. */
export const PATIENCE: Readonly<Record<By, number>> = { browser: 30, command: 180 };
/** What is compared with the ports arrives with them. Milliseconds. */
const TOGETHER_MS = 500;
/** Proofs that can still be looked at. */
const KEPT = 16;
const NOBODY_LISTENS: Lookout = { ports: [], close: () => Promise.resolve() };

interface Held {
  readonly proof: Proof;
  readonly isRoot: boolean;
  readonly visits: Visit[];
  readonly addresses: readonly string[];
  /** What the firewall said where nothing was tried, so that it is not asked again. */
  readonly asked: Asked | null;
  readonly closed: Promise<void>;
  close(): void;
  over: boolean;
  tried: boolean;
  waited: boolean;
  judgement: Promise<Judgement> | null;
}

export function openProofs(parts: ProofParts): Proofs {
  const all = new Map<string, Held>();
  const pace = openPace(() => parts.now());
  let beginning = false;
  let isLeft = false;

  const find = (id: string): Held => {
    const found = all.get(id);
    if (!found) throw new Problem('not-found', phrase`There is no such test any more; begin a new one.`);
    return found;
  };
  const underWay = (): Held[] => [...all.values()].filter(({ over }) => !over);

  const ask = async ({ range, address }: Proof['subject'], from: string | null): Promise<Asked> => {
    const isSameFamily = from !== null && from.includes(':') === address.includes(':');
    const stranger = parts.reach(range, address, null);
    const visitor = isSameFamily ? parts.reach(range, address, from) : stranger;
    const [ofVisitor, ofStranger] = await Promise.all([visitor, stranger]);
    return { visitor: ofVisitor, stranger: ofStranger };
  };

  async function start(by: By, asker: Asker, free: () => Promise<void>): Promise<Proof> {
    const { user, visitor, name, isRoot } = asker;
    const [{ status, wanted }, addresses, taken, vendor] = await Promise.all([
      parts.status(),
      parts.held(),
      parts.busyPorts(),
      parts.vendor(),
    ]);
    const subject = subjectOf(status, wanted, addresses, name);
    const from = by === 'browser' ? visitor : null;
    const asked = await ask(subject, from);
    const withheld = asked.visitor.blocked;
    const avoided = by === 'browser' ? new Set([...taken, ...BAD_PORTS]) : taken;
    const sample = samplePorts(subject.range, avoided, subject.witness !== null, parts.pick);
    const [ports, witnesses] = [triedOf(sample.ports, withheld), triedOf(sample.witnesses, withheld)];
    const token = parts.token();
    let keep: (visit: Visit) => void = () => undefined;
    const lookout =
      ports.length === 0
        ? NOBODY_LISTENS
        : await parts.listen([...ports, ...witnesses], ({ port, from: caller, bytes }) => {
            const said = saidBy(bytes, token);
            keep({ port, from: caller, said });
            return said === 'token' ? 'arrived' : '';
          });
    const isHad = (port: number): boolean => lookout.ports.includes(port);
    const had = sample.ports.filter((port) => !ports.includes(port) || isHad(port));
    if (had.length === 0) {
      await lookout.close();
      throw new Problem(
        'unsupported',
        phrase`No port of the range is free to be tried; set a larger range, or wait until transfers have ended.`,
      );
    }
    const until = parts.now() + PATIENCE[by] * 1000;
    const proof: Proof = {
      ...{ id: parts.token(), user, visitor: from, by, subject, vendor, token, withheld, until },
      ports: had,
      witnesses: witnesses.filter(isHad),
    };
    let close = (): void => undefined;
    const closing = new Promise<void>((resolve) => (close = resolve));
    const isNothingTried = !had.some(isHad);
    const timeUp = parts.sleep(PATIENCE[by] * 1000).then(() => true);
    const held: Held = {
      ...{ proof, isRoot, visits: [], addresses, close, over: isNothingTried, judgement: null },
      ...{ tried: false, waited: false, asked: isNothingTried ? asked : null },
      closed: Promise.race([closing.then(() => held.waited), timeUp]).then(async (waited) => {
        Object.assign(held, { over: true, waited });
        await lookout.close().finally(free);
      }),
    };
    const { visits } = held;
    keep = (visit) => {
      if (!keepVisit(visits, visit, proof, addresses)) return;
      const now = judge(proof, visits, underWayWith(addresses));
      const haveCome = (results: Judgement['ports']): boolean =>
        results.every(({ result }) => result !== 'waiting');
      if (!haveCome(now.ports)) return;
      if (haveCome(now.witnesses)) close();
      else void parts.sleep(TOGETHER_MS).then(close);
    };
    all.set(proof.id, held);
    for (const id of all.keys()) if (all.size > KEPT) all.delete(id);
    if (isNothingTried || isLeft) close();
    // The firewall is asked while the person waits; a failure is met again by whoever looks.
    void held.closed.then(() => (isLeft ? undefined : judgementOf(held))).catch(() => undefined);
    return proof;
  }

  async function conclude(concluded: Held): Promise<Judgement> {
    const { proof, isRoot, visits, addresses, tried, waited, asked } = concluded;
    const from = countingOf(visits, proof, addresses)[0]?.from ?? proof.visitor;
    const reach = asked ?? (await ask(proof.subject, from));
    const judgement = judge(proof, visits, { over: true, tried, waited, reach, held: addresses });
    // What shows nothing does not take the place of what did; that a reseller has tried is only their word.
    const isShown = judgement.verdict !== 'nothing' && (isRoot || visits.length > 0 || asked !== null);
    // A full disk takes nothing from the answer.
    if (isShown) await parts.keepLast(lastOf(proof, judgement, parts.now())).catch(() => undefined);
    return judgement;
  }

  const judgementOf = (held: Held): Promise<Judgement> =>
    (held.judgement ??= conclude(held).catch((error: unknown) => {
      held.judgement = null;
      throw error;
    }));

  return {
    async begin(by, asker) {
      const going = underWay();
      const others = asker.isRoot ? undefined : going.find(({ proof }) => proof.user !== asker.user);
      if (beginning || others) {
        const seconds = Math.max(1, Math.ceil(((others?.proof.until ?? 0) - parts.now()) / 1000));
        const when = others ? phrase`in ${seconds} seconds at the latest` : phrase`in a moment`;
        throw new Problem('busy', phrase`Another test from outside is under way; begin yours ${when}.`);
      }
      beginning = true;
      try {
        for (const { close } of going) close();
        // One that is over may not have freed its ports yet.
        await Promise.all([...all.values()].map(({ closed }) => closed));
        const free = await parts.lock();
        try {
          if (!asker.isRoot) pace(asker.user);
          return await start(by, asker, free);
        } catch (error) {
          await free();
          throw error;
        }
      } finally {
        beginning = false;
      }
    },
    async end(id, tried) {
      const held = find(id);
      // A page ends it when each of its tries has met its end, a person when they like.
      if (!held.over) Object.assign(held, { tried, waited: held.proof.by === 'browser' });
      held.close();
      await held.closed;
    },
    async look(id) {
      const held = find(id);
      const { proof, visits, addresses, over } = held;
      const judgement = over ? await judgementOf(held) : judge(proof, visits, underWayWith(addresses));
      return { proof, over, judgement };
    },
    ended: (id) => find(id).closed,
    lastProof: () => parts.lastProof().catch(() => null),
    async close() {
      isLeft = true;
      for (const { close } of all.values()) close();
      await Promise.all([...all.values()].map(({ closed }) => closed));
    },
  };
}

function underWayWith(held: readonly string[]): Circumstances {
  return { over: false, tried: false, waited: false, reach: null, held };
}
