import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import type { FileFact } from '../../src/core/file.ts';
import { MODULES, nodeChange, nodeFindings, standpoint } from '../../src/firewall/node.ts';

const CONF = '/etc/sysconfig/iptables-config';
const SOLUSVM = { '/usr/local/solusvm/data/solusvm.conf': 'a:b:c\n' };
const WHOLE = `IPTABLES_MODULES="${MODULES.join(' ')}"`;

function files(texts: Record<string, string>): Map<string, FileFact> {
  const fact = (path: string, text: string): FileFact => ({
    path,
    text,
    encoding: 'utf8',
    tag: '',
    mtimeMs: 0,
  });
  return new Map(Object.entries(texts).map(([path, text]) => [path, fact(path, text)]));
}

const changed = (text: string): string | null =>
  nodeChange(files({ ...SOLUSVM, [CONF]: text }))?.after ?? null;

/** The modules that the service would load: what a shell makes of the file. */
function sourced(text: string): { readonly value: string; readonly said: string } {
  const script = 'eval "$1"; printf %s "$IPTABLES_MODULES"';
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', script, 'sh', text], { encoding: 'utf8', env: {} });
  return { value: stdout, said: stderr };
}

describe('the place where a server runs', () => {
  const places: readonly (readonly [string, Record<string, string>, string])[] = [
    ['a container of OpenVZ', { '/proc/vz/veinfo': ' 101 0 10 192.0.2.1\n' }, 'guest'],
    ['the node of OpenVZ', { '/proc/vz/veinfo': '', '/proc/bc/resources': '' }, 'node'],
    ['a Xen guest', { '/sys/hypervisor/type': 'xen\n', '/proc/xen/capabilities': '' }, 'guest'],
    ['the node of Xen', { '/sys/hypervisor/type': 'xen\n', '/proc/xen/capabilities': 'control_d\n' }, 'node'],
    ['a node of SolusVM', SOLUSVM, 'node'],
    ['another machine', { '/sys/hypervisor/type': 'kvm\n' }, 'elsewhere'],
  ];
  for (const [what, texts, at] of places) {
    it(`is seen: ${what}`, () => {
      assert.equal(standpoint(files(texts)).at, at);
    });
  }
});

describe('the modules of a node', () => {
  it("take the place of the service's own line, and every other byte stays", () => {
    const around = [
      '# Load additional iptables modules\n',
      '\n# Unload modules\nIPTABLES_MODULES_UNLOAD="yes"\n',
    ];
    for (const line of [
      'IPTABLES_MODULES=ip_conntrack_netbios_ns',
      'IPTABLES_MODULES=""',
      `IPTABLES_MODULES='ipt_REJECT'`,
    ])
      assert.equal(changed(around.join(line)), around.join(WHOLE), line);
  });

  it('are added at the end of a file that names none', () => {
    assert.equal(changed('# nothing'), `# nothing\n${WHOLE}\n`);
    assert.equal(changed(''), `${WHOLE}\n`);
  });

  it('leave those that the administrator has named there', () => {
    const line = 'IPTABLES_MODULES="nf_conntrack_pptp ip_nat_ftp"\n';
    assert.equal(changed(line), `IPTABLES_MODULES="nf_conntrack_pptp ${MODULES.join(' ')}"\n`);
  });

  it('get the quotes that they lack, without which a shell runs the second one as a command', () => {
    const bare = WHOLE.replaceAll('"', '');
    assert.match(sourced(`${bare}\n`).said, /ipt_tos/);
    assert.deepEqual(sourced(changed(bare) ?? ''), { value: MODULES.join(' '), said: '' });
    const [finding] = nodeFindings(files({ ...SOLUSVM, [CONF]: bare }));
    assert.match(finding?.fact ?? '', /without quotes/);
  });

  it('are left alone when all are there, on a guest, and where there is no such service', () => {
    for (const there of [WHOLE, `${WHOLE}  # ours\n`, WHOLE.replace(/"$/, ' nf_conntrack_sip"')])
      assert.equal(changed(there), null);
    assert.equal(nodeChange(files({ '/proc/vz/veinfo': '', [CONF]: '' })), null);
    assert.equal(nodeChange(files(SOLUSVM)), null);
    assert.deepEqual(nodeFindings(files({ ...SOLUSVM, [CONF]: WHOLE })), []);
  });

  it('are a finding that names what is missing', () => {
    const some = MODULES.filter((name) => name !== 'ip_nat_ftp').join(' ');
    const [finding] = nodeFindings(files({ ...SOLUSVM, [CONF]: `IPTABLES_MODULES="${some}"\n` }));
    assert.deepEqual([finding?.id, finding?.level], ['node-modules', 'warn']);
    assert.match(finding?.fact ?? '', /does not name ip_nat_ftp in IPTABLES_MODULES/);
  });

  it('are for a shell one list that names all of them once, whatever stood there, and a second look finds nothing', () => {
    const word = fc.oneof(fc.constantFrom(...MODULES), fc.stringMatching(/^[a-z][a-z_]{0,8}$/));
    const quoted = fc.constantFrom('"', "'", '');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), quoted, fc.boolean(), (words, quote, note) => {
        const text = `A=1\nIPTABLES_MODULES=${quote}${words.join(' ')}${quote}${note ? ' # note' : ''}\nB=2\n`;
        const after = changed(text);
        if (after === null) return;
        assert.match(after, /^A=1\nIPTABLES_MODULES="[^"\n]*"\nB=2\n$/);
        const names = /"(.*)"/.exec(after)?.[1]?.split(' ') ?? [];
        for (const name of [...MODULES, ...words.filter((each) => each !== 'ip_conntrack_netbios_ns')])
          assert.ok(names.includes(name), name);
        for (const name of MODULES) assert.equal(names.filter((each) => each === name).length, 1);
        assert.equal(changed(after), null);
      }),
    );
  });
});

describe('a guest', () => {
  it('gets a letter to its provider that can be copied, with the whole line', () => {
    const [finding] = nodeFindings(files({ '/proc/vz/veinfo': '' }));
    assert.deepEqual([finding?.id, finding?.level], ['virtual-node', 'info']);
    const line = /IPTABLES_MODULES="[^"]*"/.exec(finding?.fix ?? '')?.[0] ?? '';
    assert.deepEqual(sourced(line), { value: MODULES.join(' '), said: '' });
  });
});
