import { toProblem } from '../core/problem.ts';
import type { PortRange } from '../core/range.ts';
import { unknownReach, type Family, type Reaches } from '../core/reach.ts';
import type { TwinPorts } from './copying.ts';
import type { Clock, Link } from './ports.ts';
import type { Reading, RulesNow } from './rules.ts';
import { openAskedTwin } from './twin.ts';

export interface TwinQuestion {
  readonly range: PortRange;
  readonly families: readonly Family[];
}

/** Questions about rules on a server with these interfaces; all of it may still be being found out. */
export interface Inquiry {
  readonly reading: Reading;
  readonly links: Promise<readonly Link[]>;
  readonly questions: Promise<readonly TwinQuestion[]>;
}

/** One answer for each question, in order. @throws what an inquiry could not find out */
export type AskRules = (inquiry: Inquiry) => Promise<readonly Reaches[]>;

/** Asks a twin; when none can be made, says why instead of guessing. */
export function askTwins(ports: Omit<TwinPorts, 'links'>): AskRules {
  return async ({ reading, links, questions }) => {
    try {
      const twin = await openAskedTwin({ ...ports, links: () => links }, reading);
      try {
        const answers: Reaches[] = [];
        for (const { range, families } of await questions) answers.push(await twin.ask(range, families));
        return answers;
      } finally {
        await twin.close();
      }
    } catch (error) {
      const why = await whyUnknown(reading, error);
      return (await questions).map(() => bothUnknown(why));
    }
  };
}

/** Why nothing could be asked: that the rules cannot be told comes before whatever else has failed meanwhile. */
export async function whyUnknown({ rules }: Reading, error: unknown): Promise<string> {
  const known = await rules.catch(() => null);
  return known?.trouble ?? toProblem(error).message;
}

export function bothUnknown(reason: string): Reaches {
  return { ipv4: unknownReach(reason), ipv6: unknownReach(reason) };
}

/** A text that is kept from one process to the next, and may be lost at any time. */
export interface Note {
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
}

/** One that ends with the process. */
export function noteInMind(): Note {
  let kept: string | null = null;
  return {
    read: () => Promise.resolve(kept),
    write(text) {
      kept = text;
      return Promise.resolve();
    },
  };
}

/** Lets somebody who asks give earlier answers about the same rules. */
export type Remember = (ask: AskRules) => AskRules;

export interface AnswerParts {
  readonly note: Note;
  readonly clock: Pick<Clock, 'now'>;
  readonly hash: (text: string) => string;
}

interface Kept {
  readonly key: string;
  /** Wall time of the answer, milliseconds. */
  readonly asked: number;
  readonly answers: readonly Reaches[];
}

/** The longest, milliseconds: a kernel can be told by other ways than rules what it lets in. */
const KEEP_MS = 60 * 60 * 1000;
/** What nothing is known to have stopped may have been lost on a busy machine. */
const KEEP_UNSURE_MS = 60 * 1000;
/** The live rules and those of the boot files, for the range in force and another that somebody tries. */
const MOST_KEPT = 4;

/**
 * Remembers what twins have answered for as long as nothing that they are made from has changed: the same rules on the
 * same interfaces answer the same. Who asks at the same moment shares one twin.
 */
export function rememberAnswers({ note, clock, hash }: AnswerParts): Remember {
  const underWay = new Map<string, Promise<readonly Reaches[]>>();
  let keeping = Promise.resolve();

  async function kept(): Promise<readonly Kept[]> {
    try {
      const all = JSON.parse((await note.read()) ?? '[]') as readonly Kept[];
      return all.filter(({ asked, answers }) => {
        const age = clock.now() - asked;
        return age >= 0 && age < (answers.some(isUnsure) ? KEEP_UNSURE_MS : KEEP_MS);
      });
    } catch {
      return [];
    }
  }

  async function keep(fresh: Kept): Promise<void> {
    const others = (await kept()).filter(({ key }) => key !== fresh.key);
    await note.write(JSON.stringify([fresh, ...others].slice(0, MOST_KEPT)));
  }

  async function keepAnswers(
    rules: RulesNow,
    kept: Omit<Kept, 'answers'>,
    asked: ReturnType<AskRules>,
  ): ReturnType<AskRules> {
    const answers = await asked;
    if (answers.every(isTold) && isAllInText(rules)) {
      // One after the other: each would put the other's answer away.
      keeping = keeping.then(() => keep({ ...kept, answers }));
      await keeping;
    }
    return answers;
  }

  const keyOf = ({ ruleset, trouble }: RulesNow, ...rest: readonly unknown[]): string =>
    hash(
      JSON.stringify([
        trouble,
        ruleset.nft,
        ruleset.saved.map(({ family, tool, text }) => [family, tool, lasting(text)]),
        lasting(ruleset.ipsets),
        ...rest,
      ]),
    );

  /** @returns what gives the answers, once it is known to whom else they can be given */
  async function begin(
    ask: AskRules,
    inquiry: Inquiry,
    isAlone: boolean,
  ): Promise<() => ReturnType<AskRules>> {
    const asked = clock.now();
    // Where nothing is remembered, a twin is made while the rules are read.
    const early = isAlone && (await kept()).length === 0 ? ask(inquiry) : null;
    early?.catch(() => undefined);
    const { reading, links, questions } = inquiry;
    const [rules, ...rest] = await Promise.all([reading.rules, links, questions]);
    const key = keyOf(rules, ...rest);
    const known = (await kept()).find((each) => each.key === key);
    if (known !== undefined)
      return () => Promise.resolve(known.answers.map((each) => since(each, known.asked)));
    const shared = underWay.get(key) ?? keepAnswers(rules, { key, asked }, early ?? ask(inquiry));
    underWay.set(key, shared);
    return () => shared.finally(() => underWay.delete(key));
  }

  let beginning: Promise<unknown> | null = null;
  return (ask) => async (inquiry) => {
    const isAlone = beginning === null && underWay.size === 0;
    if (!isAlone) await beginning;
    const begun = begin(ask, inquiry, isAlone);
    if (isAlone) beginning = begun.catch(() => undefined).finally(() => (beginning = null));
    const answers = await begun;
    return answers();
  };
}

/** A kernel without IPv6 tells nothing of it and stays so. */
function isTold(answer: Reaches): boolean {
  return Object.values(answer).some(({ method }) => method === 'twin');
}

function isUnsure(answer: Reaches): boolean {
  return Object.values(answer).some(({ blocked }) => blocked.some(({ decision }) => decision === null));
}

/** Whether nothing but these texts decides: no other file, no clock, no list that is kept elsewhere. */
function isAllInText({ ruleset: { nft, saved } }: RulesNow): boolean {
  const elsewhere = /^\s*include\b|\bmeta (?:hour|day|time)\b|-m (?:time|geoip|condition|bpf)\b/m;
  return ![nft, ...saved.map(({ text }) => text)].some((text) => elsewhere.test(text));
}

function since(answer: Reaches, asked: number): Reaches {
  const entries = Object.entries(answer).map(([family, reach]) => [family, { ...reach, asked }]);
  return Object.fromEntries(entries) as Reaches;
}

/** What of saved rules stays as it is while packets come in and time goes by. */
function lasting(text: string): string {
  return text
    .replace(/^#.*\n/gm, '')
    .replace(/^(:.*)\[\d+:\d+\]$/gm, '$1')
    .replace(/^(add .*?)((?: (?:timeout|packets|bytes) \d+)+)(.*)$/gm, '$1$3');
}
