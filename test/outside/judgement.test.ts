import assert from 'node:assert/strict';
import { unknownReach, type Reach } from '../../src/core/reach.ts';
import { judge, type Circumstances, type Judgement } from '../../src/outside/judgement.ts';
import type { Proof, Visit } from '../../src/outside/proof.ts';
import { BLOCKED, OPEN, PROOF, SUBJECT } from './samples.ts';

const asked = (visitor: Reach, stranger = visitor): Circumstances['reach'] => ({ visitor, stranger });
const OVER: Circumstances = { over: true, tried: true, reach: asked(OPEN), held: ['10.0.0.5'] };

const come = (port: number, more: Partial<Visit> = {}): Visit => ({
  port,
  from: '198.51.100.20',
  said: 'tls',
  ...more,
});
const results = ({ ports }: Judgement): string[] => ports.map(({ result }) => result);
const all = PROOF.ports.map((port) => come(port));

describe('the judgement of a proof from outside', () => {
  it('is open when every port at the address was reached, and doubts nothing', () => {
    const { verdict, ports, doubts } = judge(PROOF, all, OVER);
    assert.deepEqual([verdict, doubts], ['open', []]);
    assert.deepEqual(ports[0], { port: 49152, result: 'arrived', from: ['198.51.100.20'], rule: null });
  });

  it('waits while there is time', () => {
    const found = judge(PROOF, [come(49152)], { ...OVER, over: false, reach: null });
    assert.deepEqual([found.verdict, results(found)], ['waiting', ['arrived', 'waiting', 'waiting']]);
  });

  it('names a port that only something before this server can have blocked', () => {
    const found = judge(PROOF, [come(49152), come(65534), come(60000)], OVER);
    assert.deepEqual([found.verdict, results(found)], ['part', ['arrived', 'outside', 'arrived']]);
  });

  it('names the rule of this server where that blocks', () => {
    const found = judge(PROOF, [], { ...OVER, reach: asked(BLOCKED) });
    assert.equal(found.verdict, 'here');
    assert.deepEqual(found.ports[1], {
      ...{ port: 55000, result: 'here', from: [] },
      rule: 'ip filter INPUT: policy drop',
    });
  });

  it('does not say where, when this server could not be asked', () => {
    const found = judge(PROOF, [], { ...OVER, reach: asked(unknownReach('no namespaces')) });
    assert.deepEqual([found.verdict, found.ports[0]?.result], ['somewhere', 'somewhere']);
  });

  it('tells a range that is blocked outside from an address that is wrong', () => {
    assert.equal(judge(PROOF, [], OVER).verdict, 'outside');
    const wrong = judge(PROOF, [come(60000)], OVER);
    assert.deepEqual([wrong.verdict, results(wrong)[0]], ['wrong-address', 'elsewhere']);
    assert.equal(wrong.witnesses[0]?.result, 'arrived');
  });

  it('does not call an address wrong for what came another way', () => {
    for (const from of ['10.0.0.77', '2001:db8:2::20'])
      assert.equal(judge(PROOF, [come(60000, { from })], OVER).verdict, 'outside', from);
  });

  it('claims no block when nothing says that anything was sent', () => {
    assert.equal(judge(PROOF, [], { ...OVER, tried: false }).verdict, 'nothing');
    assert.equal(judge(PROOF, [], { ...OVER, tried: false, reach: asked(BLOCKED) }).verdict, 'here');
  });

  it('believes TLS of a browser only, and the token of everybody', () => {
    const command: Proof = { ...PROOF, by: 'command' };
    const verdictOf = (proof: Proof, said: Visit['said']): string =>
      judge(
        proof,
        PROOF.ports.map((port) => come(port, { said })),
        OVER,
      ).verdict;
    assert.deepEqual(
      [verdictOf(command, 'tls'), verdictOf(command, 'token'), verdictOf(PROOF, 'token')],
      ['outside', 'open', 'open'],
    );
    assert.equal(verdictOf(PROOF, 'other'), 'outside');
  });

  it('does not count what came from this server itself', () => {
    const { verdict, doubts } = judge(
      PROOF,
      PROOF.ports.map((port) => come(port, { from: '10.0.0.5' })),
      OVER,
    );
    assert.deepEqual([verdict, doubts], ['outside', ['self']]);
  });

  const DOUBTS: readonly [string, Proof, Partial<Visit>, Partial<Circumstances>][] = [
    ['own-rule', PROOF, {}, { reach: asked(OPEN, BLOCKED) }],
    ['other-address', PROOF, { from: '198.51.100.99' }, {}],
    ['inside', { ...PROOF, visitor: '192.168.1.7' }, { from: '192.168.1.7' }, {}],
    ['not-told', { ...PROOF, subject: { ...SUBJECT, told: '10.0.0.5' } }, {}, {}],
    ['unknown-address', { ...PROOF, subject: { ...SUBJECT, known: ['203.0.113.11'] } }, {}, {}],
  ];
  for (const [doubt, proof, visit, known] of DOUBTS) {
    it(`says that it proves less: ${doubt}`, () => {
      const found = judge(
        proof,
        PROOF.ports.map((port) => come(port, visit)),
        { ...OVER, ...known },
      );
      assert.deepEqual([found.verdict, found.doubts], ['open', [doubt]]);
    });
  }
});
