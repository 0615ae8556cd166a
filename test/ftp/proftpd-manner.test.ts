import assert from 'node:assert/strict';
import { clientLimit, hostsOf, mannerFindings } from '../../src/ftp/proftpd-manner.ts';
import { proftpdConf } from './servers.ts';

const PATH = '/etc/proftpd.conf';
const found = (text: string, port = 21): [string, string, string][] =>
  mannerFindings(PATH, text, port).map(({ id, level, fact }) => [id, level, fact]);
const ids = (text: string): string[] => found(text).map(([id]) => id);
const REUSE = 'TLSOptions NoSessionReuseRequired\n';

describe('findings about how clients of ProFTPD connect', () => {
  it('are none for what cPanel writes by itself', () => {
    for (const name of ['stock', 'hosts']) assert.deepEqual(ids(proftpdConf(name)), []);
  });

  it('name another port', () => {
    assert.deepEqual(found('Port 2121\n', 2121), [
      ['control-port', 'info', `${PATH} says Port 2121; clients that are not told so try port 21.`],
    ]);
  });

  it('say whether TLS is there and whether it is required', () => {
    assert.deepEqual(ids('TLSEngine off\n'), ['tls-off']);
    for (const value of ['on', 'ctrl', 'auth+data'])
      assert.deepEqual(ids(`TLSEngine on\n${REUSE}TLSRequired ${value}\n`), ['tls-required'], value);
    assert.deepEqual(ids(`TLSEngine on\n${REUSE}TLSRequired off\n`), []);
    assert.deepEqual(ids('TLSRequired on\n'), [], 'without the engine nothing is required');
  });

  it('name sections in which a TLS session must be used again', () => {
    assert.deepEqual(found('TLSEngine on\n'), [
      [
        'tls-session-reuse',
        'warn',
        `${PATH} has no TLSOptions NoSessionReuseRequired for the server, so ProFTPD answers such clients with 425 or closes the data connection.`,
      ],
    ]);
    assert.deepEqual(ids(`TLSEngine on\nTLSOptions StdEnvVars\n`), ['tls-session-reuse']);
    assert.deepEqual(ids(`TLSEngine on\nTLSOptions StdEnvVars nosessionreuserequired\n`), []);
    assert.deepEqual(ids(`TLSEngine on\n<Global>\n${REUSE}</Global>\n`), []);
  });

  it('know that a virtual host takes over nothing from the server', () => {
    const host = '<VirtualHost 10.0.0.6>\nTLSEngine on\n</VirtualHost>\n';
    const [only] = found(`TLSEngine on\n${REUSE}${host}`);
    assert.match(only?.[2] ?? '', /NoSessionReuseRequired for 10\.0\.0\.6, so/);
    assert.deepEqual(ids(`TLSEngine on\n${REUSE}${host.replace('on\n', `on\n${REUSE}`)}`), []);
  });
});

describe('the limit of clients of ProFTPD', () => {
  it('is the lower one of processes and clients, and none where neither is limited', () => {
    assert.deepEqual(clientLimit('MaxInstances 30\n'), { most: 30, says: 'MaxInstances 30' });
    assert.deepEqual(clientLimit('MaxInstances 30\n<Global>\nMaxClients 20 "full"\n</Global>\n'), {
      most: 20,
      says: 'MaxClients 20',
    });
    for (const text of ['', 'MaxInstances none\n', 'MaxClients none\n'])
      assert.equal(clientLimit(text), null);
  });
});

describe('the virtual hosts of ProFTPD', () => {
  it('are told with what PASV names in each', () => {
    assert.deepEqual(hostsOf(proftpdConf('hosts')), [
      { address: '10.0.0.6', told: null },
      { address: '10.0.0.7', told: '198.51.100.7' },
    ]);
    assert.deepEqual(hostsOf('<VirtualHost ftp.example.com 10.0.0.6>\n</VirtualHost>\n'), [
      { address: '10.0.0.6', told: null },
    ]);
  });
});
