import assert from 'node:assert/strict';
import type { Status } from '../../../src/core/status.ts';
import { truthsOf, type TruthRow } from '../../../src/http/view/truths.ts';
import { GOOD_STATUS } from '../samples.ts';

describe('the three truths', () => {
  function addressRow(
    configured: string | null,
    rendered: string | null,
    live: string | null,
    change: Partial<Status['ftp']> = {},
  ): Pick<TruthRow, 'level' | 'live' | 'agree'> {
    const ftp = { ...GOOD_STATUS.ftp, passiveAddress: { configured, rendered, live }, ...change };
    const row = truthsOf({ ...GOOD_STATUS, ftp })[1];
    assert.ok(row);
    return { level: row.level, live: row.live, agree: row.agree };
  }

  it('name the first that differs', () => {
    assert.deepEqual(addressRow('a', 'a', 'a'), { level: 'good', live: 'a', agree: 'they agree' });
    for (const [truths, differs] of [
      [['a', 'b', 'b'], 'the configuration file'],
      [['a', null, null], 'the configuration file'],
      [[null, 'a', 'a'], 'the configuration file'],
      [['a', 'a', 'b'], 'the running server'],
    ] as const) {
      const [configured, rendered, live] = truths;
      const { level, agree } = addressRow(configured, rendered, live);
      assert.deepEqual([level, agree], ['bad', `first to differ: ${differs}`]);
    }
  });

  it('are not called right where nothing is set', () => {
    const { level, live, agree } = addressRow(null, null, null);
    assert.deepEqual([level, live], ['unknown', 'not set']);
    assert.equal(agree, 'not set anywhere; clients are told this server’s own address');
    assert.equal(addressRow(null, null, null, { running: false }).agree, 'not set anywhere');
  });

  it('claim nothing of a server that does not run, or that runs with older settings', () => {
    assert.deepEqual(addressRow('a', 'a', null, { running: false }), {
      level: 'unknown',
      live: 'does not run',
      agree: 'settings and file agree; no server runs',
    });
    const { level, live } = addressRow('a', 'a', null);
    assert.deepEqual([level, live], ['unknown', 'not known']);
  });

  it('have cPanel’s default range where none is configured, and none where FTP is off', () => {
    const range = { configured: null, rendered: null, live: null };
    const rowOf = (change: Partial<Status['ftp']>): TruthRow | undefined =>
      truthsOf({ ...GOOD_STATUS, ftp: { ...GOOD_STATUS.ftp, range, ...change } })[0];
    assert.equal(rowOf({})?.configured, '49152-65534');
    const off = rowOf({ server: 'disabled', running: false });
    assert.deepEqual([off?.configured, off?.level], ['not set', 'unknown']);
  });
});
