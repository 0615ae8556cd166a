import assert from 'node:assert/strict';
import { checksText, reachText, statusText } from '../../src/cli/print.ts';
import type { Check } from '../../src/core/check.ts';
import type { Status } from '../../src/core/status.ts';

const nothing = { configured: null, rendered: null, live: null };
const status = (firewall: Partial<Status['firewall']>): Status => ({
  ok: true,
  ftp: { server: 'disabled', running: false, range: nothing, passiveAddress: nothing },
  nat: { behind: false, addresses: [] },
  firewall: { active: 'csf', others: [], reach: {}, ...firewall },
  findings: [],
});

describe('the printed status', () => {
  it('names the firewall in charge, and what is beside it', () => {
    const line = (some: Partial<Status['firewall']>): string | undefined =>
      statusText(status(some))
        .split('\n')
        .find((each) => each.startsWith('Firewall'));
    assert.equal(line({}), 'Firewall          csf');
    assert.equal(
      line({ others: ['nftables', 'docker'] }),
      'Firewall          csf, beside it nftables, beside it docker',
    );
  });
});

describe('the printed reach', () => {
  it('shows the way of an open port through the rules', () => {
    const text = reachText({
      ipv4: {
        method: 'twin',
        open: [[50000, 50000]],
        blocked: [],
        path: ['ip filter INPUT: -j open', 'ip filter open: -j ACCEPT'],
        ms: 9,
      },
    });
    assert.equal(
      text,
      'IPv4  open: 50000 (9 ms)\n        ip filter INPUT: -j open\n        ip filter open: -j ACCEPT\n',
    );
  });

  it('shows what stops a port, by which way, or that it is not known', () => {
    const text = reachText({
      ipv4: {
        method: 'twin',
        open: [],
        blocked: [
          {
            range: [50000, 50009],
            how: 'drop',
            rule: 'inet f c: drop',
            decision: null,
            path: ['inet f b: jump c', 'inet f c: drop'],
          },
          { range: [50010, 50010], how: 'unknown', rule: null, decision: null, path: [] },
        ],
        ms: 120,
      },
      ipv6: {
        method: 'unknown',
        reason: 'IPv6 is switched off in this kernel.',
        open: [],
        blocked: [],
        ms: 0,
      },
    });
    assert.equal(
      text,
      [
        'IPv4  open: none (120 ms)',
        '      50000-50009 drop: inet f c: drop',
        '        inet f b: jump c',
        '        inet f c: drop',
        '      50010 unknown: no rule is known to decide',
        'IPv6  unknown: IPv6 is switched off in this kernel.',
        '',
      ].join('\n'),
    );
  });
});

describe('the printed checks', () => {
  it('are one line each, under the address that each is about', () => {
    const check = (id: string, result: Check['result'], fact: string): Check => {
      return { id, title: `Title of ${id}`, result, fact };
    };
    const text = checksText([
      check('settings', 'pass', 'Right.'),
      check('control', 'pass', '220-Hello\r\n220 You'),
      check('ipv6-control', 'skip', 'Not there.'),
      check('tls-pasv-address@10.0.0.6', 'fail', 'Told another.\nBecause.'),
      check('tls-login', 'pass', '230 In'),
      check('addresses', 'skip', 'Left out.'),
      check('reach-ipv4', 'pass', 'Asked.'),
    ]);
    assert.equal(
      text,
      [
        'Settings',
        '  pass  Title of settings: Right.',
        '',
        'Main address',
        '  pass  Title of control: 220-Hello | 220 You',
        '  pass  Title of tls-login: 230 In',
        '',
        'IPv6',
        '  skip  Title of ipv6-control: Not there.',
        '',
        'Address 10.0.0.6',
        '  fail  Title of tls-pasv-address@10.0.0.6: Told another. | Because.',
        '',
        'Other addresses',
        '  skip  Title of addresses: Left out.',
        '',
        'Firewall',
        '  pass  Title of reach-ipv4: Asked.',
        '',
      ].join('\n'),
    );
  });
});
