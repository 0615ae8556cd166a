import { parseArgs } from 'node:util';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { parseSettings, type Settings, type SettingsInput } from '../core/settings.ts';

const SETTINGS_OPTIONS = ['range', 'public-address', 'firewall', 'no-ipv6', 'only', 'override'] as const;

/** The verbs, the options that each takes beside `--json`, and its operands. */
const VERBS = {
  status: { options: SETTINGS_OPTIONS, operands: '' },
  plan: { options: [...SETTINGS_OPTIONS, 'script'], operands: '' },
  apply: { options: [...SETTINGS_OPTIONS, 'yes'], operands: '' },
  verify: { options: [...SETTINGS_OPTIONS, 'login'], operands: '' },
  undo: { options: ['yes', 'force', 'unless-confirmed'], operands: '[RUN]' },
  cancel: { options: [], operands: '[RUN]' },
  confirm: { options: [], operands: '[RUN]' },
  reach: { options: ['from', 'ipv4', 'ipv6'], operands: 'PORT[-PORT]' },
  outside: { options: [], operands: '' },
  runs: { options: [], operands: '' },
  show: { options: [], operands: 'RUN' },
  check: { options: SETTINGS_OPTIONS, operands: '' },
  ensure: { options: ['unattended'], operands: '' },
  watch: { options: ['notify-only'], operands: 'on|off|status' },
  diagnose: { options: [], operands: '[FILE|-]' },
  grant: { options: ['revoke'], operands: '[RESELLER [ACTION]]' },
  selfcheck: { options: [], operands: '' },
  serve: { options: [], operands: '' },
} as const satisfies Record<string, { options: readonly string[]; operands: string }>;

export type Verb = keyof typeof VERBS;

const OPTIONS = {
  json: { type: 'boolean' },
  yes: { type: 'boolean' },
  force: { type: 'boolean' },
  'unless-confirmed': { type: 'boolean' },
  script: { type: 'boolean' },
  range: { type: 'string' },
  'public-address': { type: 'string' },
  firewall: { type: 'string' },
  override: { type: 'string' },
  'no-ipv6': { type: 'boolean' },
  only: { type: 'string' },
  from: { type: 'string' },
  ipv4: { type: 'boolean' },
  ipv6: { type: 'boolean' },
  login: { type: 'string' },
  unattended: { type: 'boolean' },
  'notify-only': { type: 'boolean' },
  revoke: { type: 'boolean' },
} as const;

export interface Arguments {
  readonly verb: Verb;
  readonly operand: string | null;
  /** The second operand, where a verb has two. */
  readonly second: string | null;
  readonly values: Partial<{
    [Name in keyof typeof OPTIONS]: (typeof OPTIONS)[Name]['type'] extends 'string' ? string : boolean;
  }>;
}

export const USAGE = phrase`ftp-passive VERB [--json]

  status                what this server is found to be
  plan [--script]       what apply would do
  apply [--yes]         set up passive FTP, prove it, put everything back on failure
  verify                every proof that can be had from here; --login USER takes that FTP login instead of a
                        throw-away one, and asks for its password
  undo [RUN] [--yes]    put back what a run changed (the last one when none is named); --force does it over later edits
                        too and shows what is lost by that
  cancel [RUN]          have the run at work finish its step and put everything back; again: end that step's program
  confirm [RUN]         keep what a run changed that is else put back by itself, since a firewall was reloaded in it
  reach PORT[-PORT]     what the firewall does with these ports; --from ADDRESS, --ipv4, --ipv6
  outside               listens on ports of the range for a moment and prints commands that try them from another
                        machine; says what arrived
  runs                  all runs
  show RUN              one run
  check                 one line for a monitoring system, which names the layer that is not as wanted
  ensure                repair what a run has set up and something else has undone; --unattended does what the watch
                        was turned on for, and tells the administrator
  watch on|off|status   have that done every 15 minutes and after each update of cPanel; on --notify-only repairs
                        nothing and only tells
  diagnose [FILE|-]     why a transfer failed, from the log of an FTP client
  grant                 what resellers may do; grant RESELLER setup lets one set up passive FTP with root's settings,
                        grant RESELLER --revoke takes it back
  selfcheck             which of the plugin's assumptions about cPanel hold here; changes nothing, shows no secrets
  serve                 the daemon behind the page in WHM

Settings for one call: --range LOW-HIGH, --public-address ADDRESS|auto|none, --firewall NAME|auto, --no-ipv6,
--only ftp|firewall; --override RULE passes a rule that forbids ports of the range, named as it is shown.
`;

/** @throws Problem `invalid`, one sentence */
export function parseArguments(argv: readonly string[]): Arguments {
  const [verb, ...rest] = argv;
  if (verb === undefined || !isVerb(verb)) {
    const known = Object.keys(VERBS).join(', ');
    throw new Problem(
      'invalid',
      verb === undefined
        ? phrase`A verb is missing: write one of ${known}.`
        : phrase`"${verb}" is not a verb: write one of ${known}.`,
    );
  }
  let parsed;
  try {
    parsed = parseArgs({ args: rest, options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw misread(verb, error);
  }
  const { options, operands } = VERBS[verb];
  for (const name of Object.keys(parsed.values)) {
    if (name === 'json' || (options as readonly string[]).includes(name)) continue;
    throw notTaken(verb, `--${name}`);
  }
  const [operand, second] = parsed.positionals;
  const most = operands === '' ? 0 : operands.split(' ').length;
  const extra = parsed.positionals[most];
  if (extra !== undefined) {
    throw new Problem(
      'invalid',
      phrase`${verb} does not take "${extra}": write ftp-passive ${verb}${operands === '' ? '' : ` ${operands}`}.`,
    );
  }
  if (operand === undefined && operands !== '' && !operands.startsWith('[')) {
    throw new Problem('invalid', phrase`${verb} needs ${operands}: write ftp-passive ${verb} ${operands}.`);
  }
  return { verb, operand: operand ?? null, second: second ?? null, values: parsed.values };
}

/** The settings of one call over those that are stored. @throws Problem `invalid` */
export function settingsFrom({ values }: Arguments, base: Settings): Settings {
  const input: SettingsInput = {
    ...(values.range === undefined ? {} : { range: values.range }),
    ...(values['public-address'] === undefined ? {} : { passiveAddress: values['public-address'] }),
    ...(values.firewall === undefined ? {} : { firewall: values.firewall }),
    ...(values.override === undefined ? {} : { override: values.override }),
    ...(values['no-ipv6'] === true ? { ipv6: false } : {}),
    ...(values.only === undefined ? {} : { only: values.only }),
  };
  return parseSettings(input, base);
}

function notTaken(verb: Verb, option: string): Problem {
  const taken = ['json', ...VERBS[verb].options].map((name) => `--${name}`).join(', ');
  return new Problem('invalid', phrase`${verb} does not take ${option}: it takes ${taken}.`);
}

/** The reader of arguments names the option in quotes; its own sentences are for programmers. */
function misread(verb: Verb, error: unknown): Problem {
  const option = /'(-[^\s']*)/.exec(error instanceof Error ? error.message : '')?.[1] ?? phrase`this option`;
  const known = Object.entries(OPTIONS).find(([name]) => `--${name}` === option);
  if (known === undefined) return notTaken(verb, option);
  return new Problem(
    'invalid',
    known[1].type === 'string'
      ? phrase`${option} needs a value: write ${option}=VALUE.`
      : phrase`${option} takes no value: write ${option} alone.`,
  );
}

function isVerb(text: string): text is Verb {
  return Object.hasOwn(VERBS, text);
}
