import assert from 'node:assert/strict';
import { unknownReach, type Reach } from '../../src/core/reach.ts';
import { judge, type Circumstances, type Judgement, type Verdict } from '../../src/outside/judgement.ts';
import type { Proof, Visit } from '../../src/outside/proof.ts';
import { BLOCKED, OPEN, PROOF, SUBJECT } from './samples.ts';

const asked = (visitor: Reach, stranger = visitor): Circumstances['reach'] => ({ visitor, stranger });
const OVER: Circumstances = { over: true, tried: true, waited: true, reach: asked(OPEN), held: ['10.0.0.5'] };

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
    const found = judge(PROOF, [], { ...OVER, tried: false });
    assert.deepEqual([found.verdict, results(found)], ['nothing', ['untold', 'untold', 'untold']]);
    assert.equal(judge(PROOF, [], { ...OVER, tried: false, reach: asked(BLOCKED) }).verdict, 'here');
  });

  it('claims no block of what may not have been tried when it was cut short', () => {
    const cut = { ...OVER, tried: false, waited: false };
    const found = judge(PROOF, [come(49152)], cut);
    assert.deepEqual([found.verdict, results(found)], ['nothing', ['arrived', 'untold', 'untold']]);
    assert.equal(judge(PROOF, [come(60000)], cut).verdict, 'nothing');
    assert.equal(judge(PROOF, [come(60000)], { ...cut, waited: true }).verdict, 'wrong-address');
  });

  it('claims no block when nothing came from a browser inside a private network', () => {
    const inside: Proof = { ...PROOF, visitor: '192.168.1.7' };
    assert.equal(judge(inside, [], OVER).verdict, 'nothing');
    assert.equal(judge(inside, [], { ...OVER, reach: asked(BLOCKED) }).verdict, 'here');
  });

  it('tells ports that this server blocks from those that something before it blocks', () => {
    const some: Reach = {
      ...BLOCKED,
      blocked: BLOCKED.blocked.map((each) => ({ ...each, range: [49152, 50000] })),
    };
    const found = judge(PROOF, [], { ...OVER, reach: asked(some) });
    assert.deepEqual([found.verdict, results(found)], ['here', ['here', 'outside', 'outside']]);
  });

  it('knows at once what is withheld, and waits for the rest', () => {
    const [blocked] = BLOCKED.blocked;
    assert.ok(blocked);
    const proof: Proof = { ...PROOF, withheld: [{ ...blocked, range: [49152, 50000] }] };
    const waiting = judge(proof, [], { ...OVER, over: false, reach: null });
    assert.deepEqual([waiting.verdict, results(waiting)], ['waiting', ['here', 'waiting', 'waiting']]);
    assert.equal(judge(proof, [come(55000), come(65534)], OVER).verdict, 'part');
  });

  it('counts the visitor’s own connections alone where any came', () => {
    const others = PROOF.ports.map((port) => come(port, { from: '192.0.2.66' }));
    const found = judge(PROOF, [...others, come(49152)], OVER);
    assert.deepEqual([results(found), found.doubts], [['arrived', 'outside', 'outside'], ['other-address']]);
    assert.deepEqual(judge(PROOF, [...others, ...all], OVER).doubts, []);
  });

  it('does not call an address wrong that this server holds', () => {
    const held = { ...OVER, held: [SUBJECT.address] };
    assert.equal(judge(PROOF, [come(60000)], held).verdict, 'outside');
  });

  it('does not blame anything for a witness that did not come', () => {
    const found = judge(PROOF, all, OVER);
    assert.deepEqual([found.verdict, found.witnesses[0]?.result], ['open', 'untold']);
  });

  it('says that the address of the visitor is blocked where others are not', () => {
    const found = judge(PROOF, [], { ...OVER, reach: asked(BLOCKED, OPEN) });
    assert.deepEqual([found.verdict, found.doubts], ['here', ['banned']]);
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

  const DOUBTS: readonly [Verdict, string, Proof, Partial<Visit>, Partial<Circumstances>][] = [
    ['unproven', 'own-rule', PROOF, {}, { reach: asked(OPEN, BLOCKED) }],
    ['open', 'other-address', PROOF, { from: '198.51.100.99' }, {}],
    ['unproven', 'inside', { ...PROOF, visitor: '192.168.1.7' }, { from: '192.168.1.7' }, {}],
    ['unproven', 'not-told', { ...PROOF, subject: { ...SUBJECT, told: '10.0.0.5' } }, {}, {}],
    ['open', 'unknown-address', { ...PROOF, subject: { ...SUBJECT, known: ['203.0.113.11'] } }, {}, {}],
  ];
  for (const [verdict, doubt, proof, visit, known] of DOUBTS) {
    it(`says that it proves less, and is ${verdict}: ${doubt}`, () => {
      const found = judge(
        proof,
        PROOF.ports.map((port) => come(port, visit)),
        { ...OVER, ...known },
      );
      assert.deepEqual([found.verdict, found.doubts], [verdict, [doubt]]);
    });
  }
});
