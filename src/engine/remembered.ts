import { z } from 'zod';
import { Problem } from '../core/problem.ts';
import { DEFAULT_SETTINGS, parseSettings, settingsInput, type Settings } from '../core/settings.ts';
import type { FileChange } from '../ftp/server.ts';

/** The first free port above those that cPanel's services use. */
export const DEFAULT_LIVE_PORT = 20871;

const stored = z.looseObject({ livePort: z.number().int().min(1).max(65535).optional() });

/** What the settings file holds: the settings, and where live output is served. */
export interface Remembered {
  readonly settings: Settings;
  readonly livePort: number;
}

/** @param text the file's text, null when there is none. @throws Problem `invalid` */
export function readRemembered(path: string, text: string | null): Remembered {
  const { livePort = DEFAULT_LIVE_PORT, ...settings } = parseStored(path, text);
  return { settings: parseSettings(settings, DEFAULT_SETTINGS), livePort };
}

/** The change that makes the file hold these settings; null when it does. */
export function rememberChange(path: string, text: string | null, settings: Settings): FileChange | null {
  const wanted = settingsInput({ ...settings, only: null });
  const now = settingsInput(readRemembered(path, text).settings);
  if (JSON.stringify(wanted) === JSON.stringify(now)) return null;
  const { only: _, ...kept } = wanted;
  return {
    path,
    after: `${JSON.stringify({ ...parseStored(path, text), ...kept }, null, 2)}\n`,
    title: 'Remember these settings',
    why: 'Later checks judge the server by what was chosen here.',
  };
}

function parseStored(path: string, text: string | null): z.infer<typeof stored> {
  if (text === null) return {};
  try {
    return stored.parse(JSON.parse(text));
  } catch {
    throw new Problem('invalid', `${path} is not the JSON that this program writes; repair or remove it.`);
  }
}
