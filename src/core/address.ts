import ipaddr from 'ipaddr.js';

/** What an address is good for. `public`: a client on the internet can be told to connect to it. */
export type AddressKind = 'public' | 'private' | 'cgnat' | 'loopback' | 'link-local' | 'reserved';

/** A local address and the public one that NAT maps onto it, one to one. */
export interface NatPair {
  readonly local: string;
  readonly public: string;
}

export function isIpv4(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

export function isIpv6(text: string): boolean {
  return !text.includes('%') && ipaddr.IPv6.isValid(text);
}

/** The documentation networks count as public: nothing routes them privately, and examples use them. */
const DOCUMENTATION = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'].map((network) =>
  ipaddr.parseCIDR(network),
);

/** @param address an IPv4 or IPv6 literal; anything else is `reserved` */
export function addressKind(address: string): AddressKind {
  if (!isIpv4(address) && !isIpv6(address)) return 'reserved';
  const parsed = ipaddr.process(address);
  if (DOCUMENTATION.some((network) => network[0].kind() === parsed.kind() && parsed.match(network)))
    return 'public';
  switch (parsed.range()) {
    case 'unicast':
      return 'public';
    case 'private':
    case 'uniqueLocal':
      return 'private';
    case 'carrierGradeNat':
      return 'cgnat';
    case 'loopback':
      return 'loopback';
    case 'linkLocal':
      return 'link-local';
    default:
      return 'reserved';
  }
}

/**
 * Reads cPanel's NAT map: lines `LOCAL PUBLIC`; a line with one address is an address that cannot be reached from
 * outside and maps to nothing. Of two locals with one public address only the first counts (cPanel's document).
 */
export function parseCpnat(text: string): NatPair[] {
  const pairs: NatPair[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [local, outside] = line.trim().split(/\s+/);
    if (local === undefined || outside === undefined || !isIpv4(local) || !isIpv4(outside)) continue;
    if (!pairs.some((pair) => pair.public === outside)) pairs.push({ local, public: outside });
  }
  return pairs;
}

/** Whether `address` lies in any of `networks` (literals, `A/LEN` or `A-B`); networks that cannot be read are skipped. */
export function inNetworks(address: string, networks: readonly string[]): boolean {
  const wanted = ipaddr.process(address);
  return networks.some((network) => {
    const [from, to] = network.split('-');
    if (from !== undefined && to !== undefined) return between(wanted, from, to);
    if (network.includes('/')) {
      if (!ipaddr.isValidCIDR(network)) return false;
      const cidr = ipaddr.parseCIDR(network);
      return cidr[0].kind() === wanted.kind() && wanted.match(cidr);
    }
    return (
      ipaddr.isValid(network) && ipaddr.process(network).toNormalizedString() === wanted.toNormalizedString()
    );
  });
}

/** Whether a network (`A/LEN`) and any of `networks` (as above) share an address. */
export function overlaps(network: string, networks: readonly string[]): boolean {
  const base = network.replace(/\/.*/, '');
  return networks.some((each) => {
    const [first = ''] = each.split(/[-/]/);
    return inNetworks(base, [each]) || (ipaddr.isValid(first) && inNetworks(first, [network]));
  });
}

/** A host of a network (`A`, `A/LEN` or `A-B`), written as the kernel writes it; null for what holds every address. */
export function hostIn(network: string): string | null {
  const [first = '', length] = network.split(/[-/]/);
  if (!isIpv4(first) && !isIpv6(first)) return null;
  const address = ipaddr.parse(first);
  const most = address.kind() === 'ipv4' ? 32 : 128;
  if (network.includes('-') || length === undefined || Number(length) >= most - 1) return address.toString();
  if (!ipaddr.isValidCIDR(network) || Number(length) === 0) return null;
  const bytes =
    address.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(network).toByteArray()
      : ipaddr.IPv6.networkAddressFromCIDR(network).toByteArray();
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) + 1;
  return ipaddr.fromByteArray(bytes).toString();
}

function between(wanted: ipaddr.IPv4 | ipaddr.IPv6, from: string, to: string): boolean {
  if (!ipaddr.isValid(from) || !ipaddr.isValid(to)) return false;
  const [low, high] = [ipaddr.parse(from), ipaddr.parse(to)];
  if (low.kind() !== wanted.kind() || high.kind() !== wanted.kind()) return false;
  return compareBytes(low, wanted) <= 0 && compareBytes(wanted, high) <= 0;
}

function compareBytes(a: ipaddr.IPv4 | ipaddr.IPv6, b: ipaddr.IPv4 | ipaddr.IPv6): number {
  const other = b.toByteArray();
  return a.toByteArray().reduce((order, byte, index) => order || byte - (other[index] ?? 0), 0);
}
