import assert from 'node:assert/strict';
import { withoutOthers } from '../../src/engine/others.ts';

const PRESENT = ['203.0.113.10/24', '2001:db8:1::10/64'];

/** A listing as nft prints it, with these rules in one chain. */
function listing(...rules: string[]): string {
  const numbered = rules.map((rule, at) => `\t\t${rule} # handle ${at + 10}\n`).join('');
  return `table inet filter { # handle 1
	set banned { # handle 2
		type ipv4_addr
		elements = { 198.18.0.1 }
	}

	chain input { # handle 3
		type filter hook input priority filter; policy accept;
${numbered}	}
}
`;
}

/** Which of the rules stay, by their place. */
function left(present: readonly string[], ...rules: string[]): number[] {
  const light = withoutOthers(listing(...rules), present);
  const all = rules.map((_, at) => at);
  if (light === null) return all;
  const stay = all.filter((at) => !light.without({ family: 'inet', table: 'filter' }, at + 10));
  assert.equal(
    light.listing,
    listing(...rules.map((rule, at) => (stay.includes(at) ? rule : ''))).replace(/\t\t # handle \d+\n/g, ''),
  );
  return stay;
}

describe('rules for others', () => {
  const others = [
    'ip saddr 198.18.0.1 drop',
    'ip saddr 198.18.0.0/24 drop',
    'ip saddr 8.0.0.0/8 tcp dport 22 counter packets 0 bytes 0 accept',
    'ip saddr 198.18.0.1 tcp dport 50000-50010 counter packets 0 bytes 0 jump f2b-ftp',
    'ip saddr 198.18.0.1 limit rate 1/hour accept comment "of one # handle 7"',
    'ip saddr 198.18.0.1 add @banned { ip saddr }',
    'ip6 saddr 2a01:4f8::1 drop',
    'ip6 saddr 2a01::/16 drop',
    'iifname "eth0" ip saddr 198.18.0.1 drop',
    'iifname != "lo" ip saddr 198.18.0.1 drop',
    'iif "lo" ip saddr 198.18.0.1 drop',
    'oifname "eth0" ip6 saddr 2a01:4f8::1 drop',
  ];
  for (const rule of others)
    it(`are those that begin with a sender who is not there: ${rule}`, () => {
      assert.deepEqual(left(PRESENT, 'accept', rule, 'drop'), [0, 2]);
    });

  const kept = [
    'ip saddr != 198.18.0.1 drop',
    'ip saddr { 198.18.0.1, 198.18.0.2 } drop',
    'ip saddr 198.18.0.1-198.18.0.9 drop',
    'ip saddr @banned drop',
    'ip saddr & 255.0.0.0 == 198.0.0.0 drop',
    'ip saddr . tcp dport { 198.18.0.1 . 22 } drop',
    'ip saddr vmap { 198.18.0.1 : drop }',
    'ip daddr 198.18.0.1 drop',
    'counter packets 0 bytes 0 ip saddr 198.18.0.1 drop',
    'limit rate 1/hour ip saddr 198.18.0.1 drop',
    'tcp dport 22 ip saddr 198.18.0.1 drop',
    'iifname { "eth0", "eth1" } ip saddr 198.18.0.1 drop',
    'meta mark set 0x00000001 ip saddr 198.18.0.1 drop',
    'ct original ip saddr 198.18.0.1 drop',
    'arp saddr ip 198.18.0.1 drop',
    'ether saddr 02:00:00:00:00:01 drop',
    'ip saddr 0.0.0.0/1 drop',
    'ip saddr 128.0.0.0/7 drop',
    'ip6 saddr 2a00::/15 drop',
  ];
  for (const rule of kept)
    it(`are not those whose first words may be true, or do something: ${rule}`, () => {
      assert.deepEqual(left(PRESENT, 'ip saddr 198.18.0.1 drop', rule), [1]);
    });

  const present: readonly (readonly [who: string, rule: string, more?: string])[] = [
    ['the server itself', 'ip saddr 203.0.113.10 drop'],
    ['a neighbour of the server', 'ip saddr 203.0.113.0/24 drop'],
    ['the server itself', 'ip6 saddr 2001:db8:1::10 drop'],
    ['a program of the server', 'ip saddr 127.0.0.1 accept'],
    ['a program of the server', 'ip6 saddr ::1 accept'],
    ['who has no address yet', 'ip saddr 0.0.0.0 drop'],
    ['who has no address yet', 'ip6 saddr :: drop'],
    ['the other end of the wire', 'ip saddr 169.254.77.1 drop'],
    ['the other end of the wire', 'ip6 saddr fe80::1 drop'],
    ['the other end of the wire', 'ip6 saddr fe80::/10 drop'],
    ['who visits', 'ip saddr 198.18.7.7 drop', '198.18.0.1'],
    ['who visits', 'ip6 saddr 2a01:4f8::2 drop', '2a01:4f8::1'],
    ['who visits, written in another way', 'ip6 saddr 2a:4f8::2 drop', '002A:4f8::1'],
  ];
  for (const [who, rule, more = ''] of present)
    it(`are not those about ${who}: ${rule}`, () => {
      assert.deepEqual(left([...PRESENT, more], 'ip saddr 62.18.0.1 drop', rule), [1]);
    });

  const rewriting = [
    'tcp dport 8080 redirect to :80',
    'dnat ip to 198.18.0.1',
    'oifname "eth0" masquerade',
    'snat to 198.18.0.1',
    'ip saddr set 198.18.0.1',
    'ip6 saddr set 2a01::1',
    '@nh,96,32 set 0xc6120001',
    '@ll,0,16 set 0x1',
    'tproxy to :50080',
    'tcp dport 21 synproxy mss 1460',
    'queue to 0',
    'dup to 198.18.0.1 device "eth0"',
    'fwd to "eth0"',
    'xt match "recent" drop',
    'meta l4proto tcp xt target "SNAT"',
    'meta l4proto tcp # xt_SNAT',
  ];
  for (const rule of rewriting)
    it(`are left where they are where a packet may get another sender on its way: ${rule}`, () => {
      assert.deepEqual(left(PRESENT, 'ip saddr 198.18.0.1 drop', rule), [0, 1]);
    });

  it('are known by their table and their number, each for itself', () => {
    const table = (name: string, rules: string): string =>
      `table ${name} {\n\tchain input {\n${rules}\t}\n}\n`;
    const ban = '\t\tip saddr 198.18.0.1 drop # handle 4\n';
    const text =
      table('ip one', ban) +
      table('ip two', '\t\taccept # handle 4\n') +
      table('inet one', '\t\taccept # handle 4\n');
    const light = withoutOthers(text, PRESENT);
    assert.ok(light);
    assert.equal(light.listing, text.replace(ban, ''));
    const without = (family: string, name: string, handle: number | null): boolean =>
      light.without({ family, table: name }, handle);
    assert.deepEqual(
      [without('ip', 'one', 4), without('ip', 'one', 5), without('ip', 'one', null)],
      [true, false, false],
    );
    assert.deepEqual([without('ip', 'two', 4), without('inet', 'one', 4)], [false, false]);
  });

  it('stay with a block behind them that has no name', () => {
    const text = listing('accept').replace(
      '\t\taccept',
      '\t\tip saddr 198.18.0.1 jump {\n\t\t\tip saddr 198.18.0.1 drop\n\t\t} # handle 9\n\t\taccept',
    );
    assert.equal(withoutOthers(text, PRESENT), null);
  });

  it('are none where no rule begins so', () => {
    assert.equal(withoutOthers(listing('accept'), PRESENT), null);
    assert.equal(withoutOthers('', PRESENT), null);
  });
});
