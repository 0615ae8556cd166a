import assert from 'node:assert/strict';
import type { Plan } from '../../src/core/plan.ts';
import { applyPlan } from '../../src/engine/apply.ts';
import type { Entry } from '../../src/engine/journal.ts';
import { makePlan } from '../../src/engine/planning.ts';
import { takeBack } from '../../src/engine/undo.ts';
import { openLog } from './log.ts';
import { RESTART, settings, SETUP, startServer, UAPI, type Server } from './server.ts';

const ENABLE = /systemctl enable/;
const CONFIG = '/var/cpanel/cpanel.config';
const WATCHED = '/etc/chkserv.d/chkservd.conf';

interface Done {
  readonly server: Server;
  readonly plan: Plan;
  readonly entries: readonly Entry[];
}

async function applied(): Promise<Done> {
  const server = startServer({ local: 'TLS: 1\n' });
  server.disk.put(WATCHED, 'ftpd:1\n');
  const log = openLog('r1');
  const plan = await makePlan(server.ports, settings());
  const ending = await applyPlan(server.ports, plan, settings(), log, new AbortController().signal);
  assert.equal(ending.state, 'done', JSON.stringify(ending));
  server.calls.length = 0;
  return { server, plan, entries: log.entries };
}

/** The journal as far as the beginning of a step. */
function until({ plan, entries }: Done, of: (step: Plan['steps'][number]) => boolean): Entry[] {
  const step = plan.steps.find(of)?.id ?? assert.fail('the plan has no such step');
  return entries.slice(0, entries.findIndex((each) => each.at === 'step' && each.step === step) + 1);
}

describe('undo of a run that was cut off', () => {
  const isRender = (step: Plan['steps'][number]): boolean => step.kind === 'run' && step.command[0] === SETUP;

  it('puts right what cPanel’s command leaves unsettled in its middle', async () => {
    const done = await applied();
    const { server, plan } = done;
    server.disk.put(WATCHED, 'ftpd:0\n');
    server.disk.put(CONFIG, '');
    assert.equal(await takeBack(server.ports, plan, until(done, isRender), openLog('u1')), null);
    assert.deepEqual(
      server.calls.filter((call) => ENABLE.test(call) || call === RESTART),
      ['/usr/bin/systemctl enable pure-ftpd.service', RESTART],
    );
    assert.deepEqual(
      [server.disk.text(WATCHED), server.disk.text(CONFIG)],
      ['ftpd:1\n', 'ftpserver=pure-ftpd\n'],
    );
  });

  it('leaves those files to whoever changed them since the command came to its end', async () => {
    const { server, plan, entries } = await applied();
    server.calls.length = 0;
    server.disk.put(WATCHED, 'ftpd:1\nimap:0\n');
    server.disk.put(CONFIG, 'ftpserver=pure-ftpd\nmaxemailsperhour=9\n');
    assert.equal(await takeBack(server.ports, plan, entries, openLog('u1')), null);
    assert.deepEqual(
      [server.disk.text(WATCHED), server.disk.text(CONFIG)],
      ['ftpd:1\nimap:0\n', 'ftpserver=pure-ftpd\nmaxemailsperhour=9\n'],
    );
  });

  it('takes away the login that it had lent, and asks for none where none was lent', async () => {
    const done = await applied();
    const { server, plan, entries } = done;
    const asked = (): string[] => server.calls.filter((call) => call.startsWith(UAPI));
    assert.equal(await takeBack(server.ports, plan, entries, openLog('u1')), null);
    assert.deepEqual(asked(), []);
    const talks = until(done, (step) => 'question' in step && step.question.ask === 'transfer');
    assert.equal(await takeBack(server.ports, plan, talks, openLog('u2')), null);
    assert.equal(asked().length, 1);
    assert.match(asked()[0] ?? '', / Ftp delete_ftp user=ftp-passive-check /);
  });
});
