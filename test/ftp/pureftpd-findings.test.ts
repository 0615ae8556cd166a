import assert from 'node:assert/strict';
import { clientLimit, pureftpdFindings } from '../../src/ftp/pureftpd-findings.ts';
import { pureftpd } from '../../src/ftp/pureftpd.ts';
import { conf, filesOf } from './servers.ts';

const CONF = '/etc/pure-ftpd.conf';
const found = (text: string): [string, string, string][] =>
  pureftpd
    .read(filesOf({ conf: conf('stock') + text }), null)
    .findings.map(({ id, level, fact }) => [id, level, fact]);

describe('findings about how clients of Pure-FTPd connect', () => {
  const rows: readonly (readonly [line: string, id: string, level: string, fact: RegExp])[] = [
    ['Bind 2121', 'control-port', 'info', /says Bind 2121; clients that are not told so try port 21\.$/],
    ['Bind 10.0.0.5,2121', 'control-port', 'info', /says Bind 10\.0\.0\.5,2121;/],
    ['TLS 0', 'tls-off', 'info', /says TLS 0; clients cannot use TLS/],
    ['TLS 2', 'tls-required', 'info', /says TLS 2; clients without TLS are turned away\.$/],
    ['TLS 3', 'tls-required', 'info', /says TLS 3;/],
    ['NATmode yes', 'nat-mode', 'bad', /says NATmode yes; .* PASV and EPSV with "500 Unknown command"\.$/],
    [
      'BrokenClientsCompatibility on',
      'broken-clients',
      'warn',
      /over IPv4 EPSV is answered with "500 Unknown command", and only PASV is left\.$/,
    ],
  ];
  for (const [line, id, level, fact] of rows) {
    it(`are ${id} for ${line}`, () => {
      const [one, ...more] = found(`${line}\n`);
      assert.deepEqual([one?.[0], one?.[1], more], [id, level, []]);
      assert.match(one?.[2] ?? '', fact);
    });
  }

  it('are none for what cPanel writes by itself', () => {
    assert.deepEqual(found('TLS 1\nNATmode no\nBrokenClientsCompatibility no\nBind 21\n# NATmode yes\n'), []);
    assert.deepEqual(pureftpdFindings(CONF, '', 21), []);
  });
});

describe('the limit of clients of Pure-FTPd', () => {
  it('is the last one in its file, else its own', () => {
    assert.deepEqual(clientLimit('MaxClientsNumber 30\nMaxClientsNumber 200\n'), {
      most: 200,
      says: 'MaxClientsNumber 200',
    });
    for (const text of ['', 'MaxClientsNumber 0\n', 'MaxClientsNumber many\n'])
      assert.equal(clientLimit(text).most, 50, text);
  });
});
