import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { formatRange, sameRange } from '../core/range.ts';
import type { Settings } from '../core/settings.ts';
import { look, type EnginePorts, type Sight } from './survey.ts';
import { wishOf } from './wish.ts';

/** A daemon that cPanel restarts comes up within this, or has failed. */
const START_LIMIT_MS = 15_000;

/**
 * Waits until the FTP server runs with what is wished.
 * @param setAside settings that cPanel had put aside before; null when that is not known
 * @throws Problem `not-proven`
 */
export async function rendered(
  ports: EnginePorts,
  settings: Settings,
  setAside: readonly string[] | null,
  say: (line: string) => void,
): Promise<void> {
  const until = ports.clock.elapsed() + START_LIMIT_MS;
  for (;;) {
    const found = await look(ports);
    const written = replaced(found, setAside) ?? notWritten(found, settings);
    if (written !== null) throw new Problem('not-proven', written);
    const trouble = notRunning(found, settings);
    if (trouble === null) {
      say(
        phrase`${found.server?.name ?? ''} runs with ${formatRange(settings.range)}, told address ${wishOf(found, settings).address ?? phrase`its own`}`,
      );
      return;
    }
    if (ports.clock.elapsed() > until) throw new Problem('not-proven', trouble);
    await ports.clock.sleep(200);
  }
}

function replaced(found: Sight, before: readonly string[] | null): string | null {
  const path = before === null ? undefined : found.setAside.find((each) => !before.includes(each));
  if (path === undefined) return null;
  return phrase`cPanel did not take the settings: it put them aside as ${path} and wrote new ones, in which changes made by hand are missing.`;
}

/** What cPanel's command wrote, which is there when it ends; null when it is right. */
export function notWritten(found: Sight, settings: Settings): string | null {
  const wish = wishOf(found, settings);
  const { reading } = found;
  if (reading === null) return phrase`The FTP server cannot be read any more.`;
  const { range, passiveAddress } = reading;
  if (!sameRange(range.rendered, wish.range)) {
    return phrase`cPanel wrote the passive ports ${range.rendered === null ? phrase`none` : formatRange(range.rendered)} instead of ${formatRange(wish.range)}.`;
  }
  if (passiveAddress.rendered !== wish.address) {
    return phrase`cPanel wrote the address ${passiveAddress.rendered ?? phrase`none`} instead of ${wish.address ?? phrase`none`}.`;
  }
  return null;
}

/** Whether a daemon that has read it is up, which may take a moment; null when it is. */
export function notRunning({ reading }: Sight, settings: Settings): string | null {
  if (reading?.running !== true) return phrase`The FTP server did not start again.`;
  return sameRange(reading.range.live, settings.range)
    ? null
    : phrase`The FTP server still runs with its old settings.`;
}
