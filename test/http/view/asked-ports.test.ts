import assert from 'node:assert/strict';
import type { Finding } from '../../../src/core/finding.ts';
import { portsOf, portsOfFirewall } from '../../../src/http/view/asked-ports.ts';
import { BROKEN_STATUS, GOOD_STATUS } from '../samples.ts';

const finding = (id: string, title = ''): Finding => ({ id, level: 'bad', title, fact: '', fix: '' });

describe('the ports that the firewall is asked about', () => {
  it('are those that a finding says are blocked', () => {
    assert.equal(portsOf(finding('range-blocked-ipv4'), BROKEN_STATUS), '49152-65534');
    assert.equal(portsOf(finding('range-blocked-ipv6'), BROKEN_STATUS), '');
    const title = 'The firewall keeps clients away from port 2121, on which FTP begins';
    assert.equal(portsOf(finding('control-port-blocked', title), BROKEN_STATUS), '2121');
    assert.equal(portsOf(finding('address-wrong', 'Not port 21'), BROKEN_STATUS), '');
  });

  it('are one of the range where nothing is blocked', () => {
    assert.equal(portsOfFirewall(BROKEN_STATUS), '49152-65534');
    const ftp = {
      ...GOOD_STATUS.ftp,
      range: { configured: [50_000, 50_010], rendered: null, live: null },
    } as const;
    assert.equal(portsOfFirewall({ ...GOOD_STATUS, ftp }), '50000');
  });
});
