import { phrase } from '../../core/phrase.ts';
import type { Plan, Step } from '../../core/plan.ts';

/** What a plan means for whoever uses the server: a question that people have, and the answers. */
export interface Consequence {
  readonly about: string;
  readonly level: 'info' | 'warn' | 'good';
  readonly says: readonly string[];
}

/** What is interrupted, what is proven of the firewall beforehand, and what cannot be put back. */
export function consequencesOf({ steps, notes }: Plan): Consequence[] {
  const breaks = [
    ...restartWords(steps, notes.find(({ id }) => id === 'sessions-open')?.fact),
    ...reloadWords(steps),
  ];
  const kept = steps.filter((step) => changes(step) && !step.undoable);
  return [
    {
      about: phrase`What it interrupts`,
      level: breaks.length === 0 ? 'good' : 'warn',
      says:
        breaks.length === 0 ? [phrase`Nothing: no program is restarted and no connection is cut.`] : breaks,
    },
    ...(isTried(steps)
      ? [
          {
            about: phrase`The firewall before and after`,
            level: 'good' as const,
            says: [
              phrase`Now: it keeps clients out of ports of the range. After these steps: it lets them in, every other port stays as it is, and whoever is banned stays out.`,
              phrase`Both were just seen with real connections on a copy of this firewall.`,
            ],
          },
        ]
      : []),
    {
      about: phrase`What cannot be put back`,
      level: kept.length === 0 ? 'good' : 'warn',
      says:
        kept.length === 0
          ? [
              phrase`Nothing: each file is saved first, and the page of the run has a button that puts everything back, later too. What is cut off in between has to connect again.`,
            ]
          : kept.map(({ id, title }) => phrase`Step ${id.slice(1)}: ${title}.`),
    },
  ];
}

function changes({ kind }: Step): boolean {
  return kind === 'write' || kind === 'run' || kind === 'restart';
}

function restartWords(steps: readonly Step[], sessions: string | undefined): string[] {
  if (!steps.some(restartsFtp)) return [];
  const now = sessions === undefined ? phrase`No FTP session is open now.` : sessions;
  return [
    phrase`The FTP server restarts, which takes some seconds. Listings and transfers that are under way then are cut off, and clients have to log in again. ${now}`,
  ];
}

/** A command that ends with a program of its own being restarted by undo has restarted it itself. */
function restartsFtp(step: Step): boolean {
  if (step.kind === 'restart') return true;
  return step.kind === 'run' && step.reloads !== true && step.undo?.kind === 'command';
}

function reloadWords(steps: readonly Step[]): string[] {
  if (!steps.some((step) => 'reloads' in step)) return [];
  return [
    phrase`The firewall makes all its rules anew. Should that shut you out, everything is put back by itself: it is kept only when a new connection from your address has come through, which this page tries for you.`,
  ];
}

/** A plan that lets the range in exists only when its rules were tried with success; without them nothing was to try. */
function isTried(steps: readonly Step[]): boolean {
  return steps.some((step) => {
    if (step.kind === 'run') return step.undo?.kind === 'firewall' && step.undo.inverse.remove.length > 0;
    return step.kind === 'probe' && step.question.ask === 'reach' && step.question.waitSeconds !== undefined;
  });
}
