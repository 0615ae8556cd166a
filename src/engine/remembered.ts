import * as z from 'zod/mini';
import { phrase } from '../core/phrase.ts';
import { Problem, toProblem } from '../core/problem.ts';
import {
  DEFAULT_SETTINGS,
  parseSettings,
  settingsInput,
  type Settings,
  type SettingsInput,
} from '../core/settings.ts';
import type { FileChange } from '../ftp/server.ts';

/** The first free port above those that cPanel's services use. */
export const DEFAULT_LIVE_PORT = 20871;

const stored = z.looseObject({ livePort: z.optional(z.int().check(z.minimum(1), z.maximum(65535))) });

/** What the settings file holds: the settings, and where live output is served. */
export interface Remembered {
  readonly settings: Settings;
  readonly livePort: number;
}

/** @param text the file's text, null when there is none. @throws Problem `invalid` */
export function readRemembered(path: string, text: string | null): Remembered {
  const { livePort = DEFAULT_LIVE_PORT, ...settings } = parseStored(path, text);
  try {
    return { settings: parseSettings(settings, DEFAULT_SETTINGS), livePort };
  } catch (error) {
    throw notOurs(path, toProblem(error).message);
  }
}

/** The change that makes the file hold these settings; null when it does. */
export function rememberChange(path: string, text: string | null, settings: Settings): FileChange | null {
  const wanted = choices(settings);
  const now = choices(readRemembered(path, text).settings);
  if (JSON.stringify(wanted) === JSON.stringify(now)) return null;
  return {
    path,
    after: `${JSON.stringify({ ...parseStored(path, text), ...wanted }, null, 2)}\n`,
    title: phrase`Remember these settings`,
    why: phrase`Later checks judge the server by what was chosen here.`,
  };
}

/** What is kept: which half a call was about is not. */
function choices(settings: Settings): Pick<SettingsInput, 'range' | 'passiveAddress' | 'ipv6' | 'firewall'> {
  const { range, passiveAddress, ipv6, firewall } = settingsInput(settings);
  return { range, passiveAddress, ipv6, firewall };
}

function notOurs(path: string, why: string): Problem {
  return new Problem('unsupported', phrase`${path} cannot be used. ${why} Repair or remove it.`);
}

function parseStored(path: string, text: string | null): z.infer<typeof stored> {
  if (text === null) return {};
  try {
    return stored.parse(JSON.parse(text));
  } catch {
    throw notOurs(path, phrase`It is not the JSON that this program writes.`);
  }
}
