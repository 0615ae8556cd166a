import assert from 'node:assert/strict';
import fc from 'fast-check';
import { incomingLines } from '../../../src/firewall/ufw/lines.ts';

const read = (text: string): string => {
  const [rule] = incomingLines([text]);
  if (rule === undefined) return 'nothing';
  const ports = rule.ports.map(([low, high]) => `${low}-${high}`).join(',');
  return `${rule.sure ? '' : 'perhaps '}${rule.verdict} ${ports}`;
};

describe('a rule in iptables’ words', () => {
  for (const [text, expected] of [
    ['-p tcp --dport 40000:65535 -j ACCEPT', 'accept 40000-65535'],
    ['-p tcp -m tcp --dport 22 -j DROP', 'deny 22-22'],
    [
      '-p tcp -m multiport --dports 21,50000:50010 -m conntrack --ctstate NEW -j ACCEPT',
      'accept 21-21,50000-50010',
    ],
    ['-m state --state NEW,ESTABLISHED -p tcp -j REJECT --reject-with tcp-reset', 'deny 1-65535'],
    ['! -i lo -j DROP', 'deny 1-65535'],
    ['-s 0.0.0.0/0 -p 6 -j ACCEPT', 'accept 1-65535'],
    ['-m addrtype --dst-type LOCAL -j ACCEPT', 'accept 1-65535'],
    ['! -p udp -j ACCEPT', 'accept 1-65535'],
    ['-m comment --comment "-j DROP" -j ACCEPT', 'accept 1-65535'],
    ['-m comment --comment -j -j ACCEPT', 'accept 1-65535'],
    // Only some connections, or nobody knows which.
    ['-i eth0 -p tcp --dport 50000 -j DROP', 'perhaps deny 50000-50000'],
    ['-d 192.0.2.1 -j ACCEPT', 'perhaps accept 1-65535'],
    ['-m limit --limit 3/min -j ACCEPT', 'perhaps accept 1-65535'],
    ['! -s 192.0.2.0/24 -p tcp -j DROP', 'perhaps deny 1-65535'],
    ['-p tcp ! --dport 22 -j DROP', 'perhaps deny 1-65535'],
    ['-p tcp --dport ftp -j ACCEPT', 'perhaps accept 1-65535'],
    ['-m set --match-set open dst -j ACCEPT', 'perhaps accept 1-65535'],
    ['-p tcp -j elsewhere', 'perhaps deny 1-65535'],
    ['-j constructor', 'perhaps deny 1-65535'],
    ['-p tcp -j RETURN', 'perhaps deny 1-65535'],
    // What no new connection from just anywhere meets, or what decides nothing.
    ['-p udp --dport 50000 -j ACCEPT', 'nothing'],
    ['! -p tcp -j DROP', 'nothing'],
    ['-p icmp --icmp-type echo-request -j ACCEPT', 'nothing'],
    ['-i lo -j ACCEPT', 'nothing'],
    ['-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', 'nothing'],
    ['-m conntrack --ctstate INVALID -j DROP', 'nothing'],
    ['-s 203.0.113.9 -j DROP', 'nothing'],
    ['-m set --match-set bans src -j DROP', 'nothing'],
    ['-m rt --rt-type 0 -j DROP', 'nothing'],
    ['-m addrtype --dst-type BROADCAST -j DROP', 'nothing'],
    ['-p tcp -m tcp --sport 20 -j ACCEPT', 'nothing'],
    ['-j ufw-not-local', 'nothing'],
    ['-p tcp --dport 445 -j ufw-skip-to-policy-input', 'nothing'],
    ['-p tcp -m limit --limit 3/min -j ufw6-logging-deny', 'nothing'],
    ['-p tcp -j LOG --log-prefix "[UFW] "', 'nothing'],
    ['-p tcp', 'nothing'],
    ['', 'nothing'],
  ] as const) {
    it(`reads "${text}" as: ${expected}`, () => {
      assert.equal(read(text), expected);
    });
  }

  it('never throws, and keeps the order of the rules', () => {
    const word = fc.constantFrom(
      '-j',
      'ACCEPT',
      'DROP',
      '!',
      '-p',
      'tcp',
      '--dport',
      '1:2',
      '--comment',
      '"',
      '-m',
      '-s',
    );
    const text = fc.array(fc.oneof(word, fc.string())).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const read = incomingLines(texts).map((rule) => rule.text);
        assert.deepEqual(
          read,
          texts.filter((each) => incomingLines([each]).length > 0),
        );
      }),
    );
  });
});
