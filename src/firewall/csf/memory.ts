import type { PortList } from './conf.ts';

/** Where this program writes down what it has put into csf.conf. */
export const MEMORY = '/var/lib/whm-ftp-passive/csf.json';

/**
 * The items that this program has added to each list, as they are written there. CSF has no marks: an item that is not
 * in here belongs to the administrator.
 */
export type Added = Readonly<Record<PortList, readonly string[]>>;

const NOTHING: Added = { TCP_IN: [], TCP6_IN: [] };

/** Reads `{"opened": {"TCP_IN": ["A:B"], "TCP6_IN": []}}`. What cannot be read is nobody's, so never removed. */
export function readMemory(text: string | undefined): Added {
  const root = objectIn(text ?? '');
  const opened = typeof root['opened'] === 'object' ? { ...root['opened'] } : {};
  return {
    TCP_IN: tokensIn((opened as Record<string, unknown>)['TCP_IN']),
    TCP6_IN: tokensIn((opened as Record<string, unknown>)['TCP6_IN']),
  };
}

export function writeMemory(added: Added): string {
  return `${JSON.stringify({ opened: { ...NOTHING, ...added } }, null, 2)}\n`;
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function tokensIn(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  const tokens = value.filter((each): each is string => typeof each === 'string');
  return [...new Set(tokens)].filter((each) => /^\d+(:\d+)?$/.test(each));
}
