import assert from 'node:assert/strict';
import type { Status } from '../../../src/core/status.ts';
import { pathOf, type Hop } from '../../../src/http/view/path.ts';
import { BROKEN_STATUS, GOOD_STATUS } from '../samples.ts';

/** The hop of this place, for a good server with some of it changed. */
function hopOf(place: string, change: Partial<Status>): Hop {
  const found = pathOf({ ...GOOD_STATUS, ...change }).find((hop) => hop.name.startsWith(place));
  assert.ok(found);
  return found;
}

const ftp = (change: Partial<Status['ftp']>): Partial<Status> => ({ ftp: { ...GOOD_STATUS.ftp, ...change } });
const live = (address: string | null): Partial<Status> =>
  ftp({ passiveAddress: { configured: null, rendered: null, live: address } });

describe('the way of a passive connection', () => {
  it('is right where it was seen to be, and not known where it cannot be seen', () => {
    assert.deepEqual(
      pathOf(GOOD_STATUS).map(({ level }) => level),
      ['good', 'unknown', 'good', 'good', 'good'],
    );
    assert.deepEqual(
      pathOf(BROKEN_STATUS).map(({ word }) => word),
      ['right', 'not known', 'wrong', 'wrong', 'look here'],
    );
  });

  it('is wrong behind NAT when a local or a foreign address is told', () => {
    assert.equal(hopOf('NAT', live('203.0.113.10')).level, 'good');
    assert.match(hopOf('NAT', live(null)).sentence, /tells clients its local address/);
    const foreign = hopOf('NAT', live('198.51.100.1'));
    assert.equal(foreign.level, 'bad');
    assert.match(foreign.sentence, /198\.51\.100\.1, which is not an address of this server/);
  });

  it('needs no address where there is no NAT', () => {
    const nat = { behind: false, addresses: [] };
    assert.equal(hopOf('NAT', { ...live(null), nat }).level, 'good');
    assert.equal(hopOf('NAT', { ...live('203.0.113.10'), nat }).level, 'warn');
  });

  it('claims nothing of a server that does not run, nor of a map that is empty', () => {
    assert.equal(hopOf('NAT', ftp({ running: false })).level, 'unknown');
    const hop = hopOf('NAT', { ...live(null), nat: { behind: true, addresses: [] } });
    assert.deepEqual(
      [hop.level, hop.sentence.startsWith('Its public address is not known.')],
      ['warn', true],
    );
  });

  it('is right for an address that somebody chose and the verdict found right', () => {
    const right = { id: 'address-right', level: 'good', title: '', fact: '', fix: '' } as const;
    assert.equal(hopOf('NAT', { ...live('198.51.100.1'), findings: [right] }).level, 'good');
  });

  it('names what a family’s firewall does, the worst deciding', () => {
    const open = { method: 'twin', open: [[49152, 65534]], blocked: [], ms: 1 } as const;
    const blocked = {
      ...open,
      blocked: [{ range: [50000, 50010], how: 'reject', rule: null, decision: null, path: [] }],
    } as const;
    const unknown = { method: 'unknown', open: [], blocked: [], ms: 0 } as const;
    const hop = (reach: Status['firewall']['reach']): Hop =>
      hopOf('Firewall here', { firewall: { active: 'nftables', others: [], reach } });
    assert.equal(hop({ ipv4: open, ipv6: open }).level, 'good');
    assert.equal(hop({ ipv4: open, ipv6: unknown }).level, 'unknown');
    assert.equal(hop({ ipv4: unknown, ipv6: blocked }).level, 'bad');
    assert.match(hop({ ipv6: blocked }).sentence, /IPv6: 50000-50010 is blocked\./);
    assert.equal(hop({}).level, 'unknown');
  });

  it('ends at a server that runs with the range that is set', () => {
    assert.equal(hopOf('FTP server', ftp({ server: 'disabled' })).level, 'bad');
    assert.equal(hopOf('FTP server', ftp({ running: false })).level, 'bad');
    const range = { configured: [49152, 65534], rendered: [49152, 65534], live: null } as const;
    assert.equal(hopOf('FTP server', ftp({ range })).level, 'unknown');
    assert.equal(hopOf('FTP server', ftp({ range: { ...range, live: [1024, 2048] } })).level, 'warn');
  });

  it('names the range that was asked about where none is set', () => {
    const range = { configured: null, rendered: null, live: null };
    const nothing = { firewall: { ...GOOD_STATUS.firewall, reach: {} }, ...ftp({ range }) };
    assert.equal(hopOf('Firewall here', nothing).sentence, 'Nobody asked whether it lets 49152-65534 in.');
  });
});
