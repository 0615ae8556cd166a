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
  label: 'Status',
  does: 'What is right and what is wrong now, with the fact that shows it. Looking changes nothing.',
};
const SETUP = {
  page: 'setup',
  label: 'Set up',
  does: 'Shows the plan for the settings that root has chosen, and runs it at the press of a button.',
};
const OUTSIDE = {
  page: 'outside',
  label: 'From outside',
  does: 'Your browser, or another machine, connects to some of the ports, and the server says which connections arrive.',
};
const HELP = { page: 'help', label: 'Help', does: 'This page.' };

const FOR_ROOT: readonly Place[] = [
  STATUS,
  {
    page: 'plan',
    label: 'Set up',
    does: 'Shows the plan that sets everything right, and runs it at the press of a button.',
  },
  {
    page: 'verify',
    label: 'Verify',
    does: 'Talks to the FTP server as clients do, with listings, uploads and downloads.',
  },
  OUTSIDE,
  {
    page: 'runs',
    label: 'History',
    does: 'Every run, who started it and what came of it, and the way to put it back.',
  },
  {
    page: 'diagnose',
    label: 'Diagnose',
    does: 'Names the cause of a failure from the log of an FTP client.',
  },
  {
    page: 'settings',
    label: 'Settings',
    does: 'The ports, the address, the firewall, the watch, and what resellers may do.',
  },
  HELP,
];

/** Only places that the caller may go to. @param caller left out for root, null for nobody who is let in */
export function placesFor(caller: Caller | null | undefined): readonly Place[] {
  if (caller === undefined || caller?.role === 'root') return FOR_ROOT;
  if (caller === null) return [];
  return may(caller, 'setup') ? [STATUS, SETUP, OUTSIDE, HELP] : [STATUS, OUTSIDE, HELP];
}
