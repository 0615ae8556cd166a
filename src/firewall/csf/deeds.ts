import { phrase } from '../../core/phrase.ts';
import type { PortRange } from '../../core/range.ts';
import type { Deed } from '../firewall.ts';
import type { Allowance } from './allowance.ts';
import { isOn, readConf, tokenOf } from './conf.ts';
import { CONF, FAILED } from './files.ts';
import { MEMORY, writeMemory } from './memory.ts';

const CSF = '/usr/sbin/csf';
const BACKUPS = '/var/lib/csf/backup';
const BACKUP = 'ftp_passive_pre';
const NOTHING = ['/usr/bin/true'];
/** What CSF ends with while another start of it holds the lock. */
const BUSY = 11;

/** CSF's own copy of its settings. */
export function backUp(): Deed[] {
  return [
    {
      kind: 'command',
      command: [CSF, '--profile', 'backup', BACKUP],
      undo: NOTHING,
      title: phrase`Keep a copy of csf.conf in CSF’s own way`,
      why: phrase`csf --profile list names it, and csf --profile restore puts it back by hand. Undo lets it stay.`,
      timeoutSeconds: 60,
    },
    {
      kind: 'command',
      command: [
        ...['/usr/bin/find', BACKUPS, '-maxdepth', '1', '-type', 'f', '-name', `*_${BACKUP}`],
        ...['-exec', '/usr/bin/chmod', '0600', '{}', '+'],
      ],
      undo: NOTHING,
      title: phrase`Make that copy readable for root only, as csf.conf is`,
      why: phrase`CSF makes its copies readable for everyone, and csf.conf may hold passwords.`,
      timeoutSeconds: 60,
    },
  ];
}

/** Writes the conf, and beside it what of it is ours. */
export function change(to: Allowance, title: string, why: string): Deed[] {
  return [
    { kind: 'write', path: CONF, after: to.conf, title, why },
    {
      kind: 'write',
      path: MEMORY,
      after: writeMemory(to.added),
      title: phrase`Write down what in csf.conf is ours`,
      why: phrase`CSF knows no marks or comments in its lists. Only what stands in this file is ever taken out again.`,
    },
  ];
}

export function additionWords(range: PortRange): [title: string, why: string] {
  return [
    phrase`Let ${tokenOf(range)} in, in csf.conf`,
    phrase`TCP_IN and TCP6_IN list what CSF lets in over IPv4 and IPv6. CSF asks its bans first, so they stay bans. Every other byte of the file is kept.`,
  ];
}

export function removalWords(ranges: readonly PortRange[]): [title: string, why: string] {
  return [
    phrase`Take ${ranges.map(tokenOf).join(phrase` and `)} out of csf.conf`,
    phrase`This program put it there, and nothing uses it any more. Every other byte of the file is kept.`,
  ];
}

/** Makes CSF load its settings, at once even where it would leave that to lfd. */
export function restart(conf: string): Deed {
  const command = [CSF, isOn(readConf(conf), 'LFDSTART') ? '-sf' : '-r'];
  const lfd =
    command[1] === '-sf'
      ? phrase` LFDSTART = "1" would leave it to lfd, some seconds later; -sf does it now.`
      : '';
  return {
    kind: 'command',
    command,
    // With csf.error put back to what it was, which is gone, CSF takes commands again.
    touches: [FAILED],
    undo: command,
    title: phrase`Make CSF load its settings`,
    why: phrase`CSF makes all of its rules anew. Meanwhile, for about a second, this server lets everything in. Rules that docker or fail2ban have put in beside CSF are lost until those are restarted.${lfd}`,
    timeoutSeconds: 300,
    busyCode: BUSY,
  };
}
