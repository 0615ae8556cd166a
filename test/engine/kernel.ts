import { inNetworks } from '../../src/core/address.ts';

/**
 * A small kernel: tables, chains and rules as nft scripts write them, and what happens to the first packet of a
 * connection. It knows the few words that the tests' rules are made of, and refuses any other.
 */

interface Rule {
  readonly handle: number;
  readonly text: string;
}

interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  base: string | null;
  rules: Rule[];
}

/** Where a packet was looked at, and what came of it. */
export interface Passed {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly rule: Rule | null;
  readonly verdict: string;
}

export interface Fate {
  readonly outcome: 'open' | 'refused' | 'silent';
  readonly passed: readonly Passed[];
}

export interface Kernel {
  /** Loads a script, all of it or nothing. @throws Error in nft's manner */
  load(script: string): void;
  /** As `nft -a -s list ruleset` prints it. */
  listing(): string;
  /** `from`: the client's address; left out, one that no rule names. */
  meet(family: 'ipv4' | 'ipv6', port: number, from?: string): Fate;
}

export function openKernel(script = ''): Kernel {
  let chains: Chain[] = [];
  let handles = 0;
  const kernel: Kernel = {
    load(text) {
      const before = { handles, chains: chains.map((chain) => ({ ...chain, rules: [...chain.rules] })) };
      try {
        read(text);
      } catch (error) {
        ({ handles, chains } = before);
        throw error;
      }
    },
    listing: () => listed(chains),
    meet: (family, port, from = '') => meet(chains, { family, port, from }),
  };

  const chainOf = (family: string, table: string, name: string): Chain =>
    chains.find((each) => each.family === family && each.table === table && each.name === name) ??
    fail('No such file or directory');

  function read(text: string): void {
    let [family, table] = ['', ''];
    let open: Chain | null = null;
    for (const raw of text.split('\n')) {
      const line = raw
        .replace(/ # handle \d+$/, '')
        .replace(/^\s*#.*/, '')
        .trim();
      const [, tableFamily, tableName] = /^table (\S+) (\S+) \{$/.exec(line) ?? [];
      const chainName = /^chain (\S+) \{$/.exec(line)?.[1];
      if (line === '' || /^(include|define) /.test(line)) continue;
      if (line === 'flush ruleset') chains = [];
      else if (tableFamily !== undefined && tableName !== undefined)
        [family, table] = [tableFamily, tableName];
      else if (chainName !== undefined) open = opened(family, table, chainName);
      else if (line === '}') open = null;
      else if (open === null) command(line);
      else if (/^type \S+ hook /.test(line))
        open.base = /policy/.test(line) ? line : `${line} policy accept;`;
      else open.rules.push(rule(line));
    }
  }

  function opened(family: string, table: string, name: string): Chain {
    const same = chains.find((each) => each.family === family && each.table === table && each.name === name);
    if (same) return same;
    const chain: Chain = { family, table, name, base: null, rules: [] };
    chains.push(chain);
    return chain;
  }

  function command(line: string): void {
    const [, verb, family = '', table = '', name = '', rest = ''] =
      /^(add|insert|delete) rule (\S+) (\S+) (\S+) (.*)$/.exec(line) ?? [];
    if (verb === undefined) fail(`syntax error: ${line}`);
    const chain = chainOf(family, table, name);
    const [, how, number] = /^(handle|index) (\d+)/.exec(rest) ?? [];
    const text = rest.replace(/^(handle|index) \d+ ?/, '');
    const at =
      how === 'handle'
        ? chain.rules.findIndex((each) => each.handle === Number(number))
        : Number(number ?? 0);
    if (at < 0 || (how === 'index' && at >= chain.rules.length))
      fail('Could not process rule: No such file or directory');
    if (verb === 'delete') chain.rules.splice(at, 1);
    else chain.rules.splice(verb === 'add' ? chain.rules.length : at, 0, rule(text));
  }

  function rule(text: string): Rule {
    conditions(text);
    handles += 1;
    return { handle: handles, text };
  }

  kernel.load(script);
  return kernel;
}

function fail(why: string): never {
  throw new Error(`/dev/stdin:1:1-1: Error: ${why}`);
}

function listed(chains: readonly Chain[]): string {
  const tables = [...new Set(chains.map(({ family, table }) => `${family} ${table}`))];
  return tables
    .map((table) => {
      const own = chains.filter((each) => `${each.family} ${each.table}` === table);
      const texts = own.map(({ name, base, rules }) => {
        const lines = rules.map(({ text, handle }) => `\t\t${text} # handle ${handle}\n`).join('');
        return `\tchain ${name} { # handle 1\n${base === null ? '' : `\t\t${base}\n`}${lines}\t}\n`;
      });
      return `table ${table} { # handle 1\n${texts.join('\n')}}\n`;
    })
    .join('');
}

type Packet = { readonly family: 'ipv4' | 'ipv6'; readonly port: number; readonly from: string };

/** What a rule asks for, one test a condition, and its verdict. A connection is new, and comes from outside. */
function conditions(text: string): { tests: ((packet: Packet) => boolean)[]; verdict: string } {
  const bare = text.replace(/ comment "[^"]*"/, '').replace(/\bcounter ?/, '');
  const verdict =
    /(accept|drop|reject( with .*)?|return|jump \S+|meta nftrace set 1)$/.exec(bare)?.[1] ??
    fail(`syntax error: ${text}`);
  const tests: ((packet: Packet) => boolean)[] = [];
  let rest = bare.slice(0, bare.length - verdict.length).trim();
  for (const [pattern, test] of WORDS) {
    const match = pattern.exec(rest);
    if (match === null) continue;
    tests.push(test(match[1] ?? ''));
    rest = rest.replace(match[0], '').trim();
  }
  if (rest !== '') fail(`syntax error: ${text}`);
  return { tests, verdict };
}

const WORDS: readonly (readonly [RegExp, (word: string) => (packet: Packet) => boolean])[] = [
  [/ct state new/, () => () => true],
  [/ct state \S+/, () => () => false],
  [/iif(?:name)? "\S+"/, () => () => false],
  [
    /ip6? saddr (\{[^}]*\}|\S+)/,
    (networks) =>
      ({ from }) =>
        from !== '' && inNetworks(from, networks.match(/[^{},\s]+/g) ?? []),
  ],
  [/meta nfproto (ipv[46])/, (family) => (packet) => packet.family === family],
  [/meta l4proto ipv6-icmp/, () => () => false],
  [/udp dport \S+/, () => () => false],
  [
    /tcp dport (\{[^}]*\}|\S+)/,
    (ports) =>
      ({ port }) =>
        inPorts(ports, port),
  ],
  [/tcp flags .*/, () => () => true],
];

function inPorts(expression: string, port: number): boolean {
  return [...expression.matchAll(/(\d+)(?:-(\d+))?/g)].some(
    ([, low, high]) => port >= Number(low) && port <= Number(high ?? low),
  );
}

function meet(chains: readonly Chain[], packet: Packet): Fate {
  const seen = packet.family === 'ipv4' ? ['ip', 'inet'] : ['ip6', 'inet'];
  const bases = chains
    .filter(
      (chain) =>
        chain.base !== null && /hook (input|prerouting)/.test(chain.base) && seen.includes(chain.family),
    )
    .sort((a, b) => priority(a) - priority(b));
  const passed: Passed[] = [];
  for (const base of bases) {
    const verdict = walk(chains, base, packet, passed, 0) ?? policy(base, passed);
    if (verdict === 'drop') return { outcome: 'silent', passed };
    if (verdict.startsWith('reject')) return { outcome: 'refused', passed };
  }
  return { outcome: 'open', passed };
}

function walk(
  chains: readonly Chain[],
  chain: Chain,
  packet: Packet,
  passed: Passed[],
  depth: number,
): string | null {
  if (depth > 16) fail('Too many links');
  for (const rule of chain.rules) {
    const { tests, verdict } = conditions(rule.text);
    if (!tests.every((test) => test(packet)) || verdict.startsWith('meta')) continue;
    passed.push({ family: chain.family, table: chain.table, chain: chain.name, rule, verdict });
    if (verdict === 'return') return null;
    if (!verdict.startsWith('jump ')) return verdict;
    const next = chains.find(
      (each) => each.family === chain.family && each.table === chain.table && each.name === verdict.slice(5),
    );
    const below = walk(chains, next ?? fail('No such chain'), packet, passed, depth + 1);
    if (below !== null) return below;
  }
  return null;
}

function policy(chain: Chain, passed: Passed[]): string {
  const verdict = /policy (\w+)/.exec(chain.base ?? '')?.[1] ?? 'accept';
  passed.push({ family: chain.family, table: chain.table, chain: chain.name, rule: null, verdict });
  return verdict;
}

function priority(chain: Chain): number {
  const [, name, number] = /priority (\w+)?\s*([+-]?\s*\d+)?/.exec(chain.base ?? '') ?? [];
  return (name === 'raw' ? -300 : 0) + Number((number ?? '0').replaceAll(' ', ''));
}
