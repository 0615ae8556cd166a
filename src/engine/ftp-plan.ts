import { AS_WRITTEN, type FileFacts } from '../core/file.ts';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { Settings } from '../core/settings.ts';
import type { FtpChange, FtpReading, FtpServer } from '../ftp/server.ts';
import { HOW_TO_SWITCH_ON, otherOnPort, whyDisabled } from './server-findings.ts';
import { CPANEL_CONFIG, isMonitored, MONITORED, switchedOffBy } from './situation.ts';
import { checkStep, renderStep, validateStep, writeStep, type Draft } from './steps.ts';
import type { EnginePorts, Survey } from './survey.ts';
import { wishOf } from './wish.ts';

/**
 * The steps that make the FTP server's settings right; none when they are.
 * @throws Problem when a person has to decide or repair something first
 */
export async function ftpDrafts(ports: EnginePorts, found: Survey, settings: Settings): Promise<Draft[]> {
  const { server, reading } = chosen(found);
  const change = server.change(found.files, reading, wishOf(found, settings));
  if (change === null) return [];
  const [script = ''] = change.render.command;
  if (!(await ports.files.isExecutable(script))) {
    throw new Problem(
      'not-found',
      phrase`${script} is missing or cannot be run; without it cPanel does not take new FTP settings. Repair cPanel (upcp --force), then try again.`,
    );
  }
  return [
    ...change.writes.map((write) => writeStep(found.files, write)),
    ...(change.validate === undefined ? [] : [validateStep(change.validate, server.title)]),
    ...renderDrafts(found.files, change),
    checkStep(
      'check',
      phrase`The FTP server runs with the new settings`,
      phrase`cPanel reports success even when the restart failed.`,
      { ask: 'rendered', setAside: found.setAside },
    ),
  ];
}

/** cPanel's command would switch FTP on where it is off, and stop one server for another: neither is done here. */
function chosen(found: Survey): { server: FtpServer; reading: FtpReading } {
  const { server, reading } = found;
  if (!found.cpanel) {
    throw new Problem(
      'unsupported',
      phrase`This is not a cPanel server (no /var/cpanel/cpanel.config); only the firewall can be set up here: use --only firewall.`,
    );
  }
  if (server === null || reading === null) throw switchedOff(whyDisabled(found));
  const flag = reading.running ? null : switchedOffBy(found.files, server.name);
  if (flag !== null) throw switchedOff(phrase`${flag} exists`);
  const other = otherOnPort(found, reading);
  const rival = found.neighbours.find((each) => other?.program.startsWith(each.server.process) === true);
  if (rival !== undefined) {
    throw new Problem(
      'unsupported',
      phrase`cPanel is set to ${server.title}, but ${rival.server.title} has port ${reading.controlPort}: choose one of them in WHM, FTP Server Selection, then try again.`,
    );
  }
  return { server, reading };
}

function switchedOff(why: string): Problem {
  return new Problem('unsupported', phrase`FTP is switched off on this server (${why}): ${HOW_TO_SWITCH_ON}`);
}

/** cPanel's command switches its watch over the FTP server on; where it was off it is put back. */
function renderDrafts(files: FileFacts, change: FtpChange): Draft[] {
  const file = files.get(MONITORED);
  if (isMonitored(files) !== false || !file)
    return [renderStep(change, [...(file ? [MONITORED] : []), CPANEL_CONFIG])];
  const { render } = change;
  const watched = file.text.replace(/^ftpd:0\b/m, 'ftpd:1');
  const write = writeStep(
    files,
    {
      path: MONITORED,
      after: file.text,
      title: phrase`Leave the FTP server unwatched, as it was`,
      why: phrase`The command before switches it on that cPanel watches the FTP server; here it was off.`,
    },
    watched,
  );
  return [
    renderStep({ ...change, render: { ...render, touches: [...render.touches, MONITORED] } }, [
      CPANEL_CONFIG,
    ]),
    { ...write, expects: AS_WRITTEN } as Draft,
  ];
}
