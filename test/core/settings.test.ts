import assert from 'node:assert/strict';
import { DEFAULT_SETTINGS, parseSettings, settingsInput, type Settings } from '../../src/core/settings.ts';
import { Problem } from '../../src/core/problem.ts';
import { refusal } from './refusal.ts';

describe('settings', () => {
  const chosen: Settings = {
    range: [50000, 51000],
    passiveAddress: '203.0.113.10',
    ipv6: false,
    firewall: 'nftables',
    only: 'ftp',
    override: 'inet filter input: tcp dport 50000-51000 drop',
  };

  it('are the defaults when nothing is given', () => {
    assert.deepEqual(parseSettings({}), DEFAULT_SETTINGS);
    assert.deepEqual(DEFAULT_SETTINGS, {
      range: [49152, 65534],
      passiveAddress: 'auto',
      ipv6: true,
      firewall: 'auto',
      only: null,
      override: null,
    });
  });

  it('take what is given and keep the rest of their base', () => {
    assert.deepEqual(parseSettings({ range: '40000-41000' }, chosen), { ...chosen, range: [40000, 41000] });
    assert.deepEqual(parseSettings({ ipv6: true }, chosen), { ...chosen, ipv6: true });
    assert.deepEqual(parseSettings({ passiveAddress: 'none' }, chosen), {
      ...chosen,
      passiveAddress: 'none',
    });
    assert.deepEqual(parseSettings({ firewall: 'auto', only: 'firewall' }, chosen), {
      ...chosen,
      firewall: 'auto',
      only: 'firewall',
    });
    assert.deepEqual(parseSettings({ override: 'ip filter INPUT: drop' }, chosen), {
      ...chosen,
      override: 'ip filter INPUT: drop',
    });
  });

  it('are read back from the form in which they are stored', () => {
    for (const settings of [chosen, DEFAULT_SETTINGS, { ...chosen, keep: [[20871, 20871]] as const }]) {
      const stored: unknown = JSON.parse(JSON.stringify(settingsInput(settings)));
      assert.deepEqual(parseSettings(stored), settings);
    }
    assert.equal(settingsInput(chosen).range, '50000-51000');
  });

  it('are refused with the sentence of the field that is wrong', () => {
    assert.throws(
      () => parseSettings({ range: '60000-50000' }),
      refusal('The range 60000-50000 is reversed: write 50000-60000.'),
    );
    for (const text of ['999.1.1.1', '2001:db8::1', 'ftp.example.com', '', 'Auto', '203.0.113.10 ']) {
      const wrong = `"${text}" is not an address that FTP can advertise`;
      const right = 'write an IPv4 address like 203.0.113.10, auto or none';
      assert.throws(() => parseSettings({ passiveAddress: text }), refusal(`${wrong}: ${right}.`));
    }
    assert.throws(
      () => parseSettings({ firewall: 'pf' }),
      refusal(
        '"pf" is not a firewall that is known here: write auto, csf, firewalld, ufw, iptables or nftables.',
      ),
    );
    assert.throws(
      () => parseSettings({ only: 'both' }),
      refusal('"both" is not a half that is known here: write ftp or firewall.'),
    );
  });

  it('are refused when a field is unknown or of the wrong type', () => {
    const wrong: [unknown, RegExp][] = [
      [{ rnage: '50000-51000' }, /^Settings: [A-Z].*rnage.*\.$/],
      [{ ipv6: 'yes' }, /^Settings: ipv6: .*boolean.*\.$/],
      [{ override: 7 }, /^Settings: override: .*\.$/],
      [{ range: [50000, 51000] }, /^Settings: range: .*string.*\.$/],
      ['text', /^Settings: [A-Z].*object.*\.$/],
      [null, /^Settings: [A-Z].*object.*\.$/],
    ];
    for (const [input, sentence] of wrong) {
      assert.throws(
        () => parseSettings(input),
        (thrown) => thrown instanceof Problem && thrown.code === 'invalid' && sentence.test(thrown.message),
        JSON.stringify(input),
      );
    }
  });
});
