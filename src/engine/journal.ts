import type { FileTag } from '../core/file.ts';
import type { Plan } from '../core/plan.ts';
import type { SettingsInput } from '../core/settings.ts';

/** A file before a step touched it: where its copy is, null when there was no file. */
export interface Saved {
  readonly path: string;
  readonly copy: string | null;
}

/** How a run ended. `changed`: whether anything differs now from before it. */
export interface Ending {
  readonly state: 'done' | 'undone' | 'failed';
  readonly changed: boolean;
  /** What could not be proven from here, in words; left out when all was. */
  readonly unproven?: readonly string[];
  readonly problem?: { readonly code: string; readonly message: string; readonly detail?: string };
}

/** Who asked, and from where. `via`: the command line or the page in WHM. */
export interface Who {
  readonly user: string;
  readonly address: string;
  readonly via: 'cli' | 'whm';
}

/**
 * One line of a run's journal. `running` is on disk before the step does anything, with all it may change saved;
 * `done` tells the tags that the files had after it. A journal without `end` is a run that was cut off.
 */
export type Entry =
  | {
      readonly at: 'begin';
      readonly verb: 'apply' | 'undo';
      readonly undoes?: string;
      readonly who: Who;
      readonly started: string;
      readonly settings: SettingsInput;
      readonly plan: Plan;
    }
  | {
      readonly at: 'step';
      readonly step: string;
      readonly state: 'running';
      readonly saved: readonly Saved[];
    }
  | {
      readonly at: 'step';
      readonly step: string;
      readonly state: 'done';
      readonly tags: Readonly<Record<string, FileTag>>;
    }
  | {
      readonly at: 'step';
      readonly step: string;
      readonly state: 'failed' | 'undone' | 'left';
      readonly message: string;
    }
  | ({ readonly at: 'end'; readonly ended: string } & Ending)
  | { readonly at: 'undone'; readonly by: string }
  /** A switch outside this process puts the run back unless it is confirmed. `when`: ISO 8601. */
  | { readonly at: 'armed'; readonly when: string; readonly seconds: number }
  | { readonly at: 'confirmed'; readonly who: Who }
  /** The first asks to stop after the step at work, the second to end that step too. */
  | { readonly at: 'cancel'; readonly who: Who };

/** Where a run writes what it does. `journal` is on disk when it resolves. */
export interface RunLog {
  journal(entry: Entry): Promise<void>;
  /** Where to keep the copy of a file that a step is about to change. */
  copyPath(step: string, index: number): string;
  output(bytes: Uint8Array): void;
  say(line: string): void;
  step(step: string, state: 'running' | 'done' | 'failed' | 'undone' | 'left', text: string): void;
}

/** Reads a journal; a torn last line is what a power cut leaves, and is passed over. */
export function parseJournal(text: string): Entry[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Entry];
      } catch {
        return [];
      }
    });
}
