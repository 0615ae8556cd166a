import assert from 'node:assert/strict';
import { termsIn, wordsOf } from '../../src/http/view/terms.ts';
import { BLOCKED, OPEN, PROOF } from '../outside/samples.ts';
import { createFakeDesk, type FakeDesk } from './fake-desk.ts';
import { createFakeOutside, ended, WAITING, type FakeOutside } from './fake-outside.ts';
import { openHouse, type House } from './house.ts';
import { DONE, EMPTY_STATUS, FAILED, GOOD_STATUS, LEADING_STATUS, RUNNING } from './samples.ts';

/** What somebody knows who runs a server with WHM, and names of programs that they may have. */
const KNOWN = /^(?:FTP|WHM|UTC|IP|OK|WinSCP|FileZilla|JavaScript|PowerShell|macOS)$/;
/** Names of providers, for who is their customer, and of a chain of the sample’s firewall. */
const NAMES = /^(?:OVHcloud|ACL|DigitalOcean|INPUT)$/;

describe('the words of the pages', () => {
  let desk: FakeDesk;
  let outside: FakeOutside;
  let house: House;
  beforeEach(async () => {
    desk = createFakeDesk();
    outside = createFakeOutside();
    house = await openHouse(desk, { outside });
  });
  afterEach(() => house.close());

  for (const [name, route, prepare] of [
    ['status, wrong', 'status', () => desk.status.resolves(LEADING_STATUS)],
    ['status, right', 'status', () => desk.status.resolves(GOOD_STATUS)],
    ['status, empty', 'status', () => desk.status.resolves(EMPTY_STATUS)],
    ['plan', 'plan', () => undefined],
    ['run', `runs/${RUNNING.id}`, () => undefined],
    ['run, done', `runs/${RUNNING.id}`, () => desk.run.resolves(DONE)],
    ['run, failed', `runs/${RUNNING.id}`, () => desk.run.resolves(FAILED)],
    ['history', 'runs', () => undefined],
    ['verify', 'verify', () => undefined],
    ['diagnose', 'diagnose', () => undefined],
    ['settings', 'settings', () => undefined],
    ['live port', 'live-port', () => undefined],
    ['setup', 'setup', () => undefined],
    ['outside', 'outside', () => undefined],
    [
      'outside, begun',
      `outside/${PROOF.id}`,
      () => outside.look.resolves({ ...WAITING, proof: { ...PROOF, by: 'command' } }),
    ],
    ['outside, blocked', `outside/${PROOF.id}`, () => outside.look.resolves(ended([]))],
    ['reach', 'reach?port=50000', () => desk.reach.resolves({ ipv4: BLOCKED, ipv6: OPEN })],
    ['help', 'help', () => undefined],
  ] as const) {
    it(`have no abbreviation that is not explained: ${name}`, async () => {
      prepare();
      const { text, status } = await house.get(`/${route}`);
      assert.equal(status, 200);
      const short = wordsOf(text).match(/(?<![\w-])[\w-]*[A-Z]\w*[A-Z][\w-]*/g) ?? [];
      const dark = [...new Set(short)].filter(
        (word) => !KNOWN.test(word) && !NAMES.test(word) && termsIn(word).length === 0,
      );
      assert.deepEqual(dark, []);
    });
  }
});
