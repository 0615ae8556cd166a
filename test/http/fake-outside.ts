import { stub, type SinonStub } from 'sinon';
import { Problem } from '../../src/core/problem.ts';
import { judge, type Asked } from '../../src/outside/judgement.ts';
import type { Proofs, Standing } from '../../src/outside/proofs.ts';
import { OPEN, PROOF } from '../outside/samples.ts';

export type FakeOutside = { [M in keyof Proofs]: SinonStub<Parameters<Proofs[M]>, ReturnType<Proofs[M]>> };

/** A proof of root's that waits. */
export const WAITING: Standing = {
  proof: PROOF,
  over: false,
  judgement: judge(PROOF, [], { over: false, tried: false, waited: false, reach: null, held: [] }),
};

/** What it came to when only the witness arrived, or these ports. */
export function ended(
  ports: readonly number[],
  proof = PROOF,
  reach: Asked = { visitor: OPEN, stranger: OPEN },
): Standing {
  const visits = ports.map((port) => ({ port, from: '198.51.100.20', said: 'tls' as const }));
  const known = { over: true, tried: true, waited: true, reach, held: [] };
  return { proof, over: true, judgement: judge(proof, visits, known) };
}

/** Proofs of which one is there, the sample's. */
export function createFakeOutside(standing = WAITING): FakeOutside {
  const there = <T>(id: string, value: T): Promise<T> =>
    id === PROOF.id
      ? Promise.resolve(value)
      : Promise.reject(new Problem('not-found', 'There is no such test any more; begin a new one.'));
  return {
    begin: stub<Parameters<Proofs['begin']>, ReturnType<Proofs['begin']>>().resolves(standing.proof),
    end: stub<Parameters<Proofs['end']>, ReturnType<Proofs['end']>>().callsFake((id) => there(id, undefined)),
    look: stub<Parameters<Proofs['look']>, ReturnType<Proofs['look']>>().callsFake((id) =>
      there(id, standing),
    ),
    ended: stub<Parameters<Proofs['ended']>, ReturnType<Proofs['ended']>>().resolves(),
    lastProof: stub<Parameters<Proofs['lastProof']>, ReturnType<Proofs['lastProof']>>().resolves(null),
    close: stub<Parameters<Proofs['close']>, ReturnType<Proofs['close']>>().resolves(),
  };
}
