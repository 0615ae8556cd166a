import type { Line } from './lines.ts';

const CHAIN = /^(?:chain (\w[\w-]*) \{|Chain (\S+) \(|-A (\S+) )/;
/** A rule that ends the matter for every packet: of iptables-save, of `iptables -L -n`, of nft. */
const DENIES = [
  /^-A \S+ -j (?:DROP|REJECT)(?: --reject-with \S+)?$/,
  /^(?:\d+ +)?(?:\S+ +\S+ +)?(?:DROP|REJECT) +(?:all|0) +(?:--|opt) +(?:\* +\* +)?0\.0\.0\.0\/0 +0\.0\.0\.0\/0(?: +reject-with \S+)?$/,
  /^(?:counter packets \d+ bytes \d+ |counter )?(?:drop|reject(?: with [\w ./-]+)?)(?: comment .*| # handle \d+)?$/,
];
const ACCEPTS = [
  /^-A \S+ .*--dports? (\d+):(\d+)\b.* -j ACCEPT/,
  /^(?:\d+ +)?(?:\S+ +\S+ +)?ACCEPT .*dpts?:(\d+):(\d+)\b/,
  /^tcp dport (?:\{.*?)?(\d+)-(\d+)\b.*\baccept\b/,
];
/** Fewer ports are some other program's. */
const RANGE_PORTS = 2;
const LOWEST = 1024;

/** In a listing of rules: an accept for a range of high ports that stands below a deny of everything in its chain. */
export function acceptBelowDeny(lines: readonly Line[]): Line | null {
  let chain = '';
  const denied = new Set<string>();
  for (const line of lines) {
    const named = CHAIN.exec(line.text);
    chain = named?.[1] ?? named?.[2] ?? named?.[3] ?? chain;
    if (DENIES.some((pattern) => pattern.test(line.text))) denied.add(chain);
    const range = ACCEPTS.map((pattern) => pattern.exec(line.text)).find((found) => found !== null);
    const [low, high] = [Number(range?.[1] ?? 0), Number(range?.[2] ?? 0)];
    if (low >= LOWEST && high - low >= RANGE_PORTS - 1 && denied.has(chain)) return line;
  }
  return null;
}
