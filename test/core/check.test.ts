import assert from 'node:assert/strict';
import { allPass, bySubject, type Check } from '../../src/core/check.ts';

const check = (result: Check['result']): Check => ({ id: 'x', title: 'X', result, fact: '' });

describe('checks', () => {
  const rows: readonly (readonly [results: readonly Check['result'][], verdict: boolean | null])[] = [
    [[], null],
    [['skip'], null],
    [['skip', 'skip'], null],
    [['pass'], true],
    [['pass', 'skip'], null],
    [['skip', 'pass'], null],
    [['fail'], false],
    [['skip', 'fail'], false],
    [['pass', 'fail', 'pass'], false],
  ];
  for (const [results, verdict] of rows) {
    it(`give ${String(verdict)} for ${results.join(', ') || 'none'}`, () =>
      assert.equal(allPass(results.map(check)), verdict));
  }
});

describe('a check that could not be tried', () => {
  const verdict = (skipped: string, passed: string): boolean | null =>
    allPass([
      { ...check('skip'), id: skipped },
      { ...check('pass'), id: passed },
    ]);

  it('leaves nothing open when its counterpart over TLS held', () => {
    assert.equal(verdict('login', 'tls-login'), true);
    assert.equal(verdict('ipv6-epsv-data', 'ipv6-tls-epsv-data'), true);
    assert.equal(verdict('login@10.0.0.6', 'tls-login@10.0.0.6'), true);
    assert.equal(verdict('login', 'tls-control'), null);
    assert.equal(verdict('login@10.0.0.6', 'tls-login'), null);
    assert.equal(verdict('tls-login', 'login'), null);
  });

  it('leaves nothing open where no client needs it', () => {
    for (const id of ['pasv-advertised', 'tls-pasv-advertised@10.0.0.6', 'tls-control', 'control@10.0.0.6'])
      assert.equal(verdict(id, 'login'), true, id);
    for (const id of ['control', 'login', 'addresses', 'reach-ipv4', 'settings', 'tls-login'])
      assert.equal(verdict(id, 'guarded'), null, id);
  });
});

describe('checks by subject', () => {
  it('are grouped by what their ids tell, in the order of their first', () => {
    const ids = ['settings', 'control', 'ipv6-tls-login', 'control@10.0.0.6', 'tls-login', 'addresses'];
    const groups = bySubject([...ids, 'reach-ipv6'].map((id) => ({ ...check('pass'), id })));
    assert.deepEqual(
      groups.map((group) => `${group.subject}: ${group.checks.map(({ id }) => id).join(' ')}`),
      [
        'Settings: settings',
        'Main address: control tls-login',
        'IPv6: ipv6-tls-login',
        'Address 10.0.0.6: control@10.0.0.6',
        'Other addresses: addresses',
        'Firewall: reach-ipv6',
      ],
    );
  });
});
