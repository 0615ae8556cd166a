import assert from 'node:assert/strict';
import { DEFAULT_LIVE_PORT, readRemembered, rememberChange } from '../../src/engine/remembered.ts';
import { refusal } from '../core/refusal.ts';
import { settings } from './server.ts';

const PATH = '/var/lib/whm-ftp-passive/settings.json';
const change = (text: string | null, ...some: Parameters<typeof settings>): string | null =>
  rememberChange(PATH, text, settings(...some))?.after ?? null;

describe('remembered settings', () => {
  it('are the defaults where nothing is remembered', () => {
    const defaults = { settings: settings(), livePort: DEFAULT_LIVE_PORT };
    assert.deepEqual(readRemembered(PATH, null), defaults);
    assert.deepEqual(readRemembered(PATH, '{}'), defaults);
  });

  it('are what the file says, the rest defaults', () => {
    const read = readRemembered(PATH, '{"range":"30000-35000","livePort":2096}');
    assert.deepEqual(read, { settings: settings({ range: [30000, 35000] }), livePort: 2096 });
  });

  it('come back as they were written', () => {
    const wanted = settings({ range: [30000, 35000], passiveAddress: 'none', ipv6: false });
    const text = rememberChange(PATH, null, wanted)?.after ?? assert.fail();
    assert.deepEqual(readRemembered(PATH, text).settings, wanted);
    assert.equal(rememberChange(PATH, text, wanted), null);
  });

  it('keep what else the file holds, and never which half a call was about', () => {
    const after = change('{"livePort":2096}', { range: [30000, 35000], only: 'ftp' }) ?? '';
    const read = JSON.parse(after) as Record<string, unknown>;
    assert.deepEqual([read['livePort'], read['range'], 'only' in read], [2096, '30000-35000', false]);
    assert.equal(change(null, { only: 'firewall' }), null);
  });

  for (const text of ['', '[]', '1', 'null', '{"livePort":0}', '{"livePort":"2096"}', 'range=1']) {
    it(`are refused when the file says ${text || 'nothing'}`, () => {
      const refused = refusal(
        `${PATH} cannot be used. It is not the JSON that this program writes. Repair or remove it.`,
        'unsupported',
      );
      assert.throws(() => readRemembered(PATH, text), refused);
      assert.throws(() => rememberChange(PATH, text, settings()), refused);
    });
  }

  it('are refused when they make no sense', () => {
    assert.throws(() => readRemembered(PATH, '{"range":"1-2"}'), /Port 1 is below 1024/);
    assert.throws(() => readRemembered(PATH, '{"colour":"red"}'), /Settings: /);
  });
});
