import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PortRange } from '../../src/core/range.ts';
import { samplePorts } from '../../src/outside/sample.ts';

const lowest = (): number => 0;

describe('ports to try from outside', () => {
  it('are ten of a large range, both ends among those at the advertised address', () => {
    const { ports, witnesses } = samplePorts([49152, 65534], new Set(), true, lowest);
    assert.deepEqual([ports.length, witnesses.length], [8, 2]);
    assert.deepEqual([ports[0], ports.at(-1)], [49152, 65534]);
  });

  it('ask nothing twice where no other name of the server is known', () => {
    assert.deepEqual(samplePorts([50000, 50005], new Set(), false, lowest), {
      ports: [50000, 50002, 50005],
      witnesses: [],
    });
  });

  it('leave half of a small range to the FTP server', () => {
    assert.deepEqual(samplePorts([50000, 50001], new Set(), true, lowest), {
      ports: [50000],
      witnesses: [],
    });
    assert.deepEqual(samplePorts([50000, 50001], new Set([50000, 50001]), true, lowest).ports, []);
  });

  it('are free, different, of the range, and at most half of what is free', () => {
    const range = fc
      .tuple(fc.integer({ min: 1024, max: 65000 }), fc.integer({ min: 0, max: 400 }))
      .map(([low, more]): PortRange => [low, low + more]);
    fc.assert(
      fc.property(
        range,
        fc.array(fc.integer({ min: 0, max: 400 })),
        fc.boolean(),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (ports, offsets, hasWitness, chance) => {
          const taken = new Set(offsets.map((each) => ports[0] + each));
          const sample = samplePorts(ports, taken, hasWitness, (below) => Math.floor(chance * below));
          const all = [...sample.ports, ...sample.witnesses];
          const free = Array.from({ length: ports[1] - ports[0] + 1 }, (_, index) => ports[0] + index).filter(
            (port) => !taken.has(port),
          );
          assert.equal(new Set(all).size, all.length);
          assert.ok(all.every((port) => free.includes(port)));
          assert.ok(all.length <= Math.min(10, free.length / 2));
          assert.ok(free.length < 2 || sample.ports.length > 0);
        },
      ),
    );
  });
});
