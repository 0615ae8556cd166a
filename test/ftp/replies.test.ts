import assert from 'node:assert/strict';
import fc from 'fast-check';
import { extendedTarget, passiveTarget, takeReply, type Reply } from '../../src/ftp/replies.ts';

const reply = (text: string): Reply => ({ code: Number(text.slice(0, 3)), text });

/** What a reader gets who hands over what has come so far, piece by piece. */
function readPieces(pieces: readonly string[]): Reply[] {
  const replies: Reply[] = [];
  let received = '';
  for (const piece of pieces) {
    received += piece;
    for (let taken = takeReply(received); taken; taken = takeReply(received)) {
      replies.push(taken.reply);
      received = taken.rest;
    }
  }
  assert.equal(received, '');
  return replies;
}

const PUREFTPD_BANNER = [
  '220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n',
  '220-You are user number 1 of 50 allowed.\r\n',
  '220-This is a private system - No anonymous login\r\n',
  '220 You will be disconnected after 15 minutes of inactivity.\r\n',
].join('');
const PROFTPD_FEAT = '211-Features:\r\n EPRT\r\n EPSV\r\n MDTM\r\n 211 is not the end\r\n211 End\r\n';

describe('a reply', () => {
  it('of one line is its code and its text, and what follows is kept', () => {
    assert.deepEqual(takeReply('230 OK\r\n150 '), { reply: { code: 230, text: '230 OK' }, rest: '150 ' });
    assert.deepEqual(takeReply('230 OK\n'), { reply: { code: 230, text: '230 OK' }, rest: '' });
  });

  it('of several lines ends with its code and a blank', () => {
    const banner = takeReply(PUREFTPD_BANNER)?.reply;
    assert.equal(banner?.code, 220);
    assert.equal(banner.text.split('\n').length, 4);
    assert.ok(banner.text.endsWith('inactivity.'));
    assert.equal(takeReply(PROFTPD_FEAT)?.reply.text.split('\n').at(-1), '211 End');
  });

  it('is not complete before its last line is', () => {
    for (const text of [
      '',
      '2',
      '220',
      '220 ',
      '220 Hi',
      '220 Hi\r',
      '220-Hi\r\n',
      '220-Hi\r\n220-there\r\n',
    ]) {
      assert.equal(takeReply(text), null, JSON.stringify(text));
    }
  });

  it('is none when it does not begin with a code', () => {
    for (const text of [
      'SSH-2.0-OpenSSH_9.2\r\n',
      '\r\n220 OK\r\n',
      '22 OK\r\n',
      '2200 OK\r\n',
      'OK 220 \r\n',
    ]) {
      assert.equal(takeReply(text), null, JSON.stringify(text));
    }
  });

  it('comes out the same wherever the connection cuts it', () => {
    const conversation = `${PUREFTPD_BANNER}331 User ok\r\n${PROFTPD_FEAT}227 Entering Passive Mode (1,2,3,4,5,6)\r\n`;
    const whole = readPieces([conversation]);
    assert.deepEqual(
      whole.map(({ code }) => code),
      [220, 331, 211, 227],
    );
    assert.deepEqual(readPieces(Array.from(conversation)), whole);
    const cuts = fc.uniqueArray(fc.nat(conversation.length), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (at) => {
        const edges = [0, ...at.sort((a, b) => a - b), conversation.length];
        const pieces = edges.slice(1).map((edge, index) => conversation.slice(edges[index], edge));
        assert.deepEqual(readPieces(pieces), whole);
      }),
    );
  });
});

describe('the target of PASV', () => {
  const rows: readonly (readonly [why: string, text: string, address: string, port: number])[] = [
    ['Pure-FTPd, no dot', '227 Entering Passive Mode (203,0,113,10,192,0)', '203.0.113.10', 49152],
    ['ProFTPD, a dot', '227 Entering Passive Mode (203,0,113,7,160,137).', '203.0.113.7', 41097],
    ['no parentheses', '227 Entering Passive Mode 10,0,0,5,255,254', '10.0.0.5', 65534],
    ['an equals sign', '227 =10,0,0,5,0,21', '10.0.0.5', 21],
    ['other words', '227 Sie sind dran (127,0,0,1,4,0) bitte', '127.0.0.1', 1024],
  ];
  for (const [why, text, address, port] of rows) {
    it(`is read: ${why}`, () => assert.deepEqual(passiveTarget(reply(text)), { address, port }));
  }

  for (const text of [
    '227 Entering Passive Mode (256,0,113,10,192,0)',
    '227 Entering Passive Mode (203,0,113,10,256,0)',
    '227 Entering Passive Mode (203,0,113,10,0,0)',
    '227 Entering Passive Mode (203,0,113,10,192)',
    '227 Entering Passive Mode (203,0,113,10,1000,0)',
    '227 Entering Passive Mode (٢,0,113,10,192,0)',
    '227 Entering Passive Mode',
    '229 Entering Passive Mode (203,0,113,10,192,0)',
    '425 You cannot use PASV on IPv6 connections. Use EPSV instead. (1,2,3,4,5,6)',
    '',
  ]) {
    it(`is none for ${JSON.stringify(text)}`, () => assert.equal(passiveTarget(reply(text)), null));
  }

  it('holds an address and a port that exist, or is none, for any numbers', () => {
    const numbers = fc.array(fc.integer({ min: -1, max: 999 }), { minLength: 5, maxLength: 7 });
    fc.assert(
      fc.property(numbers, (given) => {
        const target = passiveTarget(reply(`227 Entering Passive Mode (${given.join(',')})`));
        if (target === null) return;
        const parts = (target.address ?? '').split('.').map(Number);
        assert.ok(parts.length === 4 && parts.every((part) => part >= 0 && part <= 255));
        assert.ok(target.port >= 1 && target.port <= 65535);
      }),
    );
  });
});

describe('the target of EPSV', () => {
  it('is read as both servers write it', () => {
    const expected = { address: null, port: 41023 };
    assert.deepEqual(extendedTarget(reply('229 Extended Passive mode OK (|||41023|)')), expected);
    assert.deepEqual(extendedTarget(reply('229 Entering Extended Passive Mode (|||41023|)')), expected);
    assert.deepEqual(extendedTarget(reply('229 Entering Extended Passive Mode (|||41023|).')), expected);
  });

  it('is read with any printable delimiter', () => {
    const delimiters = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
    for (const d of delimiters.filter((each) => !/\d/.test(each))) {
      assert.deepEqual(extendedTarget(reply(`229 OK (${d}${d}${d}50000${d})`))?.port, 50000, d);
    }
  });

  for (const text of [
    '229 OK (|||0|)',
    '229 OK (|||65536|)',
    '229 OK (|||99999|)',
    '229 OK (|||123456|)',
    '229 OK (||!50000|)',
    '229 OK (|||50000!)',
    '229 OK (|||-5000|)',
    '229 OK (   50000 )',
    '229 OK |||50000|',
    '227 OK (|||50000|)',
    '500 Unknown command',
  ]) {
    it(`is none for ${JSON.stringify(text)}`, () => assert.equal(extendedTarget(reply(text)), null));
  }
});
