import type { Check } from '../core/check.ts';
import { phrase } from '../core/phrase.ts';
import { formatRange } from '../core/range.ts';
import { familyName, type Family, type Reach } from '../core/reach.ts';
import type { Settings } from '../core/settings.ts';
import { talkAtLength } from './conversation.ts';
import type { GivenLogin } from './lending.ts';
import { notRunning, notWritten } from './rendered.ts';
import { survey, wantedFamilies, type EnginePorts, type Sight } from './survey.ts';

/**
 * Every proof that can be had from here.
 * @param given a login to use instead of a throw-away one; it is neither kept nor told
 */
export async function verify(
  ports: EnginePorts,
  settings: Settings,
  given: GivenLogin = null,
): Promise<Check[]> {
  const found = await survey(ports, settings);
  const ftp =
    settings.only === 'firewall'
      ? []
      : [settingsCheck(found, settings), ...(await talkAtLength(ports, found, settings, given))];
  const firewall = wantedFamilies(found, settings).map((family) =>
    reachCheck(family, found.reaches[family], settings),
  );
  return [...ftp, ...(settings.only === 'ftp' ? [] : firewall)];
}

function settingsCheck(found: Sight, settings: Settings): Check {
  const trouble =
    found.reading === null ? null : (notWritten(found, settings) ?? notRunning(found, settings));
  return {
    id: 'settings',
    title: phrase`WHM’s settings, the configuration file and the running server agree`,
    result: found.reading === null ? 'skip' : trouble === null ? 'pass' : 'fail',
    fact: trouble ?? phrase`Server: ${found.ftpName}.`,
  };
}

function reachCheck(family: Family, reach: Reach | undefined, settings: Settings): Check {
  const title = phrase`The firewall lets ${formatRange(settings.range)} in over ${familyName(family)}`;
  if (reach === undefined || reach.method === 'unknown') {
    return { id: `reach-${family}`, title, result: 'skip', fact: reach?.reason ?? phrase`It was not asked.` };
  }
  const blocked = reach.blocked.map(
    (each) => phrase`${formatRange(each.range)} by ${each.rule ?? phrase`no known rule`}`,
  );
  const fact =
    blocked.length === 0
      ? phrase`Asked with real connections in a copy of the rules.`
      : phrase`Blocked: ${blocked.join('; ')}.`;
  return { id: `reach-${family}`, title, result: blocked.length === 0 ? 'pass' : 'fail', fact };
}
