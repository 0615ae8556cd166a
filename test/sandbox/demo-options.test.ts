import assert from 'node:assert/strict';
import { parseDemo } from './demo-options.ts';

describe('demo options', () => {
  it('are NAT, nftables, pure-ftpd, streaming and a free port when nothing is said', () => {
    assert.deepEqual(parseDemo([]), {
      once: false,
      json: false,
      sandbox: { ftp: 'pure-ftpd', firewall: 'nftables', nat: true, cgi: 'stream', port: 0 },
    });
  });

  it('take what is said', () => {
    const options = parseDemo([
      '--once',
      '--no-nat',
      '--cgi',
      'buffered',
      '--port=8443',
      '--firewall',
      'none',
      '--ftp=proftpd',
    ]);
    assert.deepEqual(options, {
      once: true,
      json: false,
      sandbox: { ftp: 'proftpd', firewall: 'none', nat: false, cgi: 'buffered', port: 8443 },
    });
  });

  it('know every firewall of the sandbox', () => {
    for (const firewall of ['nftables', 'iptables', 'firewalld', 'none']) {
      const options = parseDemo(['--firewall', firewall]);
      assert.ok('sandbox' in options, firewall);
      assert.equal(options.sandbox.firewall, firewall);
    }
  });

  it('are refused in one sentence when they are not known', () => {
    const wrong = [
      ['--ftp', 'vsftpd'],
      ['--firewall', 'pf'],
      ['--cgi', 'slow'],
      ['--port', '70000'],
      ['--port', 'x'],
      ['--colour'],
      ['here'],
    ];
    for (const args of wrong) {
      const answer = parseDemo(args);
      assert.ok('refusal' in answer, args.join(' '));
      assert.match(answer.refusal, /^[^\n]+\.$/);
    }
  });
});
