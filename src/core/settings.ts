import * as z from 'zod/mini';
import { isIpv4 } from './address.ts';
import { phrase } from './phrase.ts';
import { Problem } from './problem.ts';
import { DEFAULT_RANGE, formatRange, parsePorts, parseRange, type PortRange } from './range.ts';

/** What a person can choose. One schema for the form, the command line and the stored file. */
export interface Settings {
  readonly range: PortRange;
  /** `auto`: what cPanel's NAT map says; `none`: advertise the server's own address; else an IPv4 literal. */
  readonly passiveAddress: string;
  readonly ipv6: boolean;
  readonly firewall: string;
  /** Which half it is about; `live`: neither, but the port of the page's live output. */
  readonly only: 'ftp' | 'firewall' | 'live' | null;
  /** A rule, as it is shown, that forbids ports of the range and is to be passed all the same. */
  readonly override: string | null;
  /** What rules of ours may let in besides the range, and keep letting in; nothing when left out. Never typed. */
  readonly keep?: readonly PortRange[];
}

export const FIREWALLS = ['auto', 'csf', 'firewalld', 'ufw', 'iptables', 'nftables'] as const;

export const DEFAULT_SETTINGS: Settings = {
  range: DEFAULT_RANGE,
  passiveAddress: 'auto',
  ipv6: true,
  firewall: 'auto',
  only: null,
  override: null,
};

const schema = z.strictObject({
  range: z.optional(z.string()),
  passiveAddress: z.optional(z.string()),
  ipv6: z.optional(z.boolean()),
  firewall: z.optional(z.string()),
  only: z.optional(z.nullable(z.string())),
  override: z.optional(z.nullable(z.string())),
  keep: z.optional(z.readonly(z.array(z.string()))),
});

/** Settings as a person writes them: every field may be missing, the range is text. */
export type SettingsInput = z.input<typeof schema>;

/**
 * Checks what a person wrote and fills in the defaults.
 * @throws Problem `invalid`, with one sentence that says what is wrong and what is right
 */
export function parseSettings(input: unknown, base: Settings = DEFAULT_SETTINGS): Settings {
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    throw new Problem('invalid', phrase`Settings: ${refusalOf(parsed.error.issues[0])}.`);
  }
  const given = parsed.data;
  const keep = given.keep?.map(parsePorts) ?? base.keep;
  return {
    range: given.range === undefined ? base.range : parseRange(given.range),
    passiveAddress: parsePassiveAddress(given.passiveAddress ?? base.passiveAddress),
    ipv6: given.ipv6 ?? base.ipv6,
    firewall: oneOf(phrase`firewall`, given.firewall ?? base.firewall, FIREWALLS),
    only:
      given.only === undefined || given.only === null
        ? base.only
        : oneOf(phrase`half`, given.only, ['ftp', 'firewall'] as const),
    override: given.override ?? base.override,
    ...(keep === undefined ? {} : { keep }),
  };
}

function refusalOf(issue: z.core.$ZodIssue | undefined): string {
  const where = issue?.path.map(String).join('.') ?? '';
  switch (issue?.code) {
    case 'unrecognized_keys':
      return phrase`There is no "${issue.keys.join('", "')}": write ${Object.keys(schema.shape).join(', ')}`;
    case 'invalid_type':
      return where === '' ? phrase`They must be an object` : phrase`${where}: it must be a ${issue.expected}`;
    default:
      return phrase`${where}: it cannot be read`;
  }
}

/** The form in which settings are stored and sent. */
export function settingsInput(settings: Settings): SettingsInput {
  const { keep, ...rest } = settings;
  const kept = keep === undefined ? {} : { keep: keep.map((each) => formatRange(each)) };
  return { ...rest, range: formatRange(settings.range), ...kept };
}

/** Every port there is. */
const ALL_PORTS: PortRange = [1, 65535];

/** To let in the port of live output and nothing else, and to leave every rule of ours as it is. */
export function livePortSettings(base: Settings, port: number): Settings {
  return { ...base, range: [port, port], only: 'live', override: null, keep: [ALL_PORTS] };
}

function parsePassiveAddress(text: string): string {
  if (text === 'auto' || text === 'none' || isIpv4(text)) return text;
  throw new Problem(
    'invalid',
    phrase`"${text}" is not an address that FTP can advertise: write an IPv4 address like 203.0.113.10, auto or none.`,
  );
}

function oneOf<T extends string>(what: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new Problem(
    'invalid',
    phrase`"${value}" is not a ${what} that is known here: write ${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1) ?? ''}.`,
  );
}

/** To close it again, with whatever else is left over, where passive FTP is set up: its own range stays open. */
export function withoutLivePort(base: Settings): Settings {
  return { ...base, only: 'firewall', override: null, keep: [] };
}
