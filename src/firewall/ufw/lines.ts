import type { PortRange } from '../../core/range.ts';
import { wordsOf } from '../iptables/words.ts';
import { EVERY_PORT, portsOf, type IncomingRule } from './rules.ts';

/**
 * What a condition says of a new TCP connection from anywhere. `some`: it is about certain clients, which does not
 * decide for all others.
 */
type Answer = 'always' | 'never' | 'some' | 'perhaps' | { readonly ports: readonly PortRange[] };

const JUMPS = ['-j', '-g', '--jump', '--goto'];

const VERDICTS: ReadonlyMap<string, IncomingRule['verdict']> = new Map([
  ['ACCEPT', 'accept'],
  ['DROP', 'deny'],
  ['REJECT', 'deny'],
]);

/** Targets behind which a packet goes on, or meets what no rule decides. */
const PASSING =
  /^(?:LOG|ULOG|NFLOG|ufw6?-.*logging.*|ufw6?-not-local|ufw6?-skip-to-policy-.*|ufw6?-user-input)$/;

/** Reads rules in iptables' words, each without its `-A CHAIN`. Those that cannot matter are left out. */
export function incomingLines(texts: readonly string[]): IncomingRule[] {
  return texts.flatMap((text) => readLine(text) ?? []);
}

function readLine(text: string): IncomingRule | null {
  const options = optionsOf(text);
  const answers = options.map(answerTo);
  const target = options.find(({ name }) => JUMPS.includes(name))?.value;
  if (target === undefined || PASSING.test(target)) return null;
  if (answers.some((answer) => answer === 'never' || answer === 'some')) return null;
  const ports = answers.flatMap((answer) => (typeof answer === 'object' ? [answer.ports] : []));
  const verdict = VERDICTS.get(target);
  return {
    // Where another chain leads is not followed: it may decide either way.
    verdict: verdict ?? 'deny',
    sure: verdict !== undefined && !answers.includes('perhaps') && ports.length < 2,
    ports: ports[0] ?? [EVERY_PORT],
    text,
  };
}

interface Option {
  readonly name: string;
  readonly not: boolean;
  readonly value: string;
}

/** An option with all words up to the next one. */
function optionsOf(text: string): Option[] {
  const options: { name: string; not: boolean; value: string }[] = [];
  let not = false;
  for (const { value } of wordsOf(text)) {
    const last = options.at(-1);
    if (value === '!') not = true;
    else if (/^--?[a-z]/i.test(value) && !(last?.name === '--comment' && last.value === '')) {
      options.push({ name: value, not, value: '' });
      not = false;
    } else if (last !== undefined) last.value = last.value === '' ? value : `${last.value} ${value}`;
  }
  return options;
}

function answerTo({ name, value, not }: Option): Answer {
  const answer = ANSWERS[name]?.(value) ?? (/^--(?:log|nflog)-/.test(name) ? 'always' : 'perhaps');
  if (!not) return answer;
  return answer === 'always' ? 'never' : answer === 'never' ? 'always' : 'perhaps';
}

const always = (): Answer => 'always';
const some = (): Answer => 'some';
const protocol = (value: string): Answer => (/^(?:tcp|6|all|0)$/.test(value) ? 'always' : 'never');
const source = (value: string): Answer => (/^(?:0\.0\.0\.0|::)\/0$/.test(value) ? 'always' : 'some');
const device = (value: string): Answer => (value === 'lo' ? 'never' : 'perhaps');
const state = (value: string): Answer => (value.split(',').includes('NEW') ? 'always' : 'never');
const target = (value: string): Answer => {
  const ports = portsOf(value);
  return ports.length === 0 ? 'perhaps' : { ports };
};
/** Conditions whose own options say it all. */
const LISTED = /^(?:tcp|multiport|conntrack|state|comment|set|rt|addrtype|iprange)$/;

const ANSWERS: Readonly<Partial<Record<string, (value: string) => Answer>>> = {
  '-p': protocol,
  '--protocol': protocol,
  '--dport': target,
  '--dports': target,
  '--destination-port': target,
  '--destination-ports': target,
  '--ctstate': state,
  '--state': state,
  '-i': device,
  '--in-interface': device,
  '-s': source,
  '--source': source,
  '--src': source,
  '--sport': some,
  '--sports': some,
  '--src-range': some,
  '--match-set': (value) => (value.endsWith(' src') ? 'some' : 'perhaps'),
  // A header that no client sends any more, and addresses that no connection goes to.
  '--rt-type': () => 'never',
  '--dst-type': (value) => (value === 'LOCAL' ? 'always' : 'never'),
  '-m': (value) => (LISTED.test(value) ? 'always' : 'perhaps'),
  '--match': (value) => (LISTED.test(value) ? 'always' : 'perhaps'),
  '--comment': always,
  '--reject-with': always,
  '--syn': always,
  ...Object.fromEntries(JUMPS.map((name) => [name, always])),
};
