import assert from 'node:assert/strict';
import type { Plan, Step } from '../../../src/core/plan.ts';
import { consequencesOf } from '../../../src/http/view/consequences.ts';
import { PLAN } from '../samples.ts';

/** What a plan of these steps says under a title; null when it does not have it. */
function saysOf(about: string, steps: readonly Step[], notes: Plan['notes'] = []): string | null {
  const found = consequencesOf({ id: 'p', empty: false, steps, notes }).find((each) => each.about === about);
  return found ? `${found.level}: ${found.says.join(' ')}` : null;
}

const RUN = {
  id: 's1',
  kind: 'run',
  title: 'Run it',
  why: '',
  undoable: true,
  command: ['/bin/true'],
  timeoutSeconds: 1,
} as const;
const RENDER: Step = { ...RUN, undo: { kind: 'command', command: ['/bin/restart'], timeoutSeconds: 1 } };
const RELOAD: Step = { ...RENDER, reloads: true };
const RULE = { family: 'ip', table: 'filter', chain: 'INPUT', text: 'accept' };
const INSERT: Step = { ...RUN, undo: { kind: 'firewall', inverse: { remove: [RULE], restore: [] } } };
const REMOVE: Step = {
  ...RUN,
  undo: { kind: 'firewall', inverse: { remove: [], restore: [{ ...RULE, next: null }] } },
};

describe('what a plan means for whoever uses the server', () => {
  it('names what is cut off when the FTP server restarts, with the sessions that are open now', () => {
    const sessions = { id: 'sessions-open', level: 'info', title: '', fact: '2 sessions.', fix: '' } as const;
    assert.match(
      saysOf('What it interrupts', [RENDER], [sessions]) ?? '',
      /^warn: The FTP server restarts.* log in again\. 2 sessions\.$/,
    );
    assert.match(saysOf('What it interrupts', [RENDER]) ?? '', /No FTP session is open now\.$/);
  });

  it('tells a firewall that makes its rules anew from a restart', () => {
    const says = saysOf('What it interrupts', [RELOAD]) ?? '';
    assert.match(says, /^warn: The firewall makes all its rules anew/);
    assert.doesNotMatch(says, /restarts/);
  });

  it('says that nothing is interrupted where only rules are put in', () =>
    assert.match(saysOf('What it interrupts', [INSERT]) ?? '', /^good: Nothing/));

  it('tells the verdict of the copy only where one was made', () => {
    const about = 'The firewall before and after';
    const kept: Step = {
      id: 's2',
      kind: 'probe',
      title: '',
      why: '',
      undoable: true,
      question: { ask: 'reach', waitSeconds: 20 },
    };
    assert.match(saysOf(about, [INSERT]) ?? '', /whoever is banned stays out/);
    assert.match(saysOf(about, [RELOAD, kept]) ?? '', /whoever is banned stays out/);
    assert.equal(saysOf(about, [RENDER, REMOVE]), null);
    assert.equal(saysOf(about, [RELOAD, { ...kept, question: { ask: 'reach' } }]), null);
  });

  it('lists each step that cannot be put back, and no proof among them', () => {
    assert.equal(saysOf('What cannot be put back', PLAN.steps), 'warn: Step 3: Open the range.');
    assert.match(saysOf('What cannot be put back', [RENDER]) ?? '', /^good: Nothing/);
  });
});
