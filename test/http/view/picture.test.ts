import assert from 'node:assert/strict';
import { pathOf } from '../../../src/http/view/path.ts';
import { pictureOf, stopOf, type Picture } from '../../../src/http/view/picture.ts';
import { BROKEN_STATUS, GOOD_STATUS } from '../samples.ts';

const BROKEN = pathOf(BROKEN_STATUS);
const GOOD = pathOf(GOOD_STATUS);

const textsOf = ({ hops }: Picture): string[] => hops.flatMap(({ texts }) => texts.map(({ text }) => text));

describe('the picture of the path', () => {
  it('draws every place with its word and this server’s own values', () => {
    const texts = textsOf(pictureOf(BROKEN, 'across'));
    for (const text of [
      'wrong',
      '203.0.113.10 is',
      '10.0.0.5 here',
      'ports 49152-65534',
      'IPv4: blocked',
      'IPv6: not known',
      'ports 30000-50000',
    ])
      assert.ok(texts.includes(text), text);
  });

  it('leads no further than the first place that is wrong', () => {
    const states = (hops: typeof GOOD): string[] => pictureOf(hops, 'down').ways.map(({ state }) => state);
    assert.deepEqual(states(GOOD), ['unknown', 'good', 'good', 'good']);
    assert.deepEqual(states(BROKEN), ['unknown', 'bad', 'stopped', 'stopped']);
  });

  it('says in words what it shows', () => {
    const { says } = pictureOf(BROKEN, 'across');
    assert.match(says, /NAT \(address translation\): wrong, 203\.0\.113\.10 is, 10\.0\.0\.5 here\./);
    assert.match(says, /A transfer comes no further than “NAT \(address translation\)”\.$/);
    assert.match(stopOf(GOOD), /^Nothing on this server stops a transfer\./);
  });

  it('calls nothing free of faults that is not known', () => {
    const unknown = pathOf({ ...GOOD_STATUS, firewall: { active: 'none', others: [], reach: {} } });
    assert.match(stopOf(unknown), /not every place is right or could be looked at/);
  });

  it('keeps every place and every text inside its frame', () => {
    for (const shape of ['across', 'down'] as const) {
      for (const path of [BROKEN, GOOD]) {
        const { viewBox, hops } = pictureOf(path, shape);
        const [, , width = 0, height = 0] = viewBox.split(' ').map(Number);
        for (const { x, y, texts } of hops) {
          assert.ok(x - 30 >= 0 && x + 32 <= width && y - 32 >= 0 && y + 30 <= height, `${shape} ${viewBox}`);
          for (const text of texts) assert.ok(text.y > 0 && text.y < height && text.x < width);
        }
      }
    }
  });

  it('cuts a text that would run into its neighbour', () => {
    const long = BROKEN.map((hop) => ({ ...hop, facts: ['x'.repeat(80)] }));
    assert.ok(textsOf(pictureOf(long, 'across')).every((text) => text.length <= 27));
  });
});
