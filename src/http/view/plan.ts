import type { Plan, Step } from '../../core/plan.ts';
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
  readonly undoable: boolean;
}

export function planView(plan: Plan, script: string): Record<string, unknown> {
  return {
    id: plan.id,
    empty: plan.empty,
    steps: plan.steps.map(planStepView),
    notes: findingRows(plan.notes),
    script,
  };
}

const KIND_WORDS: Readonly<Record<Step['kind'], string>> = {
  write: 'writes a file',
  run: 'runs a command',
  restart: 'restarts',
  check: 'checks',
  probe: 'tries it',
};

export function planStepView(step: Step): PlanStepView {
  const runs = step.kind === 'run' || step.kind === 'restart';
  const changes = runs || step.kind === 'write';
  return {
    id: step.id,
    title: step.title,
    why: step.why,
    kind: KIND_WORDS[step.kind],
    path: step.kind === 'write' ? step.path : '',
    command: runs ? commandLine(step.command) : '',
    stdin: runs ? (step.stdin ?? '') : '',
    diff: step.kind === 'write' ? diffLines(step.diff) : [],
    // A step that changes nothing needs no undoing, and saying so would only frighten.
    undoable: step.undoable || !changes,
  };
}

export function diffLines(diff: string): DiffLine[] {
  const lines = diff.replace(/\n$/, '').split('\n');
  return diff === '' ? [] : lines.map((text) => ({ change: changeOf(text), text }));
}

function changeOf(line: string): DiffLine['change'] {
  if (/^(?:---|\+\+\+|@@)/.test(line)) return 'place';
  if (line.startsWith('+')) return 'added';
  return line.startsWith('-') ? 'removed' : 'same';
}
