import { phrase } from '../../core/phrase.ts';
import { formatRange, type PortRange } from '../../core/range.ts';
import type { Deed } from '../firewall.ts';
import { SERVICE } from './settings.ts';

type Command = Extract<Deed, { kind: 'command' }>;

const NOTHING = ['/usr/bin/true'];
const PROGRAM = '/usr/bin/firewall-cmd';
/** firewalld answers a command when it has carried it out; with long lists of rules that takes a while. */
const TIMEOUT_SECONDS = 60;

/**
 * Asks whether firewalld answers. Undo runs it backwards as the last: by then the permanent settings are back, and what
 * a reload has made of them in these zones goes too.
 */
export function answers(zones: readonly string[]): Command {
  return deed({
    title: phrase`Ask firewalld whether it answers`,
    why: phrase`Its settings are changed through it, so that none of them is lost.`,
    command: [PROGRAM, '--state'],
    undo: perhaps(zones.map((zone) => [`--zone=${zone}`, `--remove-service=${SERVICE}`])),
  });
}

export function newService(): Command {
  return deed({
    title: phrase`Make a service ${SERVICE} for firewalld`,
    why: phrase`A service of its own shows what was opened for passive FTP, and is taken out again without touching anything else.`,
    command: permanent(`--new-service=${SERVICE}`),
    // A run that was cut off may have left no file.
    undo: [
      ...['/usr/bin/find', '/etc/firewalld/services', '-name', `${SERVICE}.xml`],
      ...['-exec', ...permanent(`--delete-service=${SERVICE}`), ';'],
    ],
  });
}

export function addPort(range: PortRange): Command {
  return deed({
    title: phrase`Put ${formatRange(range)} into the service ${SERVICE}`,
    why: phrase`The permanent settings are what firewalld makes its rules of when it starts or reloads.`,
    command: permanent(`--service=${SERVICE}`, `--add-port=${formatRange(range)}/tcp`),
    undo: permanent(`--service=${SERVICE}`, `--remove-port=${formatRange(range)}/tcp`),
  });
}

export function removePort(range: PortRange): Command {
  const { command, undo } = addPort(range);
  return deed({
    title: phrase`Take ${formatRange(range)} out of the service ${SERVICE}`,
    why: phrase`This program put it there, and nothing uses it any more.`,
    command: undo,
    undo: command,
  });
}

export function addService(zone: string): Command {
  return deed({
    title: phrase`Let the service ${SERVICE} into the zone ${zone} of firewalld`,
    why: phrase`From the next start or reload of firewalld on, the zone lets the range in over IPv4 and IPv6. Bans of the zone come first.`,
    command: permanent(`--zone=${zone}`, `--add-service=${SERVICE}`),
    undo: permanent(`--zone=${zone}`, `--remove-service=${SERVICE}`),
  });
}

/** Puts a range into the rules in force. `kept`: it was open there before, so undo lets it be. */
export function openNow(zone: string, range: PortRange, kept = false): Command {
  return deed({
    title: phrase`Let ${formatRange(range)} into the zone ${zone} now`,
    why: phrase`In force at once, without a reload, which would take away the rules of docker, fail2ban and others.`,
    command: [PROGRAM, `--zone=${zone}`, `--add-rich-rule=${richRule(range)}`],
    undo: kept ? NOTHING : [PROGRAM, `--zone=${zone}`, `--remove-rich-rule=${richRule(range)}`],
  });
}

export function closeNow(zone: string, range: PortRange): Command {
  const { command, undo } = openNow(zone, range);
  return deed({
    title: phrase`Close ${formatRange(range)} in the zone ${zone} now`,
    why: phrase`This range was opened here before, and is not used any more.`,
    command: undo,
    undo: command,
  });
}

/** Takes the whole service out of the rules in force, where a start or a reload has put it there. */
export function dropService(zone: string): Command {
  return deed({
    title: phrase`Take the service ${SERVICE} out of the zone ${zone} now`,
    why: phrase`After a start or reload of firewalld the ports that are closed belong to it. Before one it is unknown in the rules in force, and find lets the command fail.`,
    command: perhaps([[`--zone=${zone}`, `--remove-service=${SERVICE}`]]),
    // What was open through it gets a rule back.
    undo: NOTHING,
  });
}

/**
 * A rule and not a port: firewalld joins ports that touch or overlap, and removing a range takes the administrator's
 * part of it along.
 */
function richRule(range: PortRange): string {
  return `rule port port="${formatRange(range)}" protocol="tcp" accept`;
}

function permanent(...words: string[]): string[] {
  return [PROGRAM, '--permanent', ...words];
}

/** Runs the program once with each of the lists; whether it succeeds does not matter, since find ends with 0. */
function perhaps(each: readonly (readonly string[])[]): string[] {
  const runs = each.map((words) => ['-exec', '{}', '--quiet', ...words, ';']);
  return ['/usr/bin/find', PROGRAM, ...runs.flatMap((run, at) => (at === 0 ? run : [',', ...run]))];
}

function deed(parts: Pick<Command, 'title' | 'why' | 'command' | 'undo'>): Command {
  return { kind: 'command', timeoutSeconds: TIMEOUT_SECONDS, ...parts };
}
