import assert from 'node:assert/strict';
import { openTwin, type Twin } from '../../src/engine/twin.ts';
import { NO_RULES } from '../../src/firewall/ruleset.ts';
import type { Ask, Outcome } from '../../src/engine/ports.ts';
import { ruleName } from '../../src/engine/verdict.ts';
import { startServer } from './server.ts';

const RULES = `table inet filter {
	chain input {
		type filter hook input priority filter; policy accept;
		ip saddr 192.0.2.66 tcp dport 80 accept
		tcp dport 22 accept
		reject
	}
}`;

/** A twin of these rules on a wire that loses the first packets to a port, in one family. */
async function onBadWire(port: number, losses: number): Promise<{ twin: Twin; came: Ask[] }> {
  const server = startServer();
  const came: Ask[] = [];
  const isLost = (ask: Ask): boolean => {
    if (ask.port !== port || ask.to.includes(':')) return false;
    came.push(ask);
    return came.length <= losses;
  };
  const twin = await openTwin(
    {
      ...server.ports.twin,
      async openNamespaces(spec) {
        const namespaces = await server.ports.twin.openNamespaces(spec);
        return {
          ...namespaces,
          connect(asks, limitMs, onOutcome: (id: string, outcome: Outcome) => void) {
            const lost = asks.filter(isLost);
            for (const { id } of lost) onOutcome(id, 'silent');
            return namespaces.connect(
              asks.filter((ask) => !lost.includes(ask)),
              limitMs,
              onOutcome,
            );
          },
        };
      },
    },
    { ...NO_RULES, nft: RULES },
  );
  // The very first packet of all is nobody's question.
  await twin.ask([1, 1], ['ipv4']);
  return { twin, came };
}

describe('a connection that is lost on its way', () => {
  it('is made once more, from somebody who was not here before', async () => {
    const { twin, came } = await onBadWire(22, 1);
    const { ipv4 } = await twin.ask([1, 100], ['ipv4']);
    assert.deepEqual(ipv4?.open, [[22, 22]]);
    assert.equal(new Set(came.map(({ from }) => from)).size, 2);
  });

  it('is made once more from the address that was asked about', async () => {
    const { twin, came } = await onBadWire(80, 1);
    const { ipv4 } = await twin.ask([80, 80], ['ipv4'], '192.0.2.66');
    assert.deepEqual(ipv4?.open, [[80, 80]]);
    assert.deepEqual(
      came.map(({ from }) => from),
      ['192.0.2.66', '192.0.2.66'],
    );
  });

  it('is told as stopped by nothing that is known when it is lost again', async () => {
    const { twin, came } = await onBadWire(22, 2);
    const { ipv4 } = await twin.ask([22, 22], ['ipv4']);
    assert.deepEqual(ipv4?.open, []);
    assert.deepEqual(
      ipv4.blocked.map(({ range, rule }) => ({ range, rule })),
      [{ range: [22, 22], rule: null }],
    );
    assert.equal(came.length, 2);
  });
});

describe('a connection that a rule ends', () => {
  it('is made no second time', async () => {
    const { twin, came } = await onBadWire(23, 0);
    const { ipv4 } = await twin.ask([23, 23], ['ipv4']);
    const [stop] = ipv4?.blocked ?? [];
    assert.equal(stop?.decision && ruleName(stop.decision), 'inet filter input: reject');
    assert.equal(came.length, 1);
  });
});
