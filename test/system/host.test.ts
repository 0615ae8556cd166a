import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Link } from '../../src/engine/ports.ts';

const END = join(import.meta.dirname, 'links-end.ts');

/** The interfaces as they are told in a network namespace that these lines of ip(8) have filled. */
async function linksAfter(lines: readonly string[]): Promise<readonly Link[]> {
  const script = `/sbin/ip -batch - && exec "$@"`;
  const argv = ['--net', 'sh', '-c', script, 'sh', process.execPath, '--import=tsx', END];
  const told = promisify(execFile)('/usr/bin/unshare', argv);
  told.child.stdin?.end(`${lines.join('\n')}\n`);
  return JSON.parse((await told).stdout) as readonly Link[];
}

const both = (first: string, second: string): string[] => [
  'link set lo up',
  `link add ${first} type veth peer name ${first}-end`,
  `link add ${second} type veth peer name ${second}-end`,
  ...[first, second].flatMap((name) => [`link set ${name} up`, `link set ${name}-end up`]),
  `addr add 10.1.0.5/24 dev ${first}`,
  `addr add 10.2.0.5/24 dev ${second}`,
  `addr add 2001:db8:1::5/64 dev ${first} nodad`,
  `addr add 2001:db8:2::5/64 dev ${second} nodad`,
];

describe('the interfaces of a server', function () {
  this.timeout(20_000);

  it('are told without loopback, with the addresses that others can reach', async () => {
    const told = await linksAfter([...both('a0', 'b0'), 'addr add 169.254.7.7/16 dev b0 scope link']);
    assert.deepEqual(
      new Map(told.map(({ name, addresses }) => [name, addresses])),
      new Map([
        ['a0', ['10.1.0.5/24', '2001:db8:1::5/64']],
        ['a0-end', []],
        ['b0', ['10.2.0.5/24', '2001:db8:2::5/64']],
        ['b0-end', []],
      ]),
    );
  });

  const ways: Readonly<Record<string, readonly string[]>> = {
    'the default route of IPv4': ['route add default via 10.2.0.1 dev b0'],
    'the cheapest of several': [
      'route add default via 10.1.0.1 dev a0 metric 200',
      'route add default via 10.2.0.1 dev b0 metric 100',
    ],
    'one that is no refusal': [
      'route add unreachable default metric 1',
      'route add default via 10.2.0.1 dev b0 metric 9',
    ],
    'a route for a half of all addresses, beside the default': [
      'route add 0.0.0.0/1 via 10.1.0.1 dev a0',
      'route add default via 10.2.0.1 dev b0',
    ],
    'the default route of IPv6, where IPv4 has none': ['route add ::/0 via 2001:db8:2::1 dev b0'],
    'IPv4 before IPv6': ['route add ::/0 via 2001:db8:1::1 dev a0', 'route add default via 10.2.0.1 dev b0'],
  };
  for (const [which, lines] of Object.entries(ways)) {
    it(`begin with the one that leads outward: ${which}`, async () => {
      const [main] = await linksAfter([...both('a0', 'b0'), ...lines]);
      assert.equal(main?.name, 'b0');
    });
  }

  it('begin with one that has an address where none leads outward', async () => {
    const [main] = await linksAfter([
      'link add bare type veth peer name held',
      'addr add 10.3.0.5/24 dev held',
    ]);
    assert.equal(main?.name, 'held');
  });
});
