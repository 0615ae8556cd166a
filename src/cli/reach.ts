import { isIpv4, isIpv6 } from '../core/address.ts';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import { parsePorts } from '../core/range.ts';
import { allOpen, type Family } from '../core/reach.ts';
import { askReach, type RulesPorts } from '../engine/asked.ts';
import type { Arguments } from './arguments.ts';
import { reachText } from './print.ts';

/**
 * What the firewall does with ports. Needs nothing but a twin, so that it starts in half the time.
 * @returns the exit code
 * @throws Problem
 */
export async function reach(
  engine: RulesPorts,
  given: Arguments,
  out: (text: string) => void,
): Promise<number> {
  const ports = parsePorts(given.operand ?? '');
  const { from, ipv4, ipv6 } = given.values;
  if (from !== undefined && !isIpv4(from) && !isIpv6(from)) {
    throw new Problem('invalid', phrase`--from "${from}" is not an address: write an IPv4 or IPv6 address.`);
  }
  const own: Family | null = from === undefined ? null : isIpv4(from) ? 'ipv4' : 'ipv6';
  if ((own === 'ipv4' && ipv6 === true) || (own === 'ipv6' && ipv4 === true)) {
    throw new Problem(
      'invalid',
      phrase`--from ${from ?? ''} is of the other family: leave --${own === 'ipv4' ? 'ipv6' : 'ipv4'} out.`,
    );
  }
  const asked = (['ipv4', 'ipv6'] as const).filter((family) => {
    if (own !== null) return family === own;
    return ipv4 === ipv6 || (family === 'ipv4' ? ipv4 === true : ipv6 === true);
  });
  const reaches = await askReach(engine, { ports, from: from ?? null }, asked);
  out(given.values.json === true ? `${JSON.stringify(reaches)}\n` : reachText(reaches));
  const answers = Object.values(reaches).map(allOpen);
  return answers.includes(false) ? 1 : answers.includes(null) ? 3 : 0;
}
