import assert from 'node:assert/strict';
import { Problem } from '../../src/core/problem.ts';
import type { Ending } from '../../src/engine/journal.ts';
import { auditLine, type AuditEvent } from '../../src/runs/audit.ts';
import { auditedRunner } from '../../src/runs/audited.ts';
import type { Runner } from '../../src/runs/runner.ts';

const EVENT: AuditEvent = {
  user: 'root',
  role: 'root',
  address: '198.51.100.20',
  via: 'whm',
  action: 'POST /apply',
  result: '303',
};
const WHO = { user: 'bob', address: '198.51.100.21', via: 'whm' } as const;

describe('a line of the audit', () => {
  it('tells who, from where, what, when and with what result', () => {
    assert.deepEqual(JSON.parse(auditLine(EVENT, new Date(0))), {
      time: '1970-01-01T00:00:00.000Z',
      ...EVENT,
    });
    assert.equal(auditLine({ ...EVENT, deed: true }, new Date(0)), auditLine(EVENT, new Date(0)));
  });

  it('is one line of plain characters, and not a long one, whatever a request says', () => {
    const line = auditLine({ ...EVENT, user: '\n<5>x\u202e"\\\0', about: 'x y '.repeat(500) }, new Date(0));
    assert.match(line, /^[\x20-\x7e]{1,800}$/);
    assert.equal((JSON.parse(line) as AuditEvent).user, '?<5>x?"\\?');
  });

  it('shows no session of WHM, no token and no ticket', () => {
    const token = 'f'.repeat(64);
    const secrets = ['cpsess0123456789', token, 'Ab-_'.repeat(11).slice(0, 43)];
    const line = auditLine(
      { ...EVENT, action: `GET /${secrets.join('/')}`, about: 'y'.repeat(190) + token },
      new Date(0),
    );
    for (const secret of secrets) assert.ok(!line.includes(secret.slice(0, 12)), line);
    assert.match(line, /GET \/\(hidden\)\/\(hidden\)\/\(hidden\)/);
  });
});

describe('an audited runner', () => {
  const told = (runner: Partial<Runner>): { audited: Runner; lines: string[] } => {
    const lines: string[] = [];
    const note = ({ user, action, about = '-', result, deed }: AuditEvent): unknown =>
      lines.push(`${user} ${action} ${about}: ${result}${deed === true ? '!' : ''}`);
    return { audited: auditedRunner(runner as Runner, { note: (event) => void note(event) }), lines };
  };
  const ended = (ending: Ending): Promise<Ending> => Promise.resolve(ending);
  const APPLY = { settings: {}, who: WHO } as unknown as Parameters<Runner['apply']>[0];

  it('tells of the beginning and the end of a run as deeds', async () => {
    const problem = { code: 'timeout', message: 'x' };
    const { audited, lines } = told({
      apply: () =>
        Promise.resolve({ run: 'r-1', ended: ended({ state: 'undone', changed: false, problem }) }),
      undo: () => Promise.resolve({ run: 'r-2', ended: ended({ state: 'done', changed: false }) }),
    });
    await (
      await audited.apply(APPLY)
    )?.ended;
    await (
      await audited.undo({ run: 'r-1', who: WHO })
    ).ended;
    assert.deepEqual(lines, [
      'bob apply r-1: begun!',
      'bob apply r-1: undone timeout!',
      'bob undo r-2 for r-1: begun!',
      'bob undo r-2 for r-1: done!',
    ]);
  });

  it('tells of what was refused, which is no deed, and throws it on', async () => {
    const refuse = (): Promise<never> => Promise.reject(new Problem('busy', 'x'));
    const { audited, lines } = told({ apply: refuse, undo: refuse, cancel: refuse, confirm: refuse });
    const busy = { code: 'busy' };
    await assert.rejects(audited.apply(APPLY), busy);
    await assert.rejects(audited.undo({ run: 'r-1', who: WHO }), busy);
    await assert.rejects(audited.cancel('r-1', WHO), busy);
    await assert.rejects(audited.confirm('r-1', WHO), busy);
    assert.deepEqual(lines, [
      'bob apply -: refused busy',
      'bob undo r-1: refused busy',
      'bob cancel r-1: refused busy',
      'bob confirm r-1: refused busy',
    ]);
  });

  it('tells of an apply with nothing to do, a cancel and a confirmation', async () => {
    const { audited, lines } = told({
      apply: () => Promise.resolve(null),
      cancel: () => Promise.resolve(),
      confirm: () => Promise.resolve(),
    });
    assert.equal(await audited.apply(APPLY), null);
    await audited.cancel('r-1', WHO);
    await audited.confirm('r-1', WHO);
    assert.deepEqual(lines, [
      'bob apply -: nothing to do',
      'bob cancel r-1: asked!',
      'bob confirm r-1: confirmed!',
    ]);
  });
});
