import { phrase } from '../core/phrase.ts';
import type { Caller } from './caller.ts';
import { may } from './permission.ts';

/** A page of the navigation, and what it is for. */
export interface Place {
  readonly page: string;
  readonly label: string;
  readonly does: string;
}

const STATUS = {
  page: 'status',
  label: phrase`Status`,
  does: phrase`What is right and what is wrong now, with the fact that shows it. Looking changes nothing.`,
};
const SETUP = {
  page: 'setup',
  label: phrase`Set up`,
  does: phrase`Shows the plan for the settings that root has chosen, and runs it at the press of a button.`,
};
const OUTSIDE = {
  page: 'outside',
  label: phrase`From outside`,
  does: phrase`Your browser, or another machine, connects to some of the ports, and the server says which connections arrive.`,
};
const HELP = { page: 'help', label: phrase`Help`, does: phrase`This page.` };

const FOR_ROOT: readonly Place[] = [
  STATUS,
  {
    page: 'plan',
    label: phrase`Set up`,
    does: phrase`Shows the plan that sets everything right, and runs it at the press of a button.`,
  },
  {
    page: 'verify',
    label: phrase`Verify`,
    does: phrase`Talks to the FTP server as clients do, with listings, uploads and downloads.`,
  },
  OUTSIDE,
  {
    page: 'runs',
    label: phrase`History`,
    does: phrase`Every run, who started it and what came of it, and the way to put it back.`,
  },
  {
    page: 'diagnose',
    label: phrase`Diagnose`,
    does: phrase`Names the cause of a failure from the log of an FTP client.`,
  },
  {
    page: 'settings',
    label: phrase`Settings`,
    does: phrase`The ports, the address, the firewall, the watch, and what resellers may do.`,
  },
  HELP,
];

/** Only places that the caller may go to. @param caller left out for root, null for nobody who is let in */
export function placesFor(caller: Caller | null | undefined): readonly Place[] {
  if (caller === undefined || caller?.role === 'root') return FOR_ROOT;
  if (caller === null) return [];
  return may(caller, 'setup') ? [STATUS, SETUP, OUTSIDE, HELP] : [STATUS, OUTSIDE, HELP];
}
