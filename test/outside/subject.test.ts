import assert from 'node:assert/strict';
import type { Status } from '../../src/core/status.ts';
import { subjectOf } from '../../src/outside/subject.ts';
import { refusal } from '../core/refusal.ts';

type Part = Pick<Status, 'ftp' | 'nat'>;

const server = (
  told: string | null,
  pairs: Part['nat']['addresses'] = [],
  behind = pairs.length > 0,
): Part => ({
  ftp: {
    server: 'pure-ftpd',
    running: true,
    range: { configured: null, rendered: null, live: [50000, 50100] },
    passiveAddress: { configured: told, rendered: told, live: null },
  },
  nat: { behind, addresses: pairs },
});
const NOBODY =
  'No public address of this server is known, so nobody outside can be asked to connect to it; name one (--public-address).';
const PAIR = { local: '10.0.0.5', public: '203.0.113.10' };

describe('what is to be proven from outside', () => {
  it('is the address that clients are told, and the range in use', () => {
    const subject = subjectOf(server('203.0.113.10', [PAIR]), [1, 2], ['10.0.0.5'], 'server.example');
    assert.deepEqual(subject, {
      ...{ range: [50000, 50100], told: '203.0.113.10', address: '203.0.113.10' },
      ...{ witness: 'server.example', known: ['203.0.113.10'] },
    });
  });

  it('holds a told address against the one that the server knows', () => {
    const { address, witness } = subjectOf(server('203.0.113.99', [PAIR]), [1, 2], ['10.0.0.5'], null);
    assert.deepEqual([address, witness], ['203.0.113.99', '203.0.113.10']);
  });

  it('tries the public address where clients are told a local one', () => {
    const { told, address } = subjectOf(server(null, [PAIR]), [1, 2], ['10.0.0.5'], null);
    assert.deepEqual([told, address], ['10.0.0.5', '203.0.113.10']);
  });

  it('is the server’s own address without NAT', () => {
    const { told, address, witness } = subjectOf(
      server(null),
      [1, 2],
      ['203.0.113.10', 'fe80::1'],
      'localhost',
    );
    assert.deepEqual([told, address, witness], [null, '203.0.113.10', null]);
  });

  it('is an IPv6 address where there is no other', () => {
    assert.equal(subjectOf(server(null), [1, 2], ['2001:db8:1::10'], null).address, '2001:db8:1::10');
  });

  it('takes the name that the browser uses where no address is known', () => {
    assert.equal(
      subjectOf(server(null, [], true), [1, 2], ['10.0.0.5'], 'whm.example').address,
      'whm.example',
    );
  });

  for (const name of [null, '127.0.0.1', 'localhost', '10.0.0.5'])
    it(`is refused where nobody outside could connect to anything: ${name ?? 'no name'}`, () => {
      assert.throws(
        () => subjectOf(server(null, [], true), [1, 2], ['10.0.0.5'], name),
        refusal(NOBODY, 'unsupported'),
      );
    });
});
