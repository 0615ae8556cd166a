import assert from 'node:assert/strict';
import { choicesView, sizeWords } from '../../../src/http/view/choices.ts';
import { watchView } from '../../../src/http/view/watch.ts';

describe('the settings in words', () => {
  it('count the ports of a range and the clients that they are enough for', () => {
    assert.match(sizeWords('49152-65534'), /are 16383 ports, enough for 8191 clients at the same time/);
    assert.match(sizeWords('50000-50001'), /are 2 ports, enough for 1 client at/);
  });

  it('count nothing where the range is none', () => {
    for (const range of ['', '70000-80000', '5-1', 'x']) assert.equal(sizeWords(range), '');
  });

  it('offer every firewall, with the one that was chosen', () => {
    const form = { range: '', address: 'auto', ipv6: true, firewall: 'ufw' };
    const { firewalls } = choicesView(form) as { firewalls: { value: string; selected: boolean }[] };
    assert.deepEqual(
      firewalls.filter(({ selected }) => selected).map(({ value }) => value),
      ['ufw'],
    );
    assert.ok(firewalls.some(({ value }) => value === 'auto'));
  });

  it('tell how the watch stands, and do not call on what is half on', () => {
    const word = (mode: 'off' | 'repair' | 'notify', timer: boolean, hook: boolean | null): string =>
      watchView({ mode, timer, hook }).word;
    assert.equal(word('off', false, null), 'Off');
    assert.equal(word('off', true, false), 'Half on');
    assert.equal(word('off', false, true), 'Half on');
    assert.equal(word('repair', false, true), 'Half on');
    assert.equal(word('notify', true, false), 'On');
    assert.match(
      watchView({ mode: 'repair', timer: true, hook: true }).sentence,
      /update of cPanel.*repairs/,
    );
    assert.doesNotMatch(watchView({ mode: 'notify', timer: true, hook: false }).sentence, /update|repairs/);
  });
});
