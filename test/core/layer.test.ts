import assert from 'node:assert/strict';
import type { Finding } from '../../src/core/finding.ts';
import { disagreements, layerOf, type Layer } from '../../src/core/layer.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import type { Status } from '../../src/core/status.ts';
import { filesUnder } from '../house/files.ts';

const finding = (id: string, level: Finding['level'] = 'bad'): Finding => {
  return { id, level, title: `Title of ${id}`, fact: '', fix: '' };
};

const DEFAULT = [49152, 65534] as const;
const OTHER = [30000, 30100] as const;

type Ftp = Status['ftp'];

function ftp(some: Partial<Ftp> = {}): Pick<Status, 'ftp'> {
  const right = {
    configured: [...DEFAULT] as const,
    rendered: [...DEFAULT] as const,
    live: [...DEFAULT] as const,
  };
  const address = { configured: '203.0.113.10', rendered: '203.0.113.10', live: '203.0.113.10' };
  return { ftp: { server: 'pure-ftpd', running: true, range: right, passiveAddress: address, ...some } };
}

const layer = (id: string, some: Partial<Ftp> = {}, address = 'auto'): Layer | null =>
  layerOf(finding(id), ftp(some), { ...DEFAULT_SETTINGS, passiveAddress: address });

describe('the layer of a finding', () => {
  it('is told by what the finding is about', () => {
    const all: Readonly<Record<string, Layer>> = {
      'nat-unknown': 'address',
      'address-former': 'address',
      'store-broken': 'stores',
      'range-not-kept': 'stores',
      'conf-missing': 'rendered file',
      'daemon-older-than-conf': 'daemon',
      'ftp-not-running': 'daemon',
      'range-blocked-ipv6': 'firewall now',
      'csf-error': 'firewall now',
      'boot-blocked': 'firewall after boot',
      'keeper-forgets': 'firewall after boot',
      'csf-comes-back': 'firewall after boot',
    };
    for (const [id, wanted] of Object.entries(all)) assert.equal(layer(id), wanted, id);
  });

  it('is the file where the stores are right, and else the stores', () => {
    assert.equal(
      layer('range-wrong', { range: { configured: DEFAULT, rendered: OTHER, live: OTHER } }),
      'rendered file',
    );
    assert.equal(
      layer('range-wrong', { range: { configured: null, rendered: OTHER, live: OTHER } }),
      'rendered file',
    );
    assert.equal(
      layer('range-wrong', { range: { configured: OTHER, rendered: OTHER, live: OTHER } }),
      'stores',
    );
  });

  it('is the address where stores and file agree on one that was made from another', () => {
    const former = { configured: '203.0.113.9', rendered: '203.0.113.9', live: null };
    assert.equal(layer('address-wrong', { passiveAddress: former }), 'address');
    assert.equal(layer('address-wrong', { passiveAddress: former }, '203.0.113.10'), 'stores');
    const none = { configured: null, rendered: null, live: null };
    assert.equal(layer('address-wrong', { passiveAddress: none }), 'stores');
    assert.equal(layer('address-wrong', { passiveAddress: { ...former, rendered: null } }), 'rendered file');
  });

  it('is none for what is about none', () => {
    assert.deepEqual([layer('run-interrupted'), layer('undone-by')], [null, null]);
  });

  it('is known for everything that may be found bad or dubious', () => {
    const text = filesUnder('src', '.ts')
      .filter(({ path }) => /^src\/(engine|ftp|firewall)\//.test(path))
      .map((file) => file.text)
      .join('\n');
    const found = [...text.matchAll(/id: '([a-z0-9-]+)',\s+level: (?:[^']*\? )?'(?:bad|warn)'/g)].map(
      ([, id = '']) => id,
    );
    assert.ok(found.length > 25, found.join(' '));
    const beside = ['undone-by', 'unreadable'];
    assert.deepEqual(
      found.filter((id) => layer(id) === null && !beside.includes(id)),
      [],
    );
  });
});

describe('disagreements', () => {
  it('name each layer once, the lowest first', () => {
    const findings = ['boot-blocked', 'range-blocked-ipv4', 'range-blocked-ipv6', 'store-broken'].map((id) =>
      finding(id),
    );
    const found = disagreements({ ...ftp(), findings }, DEFAULT_SETTINGS, 'bad');
    assert.deepEqual(
      found.map((each) => [each.layer, each.finding.id]),
      [
        ['stores', 'store-broken'],
        ['firewall now', 'range-blocked-ipv4'],
        ['firewall after boot', 'boot-blocked'],
      ],
    );
    assert.deepEqual(disagreements({ ...ftp(), findings }, DEFAULT_SETTINGS, 'warn'), []);
  });
});
