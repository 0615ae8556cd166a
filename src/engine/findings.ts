import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import type { Settings } from '../core/settings.ts';
import type { Status } from '../core/status.ts';
import type { PassiveWish } from '../ftp/server.ts';
import { addressFindings } from './address-findings.ts';
import { controlFindings } from './control-findings.ts';
import { dedicatedFindings } from './dedicated-findings.ts';
import { firewallFindings } from './firewall-findings.ts';
import { natFindings } from './nat-findings.ts';
import { rangeFindings } from './range-findings.ts';
import { ftpDisabled, serverFindings } from './server-findings.ts';
import { sessionFindings } from './session-findings.ts';
import { rangeOpen, wantedFamilies, type Survey } from './survey.ts';
import { natOf, wishOf } from './wish.ts';

/** Findings that say nothing is known, not that something is wrong. */
const UNTOLD = ['reach-unknown', 'boot-unknown'];

/** Judges a survey by what the settings want. */
export function statusOf(found: Survey, settings: Settings): Status {
  const findings = findingsOf(found, settings);
  const nat = natOf(found);
  const nothing = { configured: null, rendered: null, live: null };
  const unsure =
    settings.only !== 'ftp' && rangeOpen(found.reaches, wantedFamilies(found, settings), settings) === null;
  const wrong = findings.some(
    ({ level, id }) => (level === 'bad' || level === 'warn') && !UNTOLD.includes(id),
  );
  return {
    ok: wrong ? false : unsure ? null : true,
    ftp: {
      server: found.ftpName,
      running: found.reading?.running ?? false,
      range: found.reading?.range ?? nothing,
      passiveAddress: found.reading?.passiveAddress ?? nothing,
    },
    nat: { behind: nat.behind, addresses: found.nat },
    firewall: { active: found.charge.active, others: found.charge.others, reach: found.reaches },
    findings,
  };
}

function findingsOf(found: Survey, settings: Settings): Finding[] {
  const wish = wishOf(found, settings);
  return [
    ...found.troubles,
    ...(settings.only === 'firewall'
      ? []
      : found.cpanel
        ? [...ftpFindings(found, wish, settings), ...natFindings(found, wish, settings)]
        : [noCpanel()]),
    ...(settings.only === 'ftp'
      ? []
      : [...firewallFindings(found, settings), ...controlFindings(found, settings)]),
  ];
}

function noCpanel(): Finding {
  const fact = phrase`/var/cpanel/cpanel.config does not exist.`;
  const fix = phrase`The firewall half works here all the same: use --only firewall.`;
  return { id: 'no-cpanel', level: 'bad', title: phrase`This is not a cPanel server`, fact, fix };
}

function ftpFindings(found: Survey, wish: PassiveWish, settings: Settings): Finding[] {
  const { server, reading } = found;
  if (server === null || reading === null) return [ftpDisabled(found)];
  return [
    ...reading.findings,
    ...serverFindings(found, server, reading),
    ...addressFindings(found, reading, wish),
    ...dedicatedFindings(found, reading, wish, settings),
    ...rangeFindings(found, reading, wish),
    ...sessionFindings(found, reading),
  ];
}
