import assert from 'node:assert/strict';
import { beyondFindings } from '../../src/firewall/beyond.ts';
import { OVERLAY_FILES } from '../../src/firewall/charge.ts';
import { files } from '../../src/system/files.ts';
import { factsOf, rulesetOf } from './rulesets.ts';

const found = (texts: Record<string, string>): ReturnType<typeof beyondFindings> =>
  beyondFindings(factsOf(rulesetOf('none'), { files: texts }));
const ids = (texts: Record<string, string>): string[] => found(texts).map(({ id }) => id);
const VENDOR = '/sys/class/dmi/id/sys_vendor';

describe('what lies beyond this server', () => {
  it('is the node of a container or of a Xen guest, as advice only', () => {
    const container = found({ '/proc/vz/veinfo': ' 101 0 10 192.0.2.1\n' });
    assert.deepEqual(
      container.map(({ id, level }) => [id, level]),
      [['virtual-node', 'info']],
    );
    assert.match(container[0]?.fix ?? '', /\/etc\/sysconfig\/iptables-config on our node/);
    assert.match(found({ '/sys/hypervisor/type': 'xen\n' })[0]?.title ?? '', /a Xen guest/);
    assert.deepEqual(ids({ '/sys/hypervisor/type': 'xen\n', '/proc/xen/capabilities': '' }), [
      'virtual-node',
    ]);
  });

  it('is nothing on the node itself, or on another machine', () => {
    assert.deepEqual(ids({}), []);
    assert.deepEqual(ids({ '/proc/vz/veinfo': '', '/proc/bc/resources': '' }), []);
    assert.deepEqual(ids({ '/sys/hypervisor/type': 'xen\n', '/proc/xen/capabilities': 'control_d\n' }), []);
    assert.deepEqual(ids({ '/sys/hypervisor/type': 'kvm\n' }), []);
  });

  it("is the provider's firewall on a known cloud", () => {
    for (const vendor of [
      'Amazon EC2',
      'Google',
      'Microsoft Corporation',
      'DigitalOcean',
      'Hetzner',
      'Vultr',
    ])
      assert.deepEqual(ids({ [VENDOR]: `${vendor}\n` }), ['cloud-firewall'], vendor);
    for (const vendor of ['Dell Inc.', 'QEMU', '']) assert.deepEqual(ids({ [VENDOR]: vendor }), [], vendor);
  });

  it('is told by files that can be read like any other, here too', async () => {
    for (const path of OVERLAY_FILES) await files.read(path);
    assert.equal(typeof (await files.read('/proc/sys/kernel/ostype'))?.text, 'string');
  });
});
