import assert from 'node:assert/strict';
import type { FileFacts } from '../../src/core/file.ts';
import type { PortRange } from '../../src/core/range.ts';
import { FLAGS } from '../../src/ftp/rebuild.ts';
import { proftpd } from '../../src/ftp/proftpd.ts';
import type { FtpChange, PassiveWish } from '../../src/ftp/server.ts';
import { fact } from './cpanel.ts';
import { PROFTPD } from './cpanel-proftpd.ts';
import { proftpdConf, RENDERED, running, STARTED, STORED } from './servers.ts';

const DEFAULT: PortRange = [49152, 65534];
const PUBLIC = '203.0.113.10';
const PLAIN: PassiveWish = { range: DEFAULT, address: null };
const BEHIND: PassiveWish = { range: DEFAULT, address: PUBLIC };
const NAT = {
  cpnat: '10.0.0.5 203.0.113.10\n10.0.0.6 203.0.113.11\n10.0.0.7 203.0.113.12\n',
  mainIp: '10.0.0.5\n',
};

interface Texts {
  readonly local?: string;
  readonly main?: string;
  readonly conf?: string;
  readonly cpnat?: string;
  readonly mainIp?: string;
}

function filesOf({ local, main, conf, cpnat, mainIp }: Texts): FileFacts {
  const at = (path: string, text: string | undefined, time: number) =>
    [path, text === undefined ? null : fact(path, text, time)] as const;
  return new Map([
    at(PROFTPD.local, local, STORED),
    at(PROFTPD.main, main, STORED),
    at(`${PROFTPD.local}.cache`, undefined, STORED),
    at(`${PROFTPD.main}.cache`, undefined, STORED),
    at(PROFTPD.conf, conf, RENDERED),
    at('/var/cpanel/cpnat', cpnat, STORED),
    at('/var/cpanel/mainip', mainIp, STORED),
  ]);
}

function changeOf(texts: Texts, wish: PassiveWish): FtpChange | null {
  const files = filesOf(texts);
  return proftpd.change(files, proftpd.read(files, running), wish);
}

function textsOf(change: FtpChange | null): Record<string, string | null> {
  return Object.fromEntries((change?.writes ?? []).map(({ path, after }) => [path, after]));
}

const findings = (texts: Texts): [string, string][] =>
  proftpd.read(filesOf(texts), running).findings.map(({ id, fact }) => [id, fact]);

describe('a reading of ProFTPD', () => {
  it('has the three truths of a server that is set up', () => {
    const local = `MasqueradeAddress: ${PUBLIC}\nPassivePorts: 49152 65534\n`;
    const conf = `${proftpdConf('stock')}MasqueradeAddress ${PUBLIC}\n`;
    const reading = proftpd.read(filesOf({ local, conf }), running);
    assert.deepEqual(reading.range, { configured: DEFAULT, rendered: DEFAULT, live: DEFAULT });
    assert.deepEqual(reading.passiveAddress, { configured: PUBLIC, rendered: PUBLIC, live: PUBLIC });
    assert.deepEqual([reading.running, reading.refusal, reading.findings], [true, null, []]);
  });

  it('does not know what a daemon runs with that is older than its file, or not there', () => {
    const files = filesOf({ conf: proftpdConf('stock') });
    const older = proftpd.read(files, { pid: 4242, startedMs: RENDERED - 1000 });
    assert.deepEqual([older.running, older.range.rendered, older.range.live], [true, DEFAULT, null]);
    assert.deepEqual(
      older.findings.map(({ fact: each }) => each),
      [
        '/etc/proftpd.conf was written after process 4242 had started, and ProFTPD reads it only at its start.',
      ],
    );
    const none = proftpd.read(files, null);
    assert.deepEqual([none.running, none.range.live], [false, null]);
  });

  it('names the control port, the first of several', () => {
    const port = (conf: string): number => proftpd.controlPort(filesOf({ conf }));
    assert.equal(port(proftpdConf('old')), 2121);
    assert.equal(port('<VirtualHost 10.0.0.6>\nPort 2122\n</VirtualHost>\n'), 21);
    assert.equal(proftpd.controlPort(filesOf({})), 21);
    assert.equal(proftpd.read(filesOf({ conf: 'Port 2121\n' }), null).controlPort, 2121);
  });

  it('finds a file without <Global>, and lines without a value', () => {
    assert.deepEqual(findings({ conf: `Port 21\nMasqueradeAddress\n` }), [
      [
        'conf-empty-directive',
        'Line 2 of /etc/proftpd.conf is a bare MasqueradeAddress; ProFTPD does not start with it.',
      ],
      [
        'conf-no-global',
        '/etc/proftpd.conf has no <Global> section, and cPanel writes PassivePorts nowhere else.',
      ],
    ]);
    assert.deepEqual(findings({}), [['conf-missing', '/etc/proftpd.conf does not exist.']]);
  });

  it('finds virtual hosts that tell another address or other ports', () => {
    assert.deepEqual(findings({ conf: proftpdConf('hosts'), ...NAT }), [
      [
        'host-address',
        "<VirtualHost 10.0.0.6> in /etc/proftpd.conf tells 10.0.0.6, clients reach it as 203.0.113.11; it takes over nothing from the server's own MasqueradeAddress.",
      ],
      [
        'host-range',
        '<VirtualHost 10.0.0.7> in /etc/proftpd.conf says PassivePorts 30000 30100, the server 49152 65534.',
      ],
      [
        'host-address',
        "<VirtualHost 10.0.0.7> in /etc/proftpd.conf tells 198.51.100.7, clients reach it as 203.0.113.12; it takes over nothing from the server's own MasqueradeAddress.",
      ],
    ]);
  });

  it('says nothing of virtual hosts whose public address nobody has told', () => {
    const conf = proftpdConf('hosts').replace('  PassivePorts 30000 30100\n', '');
    assert.deepEqual(findings({ conf }), []);
    assert.deepEqual(findings({ conf: conf.replaceAll('10.0.0.', 'ftp.example.com ') }), []);
  });

  it('asks for every file that it looks at', () => {
    const asked = new Set<string>();
    const files = filesOf({ local: 'PassivePorts: 1 2\n', conf: proftpdConf('hosts'), ...NAT });
    const spy = new Map(files);
    spy.get = (path) => {
      asked.add(path);
      return files.get(path);
    };
    const reading = proftpd.read(spy, { pid: 1, startedMs: STARTED });
    proftpd.change(spy, reading, { range: [50000, 51000], address: null });
    assert.deepEqual([...asked].sort(), [...proftpd.files].sort());
  });
});

describe('a change of ProFTPD', () => {
  it('writes store and file, has ProFTPD test the file, and lets cPanel render', () => {
    const conf = proftpdConf('stock');
    const change = changeOf({ conf, ...NAT }, BEHIND);
    assert.deepEqual(textsOf(change), {
      [PROFTPD.local]: `MasqueradeAddress: ${PUBLIC}\n`,
      [PROFTPD.conf]: `${conf}MasqueradeAddress ${PUBLIC}\n`,
    });
    assert.deepEqual(change?.validate, ['/usr/sbin/proftpd', '-t', '-c', '/etc/proftpd.conf']);
    assert.deepEqual(change.render, {
      command: ['/usr/local/cpanel/scripts/setupftpserver', 'proftpd', '--force'],
      touches: [
        PROFTPD.main,
        PROFTPD.local,
        `${PROFTPD.main}.cache`,
        `${PROFTPD.local}.cache`,
        PROFTPD.conf,
        ...FLAGS,
      ],
    });
    assert.deepEqual(change.restart, ['/usr/local/cpanel/scripts/restartsrv_ftpd']);
  });

  it('leaves a missing file to cPanel, and tests nothing', () => {
    const change = changeOf({}, BEHIND);
    assert.deepEqual(Object.keys(textsOf(change)), [PROFTPD.local]);
    assert.equal(change?.validate, undefined);
  });

  it('never writes ~: without an address every entry and line goes, wherever it stands', () => {
    const old = `TLSRequired: off\nMasqueradeAddress: ${PUBLIC}\n`;
    const conf = `${proftpdConf('stock')}MasqueradeAddress ${PUBLIC}\n`;
    assert.deepEqual(textsOf(changeOf({ local: old, main: old, conf }, PLAIN)), {
      [PROFTPD.local]: 'TLSRequired: off\n',
      [PROFTPD.main]: 'TLSRequired: off\n',
      [PROFTPD.conf]: proftpdConf('stock'),
    });
  });

  it('leaves ~ alone only where cPanel has taken it over and made no line of it', () => {
    const local = '# no NAT\nMasqueradeAddress: ~\n';
    const conf = proftpdConf('stock');
    const proven = { local, main: '---\nMasqueradeAddress: ~\nPassivePorts: 49152 65534\n', conf };
    assert.equal(changeOf(proven, PLAIN), null);
    assert.deepEqual(findings(proven), []);

    assert.deepEqual(textsOf(changeOf({ local, conf }, PLAIN)), { [PROFTPD.local]: '# no NAT\n' });
    assert.deepEqual(findings({ local, conf }), [
      [
        'address-null',
        `${PROFTPD.local} says MasqueradeAddress: ~, of which cPanel may make a line without a value; ProFTPD does not start with one.`,
      ],
    ]);
    const broken = changeOf({ ...proven, conf: `${conf}MasqueradeAddress \n` }, PLAIN);
    assert.equal(textsOf(broken)[PROFTPD.conf], conf);
    assert.equal(textsOf(broken)[PROFTPD.local], '# no NAT\n');
  });

  it('tells each dedicated address behind NAT the public one of its own', () => {
    const texts = { local: `MasqueradeAddress: ${PUBLIC}\n`, conf: proftpdConf('hosts'), ...NAT };
    const conf = textsOf(changeOf(texts, BEHIND))[PROFTPD.conf] ?? '';
    assert.match(conf, /<VirtualHost 10\.0\.0\.6>\n {2}MasqueradeAddress 203\.0\.113\.11\n/);
    assert.match(conf, /^ {2}MasqueradeAddress 203\.0\.113\.12 # moved in spring$/m);
    assert.equal(changeOf({ ...texts, conf }, BEHIND), null);
    assert.deepEqual(findings({ ...texts, conf }), []);
  });

  it('takes old addresses from virtual hosts that clients reach as they are', () => {
    const conf = proftpdConf('hosts')
      .replaceAll('10.0.0.', '203.0.113.')
      .replace(/^Masq.*\n/m, '');
    const after = textsOf(changeOf({ conf }, PLAIN))[PROFTPD.conf] ?? '';
    assert.doesNotMatch(after, /MasqueradeAddress/);
    assert.equal(changeOf({ conf: after }, PLAIN), null);
  });

  it("names the server's own address behind NAT when none is to be told, for cPanel would add the public one", () => {
    const change = changeOf({ conf: proftpdConf('stock'), ...NAT }, PLAIN);
    const texts = textsOf(change);
    assert.equal(texts[PROFTPD.local], 'MasqueradeAddress: 10.0.0.5\n');
    const after = { local: texts[PROFTPD.local] ?? '', conf: texts[PROFTPD.conf] ?? '', ...NAT };
    assert.equal(changeOf(after, PLAIN), null);
    const { configured, rendered, live } = proftpd.read(filesOf(after), running).passiveAddress;
    assert.deepEqual([configured, rendered, live], [null, null, null]);
    assert.deepEqual(findings(after), []);
  });

  it('takes out addresses for TLS alone that are not what the others are told there', () => {
    const tls = (address: string): string => `TLSMasqueradeAddress ${address}\n`;
    const conf = `${proftpdConf('stock')}MasqueradeAddress ${PUBLIC}\n`;
    const texts = { local: `MasqueradeAddress: ${PUBLIC}\n`, ...NAT };
    assert.deepEqual(findings({ ...texts, conf: conf + tls('198.51.100.7') }), [
      [
        'conf-tls-address',
        '/etc/proftpd.conf says TLSMasqueradeAddress 198.51.100.7, which is not what clients without TLS are told there.',
      ],
    ]);
    assert.equal(
      textsOf(changeOf({ ...texts, conf: conf + tls('198.51.100.7') }, BEHIND))[PROFTPD.conf],
      conf,
    );
    assert.equal(changeOf({ ...texts, conf: conf + tls(PUBLIC) }, BEHIND), null);

    const host = `<VirtualHost 10.0.0.6>\n  MasqueradeAddress 203.0.113.11\n  ${tls(PUBLIC)}</VirtualHost>\n`;
    assert.equal(
      textsOf(changeOf({ ...texts, conf: conf + host }, BEHIND))[PROFTPD.conf],
      conf + host.replace(`  ${tls(PUBLIC)}`, ''),
    );
    assert.equal(changeOf({ ...texts, conf: conf + host.replace(`  ${tls(PUBLIC)}`, '') }, BEHIND), null);
  });

  it('renders anew for a daemon that is down or older than its file, without an edit', () => {
    const files = filesOf({ local: 'PassivePorts: 49152 65534\n', conf: proftpdConf('stock') });
    const change = (daemon: typeof running | null): FtpChange | null =>
      proftpd.change(files, proftpd.read(files, daemon), PLAIN);
    assert.equal(change(running), null);
    for (const daemon of [null, { pid: 1, startedMs: 1 }]) assert.deepEqual(change(daemon)?.writes, []);
  });
});
