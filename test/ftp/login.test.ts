import assert from 'node:assert/strict';
import { loginCommands, readAccount, uapiFailure } from '../../src/ftp/login.ts';

describe('an account', () => {
  it('has the domain that its file names', () => {
    const text = 'BWLIMIT=unlimited\nDNS=example.com\nDNS1=other.example\nUSER=alice\n';
    assert.deepEqual(readAccount('alice', text), { user: 'alice', domain: 'example.com' });
  });

  it('is none when it is suspended or has no domain', () => {
    assert.equal(readAccount('bob', 'DNS=example.com\nSUSPENDED=1\n'), null);
    assert.equal(readAccount('bob', 'XDNS=example.com\nDNS1=example.com\n'), null);
    assert.equal(readAccount('bob', ''), null);
    assert.ok(readAccount('bob', 'DNS=example.com\nSUSPENDED=0\n'));
  });
});

describe('a throw-away login', () => {
  const commands = loginCommands({ user: 'alice', domain: 'example.com' }, "p'a ss$(x)");

  it('is made and removed by the same name, with its fields as arguments of their own', () => {
    const head = ['/usr/local/cpanel/bin/uapi', '--output=json', '--user=alice', 'Ftp'];
    assert.deepEqual(commands.add, [
      ...head,
      'add_ftp',
      'user=ftp-passive-check',
      "pass=p'a ss$(x)",
      'homedir=public_ftp',
      'quota=1',
      'domain=example.com',
    ]);
    assert.deepEqual(commands.remove, [
      ...head,
      'delete_ftp',
      'user=ftp-passive-check',
      'domain=example.com',
      'destroy=0',
    ]);
    assert.equal(commands.user, 'ftp-passive-check@example.com');
  });
});

describe('an answer of uapi', () => {
  const rows: readonly (readonly [stdout: string, failure: string | null])[] = [
    ['{"result":{"status":1,"errors":null,"data":null}}', null],
    ['{"result":{"status":1},"apiversion":3}', null],
    [
      '{"result":{"status":0,"errors":["The account exists.","Try again."]}}',
      'The account exists. Try again.',
    ],
    ['{"result":{"status":0,"errors":null}}', 'uapi refused'],
    ['{"result":{"status":"1"}}', 'uapi gave an answer of another shape'],
    ['{"status":1}', 'uapi gave an answer of another shape'],
    ['null', 'uapi gave an answer of another shape'],
    ['', 'uapi gave no answer that can be read'],
    ['<html>', 'uapi gave no answer that can be read'],
  ];
  for (const [stdout, failure] of rows) {
    it(`is ${failure === null ? 'a success' : `the failure "${failure}"`} for ${stdout || 'nothing'}`, () =>
      assert.equal(uapiFailure(stdout), failure));
  }
});
