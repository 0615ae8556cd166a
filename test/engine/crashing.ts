import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ABSENT, AS_WRITTEN } from '../../src/core/file.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { applyPlan } from '../../src/engine/apply.ts';
import { parseJournal, type Ending, type Entry, type RunLog } from '../../src/engine/journal.ts';
import type { Files, RunCommand } from '../../src/engine/ports.ts';
import type { EnginePorts } from '../../src/engine/survey.ts';
import { files } from '../../src/system/files.ts';
import { settings, startServer } from './server.ts';

/** The machine stopped: whatever is done after it is never done. */
export class Crash extends Error {}

/** Counts what is done to the machine, and stops it at one of these moments. */
export interface Machine {
  /** Null: it never stops. */
  readonly stopAt: number | null;
  moments: number;
  /** The moments right before and right after each line of the journal. */
  readonly boundaries: number[];
  stopped: boolean;
  /** Does something between two moments; what is torn when the machine stops in between is up to `torn`. */
  moment<T>(what: () => T, torn?: () => void): T;
}

export function openMachine(stopAt: number | null): Machine {
  const machine: Machine = {
    stopAt,
    moments: 0,
    boundaries: [],
    stopped: false,
    moment(what, torn) {
      pass(torn);
      const done = what();
      pass();
      return done;
    },
  };
  function pass(torn?: () => void): void {
    machine.moments += 1;
    if (machine.moments === stopAt) {
      machine.stopped = true;
      torn?.();
    }
    if (machine.stopped) throw new Crash();
  }
  return machine;
}

/** Null when the machine stopped before it was done. What the engine made of that, nobody will ever know. */
export async function unlessStopped<T>(machine: Machine, work: Promise<T>): Promise<T | null> {
  const done = await work.catch((error: unknown) => {
    if (!machine.stopped) throw error;
    return null;
  });
  return machine.stopped ? null : done;
}

/** Null when the machine stopped in it. What no line of the journal names is lost then. */
export async function apply(on: Stage, machine: Machine): Promise<Ending | null> {
  const cancel = new AbortController().signal;
  const applying = applyPlan(on.ports(machine), on.plan, settings(), on.log(machine), cancel);
  const ending = await unlessStopped(machine, applying);
  if (ending === null) on.loseUnnamed();
  return ending;
}

const PATHS = ['a', 'b', 'c'] as const;
type Name = (typeof PATHS)[number];

/** What a program does to the files that it may touch, and how it ends. */
interface Doing {
  readonly texts: Readonly<Partial<Record<Name, string | null>>>;
  readonly code: number;
}

export type Draft =
  | { readonly write: Name; readonly text: string | null }
  | { readonly run: Doing; readonly restarts: boolean };

export interface FirstFile {
  readonly text: string;
  readonly mode: number;
  readonly seconds: number;
}

export interface World {
  readonly first: Readonly<Record<Name, FirstFile | null>>;
  /** Whether files have a stamp, so that copies made ahead of their steps count. */
  readonly stamped: boolean;
  readonly drafts: readonly Draft[];
}

const text = fc.oneof(fc.constantFrom('', 'one\n', 'two\n', 'é\r\n'), fc.string({ maxLength: 20 }));
const touched = fc.record(
  { a: fc.option(text), b: fc.option(text), c: fc.option(text) },
  { requiredKeys: [] },
);
const file = fc.record({
  text,
  mode: fc.constantFrom(0o600, 0o640, 0o644),
  seconds: fc.integer({ min: 1_000_000, max: 1_700_000_000 }).map((seconds) => seconds + 0.25),
});
const draft: fc.Arbitrary<Draft> = fc.oneof(
  fc.record({ write: fc.constantFrom(...PATHS), text: fc.option(text) }),
  fc.record({
    run: fc.record({ texts: touched, code: fc.constantFrom(0, 0, 0, 1) }),
    restarts: fc.boolean(),
  }),
);
export const worlds: fc.Arbitrary<World> = fc.record({
  first: fc.record({ a: fc.option(file), b: fc.option(file), c: fc.option(file) }),
  stamped: fc.boolean(),
  drafts: fc.array(draft, { minLength: 1, maxLength: 5 }),
});

/** A world on real files, in a directory of its own. */
export interface Stage {
  readonly plan: Plan;
  /** All files but the copies: bytes, mode, time. */
  snapshot(): Readonly<Record<string, string>>;
  /** What the files hold; null for one that is not there. */
  texts(): Readonly<Record<string, string | null>>;
  ports(machine: Machine): EnginePorts;
  /** A log that lives on this stage: what was in it when a machine stopped is still there. */
  log(machine: Machine): RunLog;
  /** The journal as a next start finds it. */
  journal(): string;
  /** The copies that no line of the journal names are gone: a crash may have torn them. */
  loseUnnamed(): void;
  /** How often the daemon was restarted on undo. */
  restarts(): number;
  clear(): void;
}

const ROOM = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export async function stage({ first, stamped, drafts }: World): Promise<Stage> {
  const folder = mkdtempSync(join(ROOM, 'crash-'));
  const pathOf = (name: string): string => join(folder, name);
  const copies = pathOf('originals');
  for (const name of PATHS) {
    const given = first[name];
    if (given === null) continue;
    writeFileSync(pathOf(name), given.text, { mode: given.mode });
    utimesSync(pathOf(name), given.seconds, given.seconds);
  }
  let journal = '';
  let restarted = 0;
  const steps = await stepsOf(drafts, pathOf);

  const ports = (machine: Machine): EnginePorts => {
    const run: RunCommand = (argv) => {
      const doing = JSON.parse(argv[1] ?? '{}') as Doing | 'restart';
      if (doing === 'restart') machine.moment(() => (restarted += 1));
      else {
        for (const [name, each] of Object.entries(doing.texts)) {
          machine.moment(() =>
            each === null ? rmSync(pathOf(name), { force: true }) : writeFileSync(pathOf(name), each),
          );
        }
      }
      const code = doing === 'restart' ? 0 : doing.code;
      return Promise.resolve({
        argv,
        code,
        signal: null,
        stdout: '',
        stderr: '',
        missing: false,
        timedOut: false,
        ms: 1,
      });
    };
    const mortal: Files = {
      ...files,
      read: (path) => machine.moment(() => files.read(path)),
      stamp: (path) =>
        Promise.resolve(stamped && existsSync(path) ? `${lstatSync(path).ino} ${likeness(path)}` : null),
      // A copy that is made ahead of its step is made at no certain moment.
      save: (path, copy) =>
        copy.startsWith(join(copies, 'ahead-'))
          ? files.save(path, copy)
          : stopAround(machine, () => files.save(path, copy)),
      replace: (path, expects, after) => stopAround(machine, () => files.replace(path, expects, after)),
      restore: (path, copy) => stopAround(machine, () => files.restore(path, copy)),
    };
    return { ...startServer().ports, run, files: mortal };
  };
  const log = (machine: Machine): RunLog => ({
    journal(entry: Entry) {
      // A torn line does not swallow the next one: the shelf sees to that.
      const line = `${journal === '' || journal.endsWith('\n') ? '' : '\n'}${JSON.stringify(entry)}\n`;
      machine.boundaries.push(machine.moments + 1, machine.moments + 2);
      machine.moment(
        () => (journal += line),
        () => (journal += line.slice(0, line.length / 2)),
      );
      return Promise.resolve();
    },
    copyPath: (step, index) => join(copies, `${step}-${index}`),
    output: () => undefined,
    say: () => undefined,
    step: () => undefined,
  });
  return {
    plan: { id: createHash('sha256').update(folder).digest('hex'), empty: false, steps, notes: [] },
    snapshot() {
      const names = readdirSync(folder).filter((name) => name !== 'originals');
      return Object.fromEntries(names.sort().map((name) => [name, likeness(pathOf(name))]));
    },
    texts: () =>
      Object.fromEntries(
        PATHS.map((name) => [name, existsSync(pathOf(name)) ? readFileSync(pathOf(name), 'utf8') : null]),
      ),
    ports,
    log,
    journal: () => journal,
    loseUnnamed() {
      const named = parseJournal(journal).flatMap((entry) =>
        entry.at === 'step' && entry.state === 'running' ? entry.saved.map(({ copy }) => copy) : [],
      );
      if (!existsSync(copies)) return;
      for (const name of readdirSync(copies)) {
        const copy = join(copies, name);
        if (!named.includes(copy)) rmSync(copy);
      }
    },
    restarts: () => restarted,
    clear: () => rmSync(folder, { recursive: true }),
  };
}

/** The machine may stop before it, or when it is done and nobody has been told. */
async function stopAround<T>(machine: Machine, what: () => Promise<T>): Promise<T> {
  machine.moment(() => undefined);
  const done = await what();
  machine.moment(() => undefined);
  return done;
}

function likeness(path: string): string {
  const { mode, mtimeMs } = lstatSync(path);
  return `${(mode & 0o7777).toString(8)} ${mtimeMs} ${JSON.stringify(readFileSync(path, 'latin1'))}`;
}

async function stepsOf(drafts: readonly Draft[], pathOf: (name: string) => string): Promise<Step[]> {
  const base = { title: 'T', why: 'W', undoable: true };
  const before = new Set<string>();
  const steps: Step[] = [];
  for (const [index, each] of drafts.entries()) {
    const id = `s${index + 1}`;
    if ('write' in each) {
      const path = pathOf(each.write);
      const expects = before.has(path) ? AS_WRITTEN : ((await files.read(path))?.tag ?? ABSENT);
      steps.push({ ...base, id, kind: 'write', path, expects, before: null, after: each.text, diff: '' });
      before.add(path);
    } else {
      const touches = Object.keys(each.run.texts).map(pathOf);
      const undo = { kind: 'command', command: ['/restart', '"restart"'], timeoutSeconds: 1 } as const;
      const command = ['/program', JSON.stringify(each.run)];
      steps.push({
        ...base,
        id,
        kind: 'run',
        command,
        timeoutSeconds: 1,
        touches,
        ...(each.restarts && { undo }),
      });
      for (const path of touches) before.add(path);
    }
  }
  return steps;
}
