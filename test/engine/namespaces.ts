import type { CommandResult, Namespaces, OpenNamespaces } from '../../src/engine/ports.ts';
import { parseListing } from '../../src/firewall/nftables/listing.ts';
import { samePlace, type Place } from '../../src/firewall/ruleset.ts';
import { openKernel, type Kernel, type Passed } from './kernel.ts';

/** Namespaces with the small kernel in them, and the trace that nft would print. */
export function openFakeNamespaces(opened: { count: number }): OpenNamespaces {
  return () => {
    opened.count += 1;
    const kernel = openKernel();
    let hear: (line: string) => void = () => undefined;
    let packets = 0;
    const namespaces: Namespaces = {
      ipv6: true,
      run: (argv, options) => Promise.resolve(runNft(kernel, argv, options?.stdin)),
      handles: (chain) => Promise.resolve(handlesIn(kernel, chain)),
      listen: () => Promise.resolve(),
      openClient: () => Promise.resolve(),
      connect(asks, _, onOutcome) {
        for (const { id, port, to, from } of asks) {
          const family = to.includes(':') ? 'ipv6' : 'ipv4';
          const fate = kernel.meet(family, port, from);
          packets += 1;
          for (const line of traceLines(`${packets}`, from, port, fate.passed)) hear(line);
          onOutcome(id, fate.outcome);
        }
        return Promise.resolve();
      },
      settle: () => undefined,
      trace(onLine) {
        hear = onLine;
        return Promise.resolve();
      },
      close() {
        opened.count -= 1;
        return Promise.resolve();
      },
    };
    return Promise.resolve(namespaces);
  };
}

function handlesIn(kernel: Kernel, place: Place): number[] {
  const chain = parseListing(kernel.listing()).find((each) => samePlace(each, place));
  return chain?.rules.map(({ handle }) => handle ?? 0) ?? [];
}

function traceLines(id: string, from: string, port: number, passed: readonly Passed[]): string[] {
  const ip = from.includes(':') ? 'ip6' : 'ip';
  return passed.flatMap((step) => {
    const place = `trace id ${id} ${step.family} ${step.table} ${step.chain}`;
    const packet = `${place} packet: iif "eth0" ${ip} saddr ${from} tcp sport 40000 tcp dport ${port}`;
    const verdict = step.verdict.startsWith('reject') ? 'drop' : step.verdict;
    if (step.rule === null) return [packet, `${place} policy ${verdict}`];
    return [packet, `${place} rule ${step.rule.text} # handle ${step.rule.handle} (verdict ${verdict})`];
  });
}

/** The two ways in which the product calls nft. */
export function runNft(kernel: Kernel, argv: readonly string[], stdin = ''): CommandResult {
  const done = (stdout: string, stderr = '', code = 0): CommandResult => {
    return { argv, code, signal: null, stdout, stderr, missing: false, timedOut: false, ms: 1 };
  };
  if (argv.includes('list')) return done(kernel.listing());
  try {
    kernel.load(stdin);
    return done('');
  } catch (error) {
    return done('', error instanceof Error ? error.message : '', 1);
  }
}
