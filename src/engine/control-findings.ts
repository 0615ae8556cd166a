import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { familyName } from '../core/reach.ts';
import type { Settings } from '../core/settings.ts';
import { deaf, wantedFamilies, type Survey } from './survey.ts';

/** Whether the firewall lets clients talk to the FTP server at all, which only its port of control decides. */
export function controlFindings(found: Survey, settings: Settings): Finding[] {
  const port = found.reading?.controlPort;
  if (port === undefined) return [];
  const { controlReaches } = found;
  const closed = wantedFamilies(found, settings).filter((family) => {
    const blocked = controlReaches[family]?.blocked ?? [];
    return blocked.length > 0 && !deaf(family, found.reaches);
  });
  const [first] = closed;
  if (first === undefined) return [];
  const rule = controlReaches[first]?.blocked[0]?.rule ?? phrase`something that no rule shows`;
  return [
    {
      id: 'control-port-blocked',
      level: 'warn',
      title: phrase`The firewall keeps clients away from port ${port}, on which FTP begins`,
      fact: phrase`In a copy of the rules a client that no rule names does not reach port ${port} over ${closed.map(familyName).join(phrase` and `)}; it is stopped by: ${rule}.`,
      fix: phrase`Open port ${port} for those who may use FTP; setting up passive FTP opens passive ports only.`,
    },
  ];
}
