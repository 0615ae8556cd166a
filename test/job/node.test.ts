import assert from 'node:assert/strict';
import { writeFiles } from '../sandbox/files.ts';
import { type Machine, ok } from '../sandbox/machine.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { cli, json, snapshot } from './scene.ts';

const CONF = '/etc/sysconfig/iptables-config';
const LOADED = '/run/loaded';
const MODULES =
  'ipt_REJECT ipt_tos ipt_TOS ipt_LOG ip_conntrack ipt_limit ipt_multiport iptable_filter iptable_mangle ipt_TCPMSS ipt_tcpmss ipt_ttl ipt_length ipt_state iptable_nat ip_nat_ftp ipt_owner ipt_REDIRECT';
/** As the iptables service came with older systems. */
const STOCK =
  '# Load additional iptables modules\nIPTABLES_MODULES=ip_conntrack_netbios_ns\nIPTABLES_MODULES_UNLOAD="yes"\n';
const ONLY = ['--only', 'firewall'];

describe('the node of virtual servers', function () {
  this.timeout(120_000);
  let sandbox: Sandbox;
  let server: Machine;

  before(async () => {
    sandbox = await startSandbox({ nat: false });
    server = sandbox.server;
    // This kernel has no modules to load; what is asked of it is kept instead.
    const modprobe = `#!/bin/sh\n[ ! -e /run/no-modules ] || { echo "modprobe: FATAL: Module ip_nat_ftp not found." >&2; exit 1; }\necho "$*" >>${LOADED}\n`;
    await writeFiles(server, {
      '/usr/local/solusvm/data/solusvm.conf': { text: 'id:key:pass\n' },
      '/usr/sbin/modprobe': { text: modprobe, mode: 0o755 },
      [CONF]: { text: STOCK, mode: 0o600 },
    });
  });
  after(() => sandbox.stop());

  it('keeps its settings when the kernel has no such modules', async () => {
    const before = await bytes(server);
    await ok(server.run(['touch', '/run/no-modules']));
    const { code, document } = await json(server, 'apply', '--yes', ...ONLY);
    await ok(server.run(['rm', '/run/no-modules']));
    assert.deepEqual([code, document.state], [1, 'undone'], JSON.stringify(document));
    assert.equal(document.problem?.message, '/usr/sbin/modprobe failed with exit code 1.');
    assert.match(document.problem.detail ?? '', /Module ip_nat_ftp not found/);
    assert.equal(await bytes(server), before);
  });

  it('names every module for its guests, in quotes, and loads those for FTP', async () => {
    const before = await bytes(server);
    const { document: status } = await json(server, 'status', ...ONLY);
    assert.ok(status.findings.some(({ id, level }) => id === 'node-modules' && level === 'warn'));

    const { code, document } = await json(server, 'apply', '--yes', ...ONLY);
    assert.deepEqual([code, document.state], [0, 'done'], JSON.stringify(document));
    const text = await ok(server.run(['cat', CONF]));
    assert.equal(text, STOCK.replace('ip_conntrack_netbios_ns', `"${MODULES}"`));
    assert.equal(await ok(server.run(['cat', LOADED])), '-a ip_conntrack ip_nat_ftp\n');
    const sourced = await server.run(['sh', '-c', `. ${CONF}; printf %s "$IPTABLES_MODULES"`]);
    assert.deepEqual([sourced.stdout, sourced.stderr], [MODULES, '']);

    assert.equal((await json(server, 'apply', '--yes', ...ONLY)).document.state, 'nothing-to-do');
    assert.equal((await cli(server, 'undo', '--yes')).code, 0);
    assert.equal(await bytes(server), before);
  });
});

/** Paths, modes and sums; not times. */
async function bytes(server: Machine): Promise<string> {
  return (await snapshot(server)).replace(/ [\d.]+$/gm, '');
}
