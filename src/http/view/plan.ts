import { phrase } from '../../core/phrase.ts';
import type { Plan, Step } from '../../core/plan.ts';
import { consequencesOf } from './consequences.ts';
import { splitRows, type SplitRow } from './split.ts';
import { findingRows } from './status.ts';
import { commandLine } from './words.ts';

/** One line of a diff. `change` is a style sheet class; the sign in the text says the same. */
interface DiffLine {
  readonly change: 'added' | 'removed' | 'place' | 'same';
  readonly text: string;
}

/** One step as the preview shows it. Empty texts are not shown. */
export interface PlanStepView {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly kind: string;
  readonly path: string;
  readonly command: string;
  readonly stdin: string;
  readonly diff: readonly DiffLine[];
  readonly split: readonly SplitRow[];
  readonly undoable: boolean;
}

export function planView(plan: Plan, script: string): Record<string, unknown> {
  return {
    id: plan.id,
    empty: plan.empty,
    sum: sumOf(plan.steps),
    consequences: consequencesOf(plan),
    steps: plan.steps.map(planStepView),
    notes: findingRows(plan.notes, () => ''),
    script,
  };
}

/** What the steps come to, like `11 steps: 4 change files, 2 run commands, 5 prove the result.` */
function sumOf(steps: readonly Step[]): string {
  const count = (...kinds: Step['kind'][]): number => steps.filter(({ kind }) => kinds.includes(kind)).length;
  const parts = [
    [count('write'), phrase`changes a file`, phrase`change files`],
    [count('run', 'restart'), phrase`runs a command`, phrase`run commands`],
    [count('check', 'probe'), phrase`proves the result`, phrase`prove the result`],
  ] as const;
  const said = parts.flatMap(([many, one, more]) =>
    many === 0 ? [] : [`${many} ${many === 1 ? one : more}`],
  );
  return `${steps.length} ${steps.length === 1 ? phrase`step` : phrase`steps`}: ${said.join(', ')}.`;
}

const KIND_WORDS: Readonly<Record<Step['kind'], string>> = {
  write: phrase`changes a file`,
  run: phrase`runs a command`,
  restart: phrase`restarts`,
  check: phrase`checks`,
  probe: phrase`tries it`,
};

export function planStepView(step: Step): PlanStepView {
  const runs = step.kind === 'run' || step.kind === 'restart';
  const changes = runs || step.kind === 'write';
  return {
    id: step.id,
    title: step.title,
    why: step.why,
    kind: step.kind === 'write' && step.after === null ? phrase`removes a file` : KIND_WORDS[step.kind],
    path: step.kind === 'write' ? step.path : '',
    command: runs ? commandLine(step.command) : '',
    stdin: runs ? (step.stdin ?? '') : '',
    diff: step.kind === 'write' ? diffLines(step.diff) : [],
    split: step.kind === 'write' ? splitRows(step.diff) : [],
    // A step that changes nothing needs no undoing, and saying so would only frighten.
    undoable: step.undoable || !changes,
  };
}

/** The changes of a unified diff. Its two lines that name the file are left out: the page has named it. */
export function diffLines(diff: string): DiffLine[] {
  const lines = diff.replace(/\n$/, '').split('\n');
  const first = lines.findIndex((line) => line.startsWith('@@'));
  return first === -1 ? [] : lines.slice(first).map((text) => ({ change: changeOf(text), text }));
}

/** What a line of a unified diff does. */
export function changeOf(line: string): DiffLine['change'] {
  if (line.startsWith('@@')) return 'place';
  if (line.startsWith('+')) return 'added';
  return line.startsWith('-') ? 'removed' : 'same';
}
