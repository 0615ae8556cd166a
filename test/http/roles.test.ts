import assert from 'node:assert/strict';
import sinon from 'sinon';
import { Problem } from '../../src/core/problem.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import type { Status } from '../../src/core/status.ts';
import { ROUTES } from '../../src/http/app.ts';
import type { TicketBinding } from '../../src/http/tickets.ts';
import type { Standing } from '../../src/outside/proofs.ts';
import type { RunRecord } from '../../src/runs/record.ts';
import { PROOF } from '../outside/samples.ts';
import { createFakeDesk, createFakeRecording, type FakeDesk } from './fake-desk.ts';
import { createFakeGrants } from './fake-grants.ts';
import { createFakeOutside, WAITING, type FakeOutside } from './fake-outside.ts';
import { openHouse, RESELLER_LOGIN, ROOT_LOGIN, type Answer, type House } from './house.ts';
import { BROKEN_STATUS, DONE, RUNNING } from './samples.ts';

type Headers = Readonly<Record<string, string>>;

/** What the CGI would say of somebody whom it should not have let through. */
const STRANGERS: Readonly<Record<string, Headers>> = {
  'without the privilege': { ...RESELLER_LOGIN, 'x-whm-acl': '0' },
  'of whom nothing is said': { 'x-whm-user': 'rita', 'x-whm-session': '/cpsess1' },
  'with words for yes': { ...RESELLER_LOGIN, 'x-whm-acl': 'true', 'x-whm-root': 'yes' },
  'named root': { ...RESELLER_LOGIN, 'x-whm-acl': '', 'x-whm-user': 'root' },
  'without a name': { ...ROOT_LOGIN, 'x-whm-user': '' },
  'without a session': { ...ROOT_LOGIN, 'x-whm-session': '' },
};

/** Everything that a reseller gets who may look, with the answer. */
const LOOK: Readonly<Record<string, number>> = {
  'get /status': 200,
  'get /help': 200,
  'get /outside': 200,
  'post /outside': 303,
  'get /outside/:proof': 200,
  'get /outside/:proof/result': 200,
  'post /outside/:proof/end': 303,
};

/** Everything that a reseller with the grant gets; all else is refused. */
const GRANTED: Readonly<Record<string, number>> = {
  ...LOOK,
  'get /setup': 200,
  'post /setup': 303,
  'get /runs/:run': 200,
  'get /runs/:run/events': 200,
  'get /runs/:run/recording': 200,
  'post /runs/:run/confirm': 303,
  'post /runs/:run/ticket': 200,
  'post /runs/:run/lease': 200,
};

const OWN: RunRecord = { ...RUNNING, who: { user: 'rita', address: '198.51.100.20', via: 'whm' } };
const proofOf = (user: string): Standing => ({ ...WAITING, proof: { ...PROOF, user } });
const OTHERS: Readonly<Record<string, RunRecord>> = {
  'of root': RUNNING,
  'of another reseller': { ...OWN, who: { ...OWN.who, user: 'sam' } },
  'of a name that begins alike': { ...OWN, who: { ...OWN.who, user: 'rita2' } },
  'of the command line': { ...OWN, who: { ...OWN.who, via: 'cli' } },
  'that puts back': { ...OWN, verb: 'undo' },
};

describe('the routes', () => {
  let desk: FakeDesk;
  let house: House;
  let outside: FakeOutside;

  beforeEach(async () => {
    const recording = createFakeRecording();
    recording.end();
    desk = createFakeDesk(recording);
    desk.run.resolves(OWN);
    outside = createFakeOutside(proofOf('rita'));
    house = await openHouse(desk, { grants: createFakeGrants({ granted: ['setup'] }), outside });
  });
  afterEach(() => house.close());

  /** Every route that the app answers, as Express knows it. */
  function routes(): { name: string; method: string; path: string }[] {
    const all = house.app.router.stack.flatMap(({ route }) =>
      (route?.stack ?? []).map(({ method }) => ({ method, path: route?.path ?? '' })),
    );
    const named = new Map(all.map((each) => [`${each.method} ${each.path}`, each]));
    return [...named].map(([name, each]) => ({ name, ...each }));
  }

  /** One request with the right token, and with every field that any form has. */
  async function ask(method: string, path: string, headers: Headers): Promise<Answer> {
    const where = path.replace(':run', RUNNING.id).replace(':proof', PROOF.id);
    if (method === 'get') return house.get(where, headers);
    const fields = { plan: 'plan-4f1c', range: '1024-2000', address: '192.0.2.1', ipv6: '0', force: '1' };
    const more = {
      reseller: 'granted',
      action: 'setup',
      log: 'x',
      firewall: 'csf',
      only: 'ftp',
      override: 'x',
      mode: 'off',
    };
    return house.post(where, { ...fields, ...more, csrf: house.csrf(headers) }, headers);
  }

  const nobodyWasAsked = (): void => {
    for (const method of [...Object.values(desk), ...Object.values(outside)]) sinon.assert.notCalled(method);
  };
  const granted: Headers = { ...RESELLER_LOGIN, 'x-whm-user': 'granted' };
  const own = (): void => {
    desk.run.resolves({ ...OWN, who: { ...OWN.who, user: 'granted' } });
    outside.look.resolves(proofOf('granted'));
  };

  it('are those of the table, each once, with what it needs before all that it does', () => {
    const declared = ROUTES.map(([method, path]) => `${method} ${path}`);
    assert.ok(declared.length >= 15);
    assert.equal(new Set(declared).size, declared.length);
    const stacks = house.app.router.stack.flatMap(({ route }) =>
      route === undefined ? [] : [route.stack.length],
    );
    assert.deepEqual(new Set(stacks), new Set([2]), 'a permission and an answer');
    assert.deepEqual(
      routes().map(({ name }) => name),
      declared,
    );
  });

  for (const [who, headers] of Object.entries(STRANGERS)) {
    it(`refuse everything to somebody ${who}`, async () => {
      for (const { name, method, path } of routes())
        assert.equal((await ask(method, path, headers)).status, 403, name);
      nobodyWasAsked();
      assert.equal(house.tickets.alive(), 0);
    });
  }

  it('let a reseller with the privilege and no grant look, and do nothing', async () => {
    for (const { name, method, path } of routes()) {
      const { status } = await ask(method, path, RESELLER_LOGIN);
      assert.equal(status, LOOK[name] ?? 403, name);
    }
    sinon.assert.calledOnce(desk.status);
    for (const method of ['plan', 'apply', 'undo', 'cancel', 'confirm', 'verify', 'read', 'follow'] as const)
      sinon.assert.notCalled(desk[method]);
    assert.equal(house.tickets.alive(), 0);
  });

  it('show a reseller the status without what is root’s, and lead nowhere else', async () => {
    const [theirs, roots] = [await house.get('/status', RESELLER_LOGIN), await house.get('/status')];
    for (const only of [
      /ip filter INPUT policy drop/,
      /&lt;script&gt;/,
      /href="\?r=plan"/,
      /href="\?r=settings"/,
    ]) {
      assert.match(roots.text, only);
      assert.doesNotMatch(theirs.text, only);
    }
    assert.deepEqual(theirs.text.match(/href="\?r=\w+"/g), [
      'href="?r=status"',
      'href="?r=outside"',
      'href="?r=help"',
      'href="?r=outside"',
    ]);
    assert.deepEqual((await house.get('/status', granted)).text.match(/href="\?r=\w+"/g), [
      'href="?r=status"',
      'href="?r=setup"',
      'href="?r=outside"',
      'href="?r=help"',
      'href="?r=setup"',
      'href="?r=outside"',
    ]);
  });

  it('look at the server once for all resellers who ask at the same time, and for root each time', async () => {
    const looks: ((status: Status) => void)[] = [];
    desk.status.callsFake(() => new Promise((resolve) => looks.push(resolve)));
    const [rita, sam] = [RESELLER_LOGIN, { ...RESELLER_LOGIN, 'x-whm-user': 'sam' }];
    const asked = [rita, sam, rita, ROOT_LOGIN, ROOT_LOGIN].map((headers) => house.get('/status', headers));
    while (desk.runs.callCount < asked.length) await new Promise(setImmediate);
    assert.equal(looks.length, 3);
    for (const answer of looks) answer(BROKEN_STATUS);
    for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
    desk.status.rejects(new Problem('timeout', 'It took too long.'));
    assert.match((await house.get('/status', rita)).text, /It took too long\./);
    desk.status.resolves(BROKEN_STATUS);
    assert.doesNotMatch((await house.get('/status', rita)).text, /It took too long\./);
  });

  it('let a reseller with the grant press the one button, follow that run, and nothing else', async () => {
    own();
    for (const { name, method, path } of routes())
      assert.equal((await ask(method, path, granted)).status, GRANTED[name] ?? 403, name);
    for (const method of ['undo', 'cancel', 'verify'] as const) sinon.assert.notCalled(desk[method]);
    assert.deepEqual(
      Object.keys(GRANTED).filter((each) => !routes().some(({ name }) => name === each)),
      [],
    );
  });

  it('let root everywhere', async () => {
    for (const { name, method, path } of routes())
      assert.ok((await ask(method, path, ROOT_LOGIN)).status < 400 || name === 'post /verify', name);
  });

  for (const [which, record] of Object.entries(OTHERS)) {
    it(`refuse a reseller with the grant a run ${which}`, async () => {
      desk.run.resolves(record);
      const rita = createFakeGrants({ rita: ['setup'] });
      const theirs = await openHouse(desk, { grants: rita });
      try {
        for (const { name, method, path } of routes()) {
          if (!path.startsWith('/runs/')) continue;
          const where = path.replace(':run', RUNNING.id);
          const answer =
            method === 'get'
              ? await theirs.get(where, RESELLER_LOGIN)
              : await theirs.post(where, { csrf: theirs.csrf(RESELLER_LOGIN) }, RESELLER_LOGIN);
          assert.equal(answer.status, 403, name);
        }
        assert.equal(theirs.tickets.alive(), 0);
      } finally {
        await theirs.close();
      }
    });
  }

  it('do not tell a reseller whether there is a run that is not theirs', async () => {
    const others = await house.get(`/runs/${RUNNING.id}`, granted);
    desk.run.rejects(new Problem('not-found', 'There is no run x.'));
    assert.equal((await house.get(`/runs/${RUNNING.id}`, granted)).text, others.text);
  });

  it('show a reseller the steps, and not the script, which holds whole files of root’s', async () => {
    desk.script.returns('#!/bin/sh\n# UI_PASS = secret\n');
    const theirs = await house.get('/setup', granted);
    assert.match(theirs.text, /Write the range into WHM/);
    assert.doesNotMatch(theirs.text, /UI_PASS|shell script/);
    assert.match((await house.get('/setup')).text, /UI_PASS/);
  });

  it('are known by one spelling, which is the one that is checked and told', async () => {
    assert.equal((await house.get('/STATUS')).status, 404);
    assert.equal((await house.get(`/RUNS/${RUNNING.id}`)).status, 404);
  });

  it('take root’s settings for a reseller’s run, and no field of the form', async () => {
    desk.settings.resolves({ ...DEFAULT_SETTINGS, range: [50_000, 50_100], ipv6: false });
    const { headers } = await ask('post', '/setup', granted);
    assert.equal(headers.location, `?r=runs/${RUNNING.id}`);
    sinon.assert.calledOnceWithExactly(
      desk.apply,
      'plan-4f1c',
      { ...DEFAULT_SETTINGS, range: [50_000, 50_100], ipv6: false },
      { user: 'granted', address: '198.51.100.20', via: 'whm' },
    );
    await house.get('/setup?range=1024-2000&address=192.0.2.1&ipv6=1&override=x', granted);
    sinon.assert.calledOnceWithExactly(desk.plan, {
      ...DEFAULT_SETTINGS,
      range: [50_000, 50_100],
      ipv6: false,
    });
  });

  it('show a reseller the new plan when the server changed since, or none was named', async () => {
    desk.apply.rejects(new Problem('change-conflict', 'The server changed.'));
    const { status, headers } = await house.post('/setup', { csrf: house.csrf(granted) }, granted);
    assert.deepEqual([status, headers.location], [303, '?r=setup&changed=1']);
    sinon.assert.calledOnce(desk.apply);
    assert.equal(desk.apply.firstCall.args[0], '');
    assert.match(
      (await house.get('/setup?changed=1', granted)).text,
      /The server changed since the plan was shown/,
    );
  });

  it('forget a grant at once, also for a run at work', async () => {
    own();
    const grants = createFakeGrants({ granted: ['setup'] });
    const theirs = await openHouse(desk, { grants });
    try {
      assert.equal((await theirs.get(`/runs/${RUNNING.id}`, granted)).status, 200);
      await grants.revoke('granted');
      for (const where of ['/setup', `/runs/${RUNNING.id}`, `/runs/${RUNNING.id}/events?wait=0`])
        assert.equal((await theirs.get(where, granted)).status, 403, where);
      assert.equal((await theirs.get('/status', granted)).status, 200);
    } finally {
      await theirs.close();
    }
  });

  it('give a reseller a ticket that is good only as long as the grant', async () => {
    own();
    const grants = createFakeGrants({ granted: ['setup'] });
    const theirs = await openHouse(desk, { grants });
    try {
      const binding = async (headers: Headers): Promise<TicketBinding | null> => {
        const form = { csrf: theirs.csrf(headers) };
        const { text } = await theirs.post(`/runs/${RUNNING.id}/ticket`, form, headers);
        const { ticket } = JSON.parse(text) as { ticket: string };
        return theirs.tickets.redeem(ticket, RUNNING.id, 'https://server.example:2087');
      };
      const bound = await binding(granted);
      assert.equal(await bound?.still?.(), true);
      await grants.revoke('granted');
      assert.equal(await bound?.still?.(), false);
      assert.equal((await binding(ROOT_LOGIN))?.still, undefined);
    } finally {
      await theirs.close();
    }
  });

  it('let nobody in as a reseller while the grants cannot be read, and root all the same', async () => {
    const of = (): Promise<never> =>
      Promise.reject(new Problem('unsupported', 'grants.json cannot be read.'));
    const theirs = await openHouse(desk, { grants: { ...createFakeGrants(), of } });
    try {
      assert.equal((await theirs.get('/status', granted)).status, 501);
      sinon.assert.notCalled(desk.status);
      assert.equal((await theirs.get('/status')).status, 200);
    } finally {
      await theirs.close();
    }
  });

  it('tell the audit of each refusal who it was and what was asked', async () => {
    await ask('post', '/apply', RESELLER_LOGIN);
    await ask('get', '/runs/:run', STRANGERS['without the privilege'] ?? {});
    assert.deepEqual(
      house.noted.map(({ user, role, action, result }) => [user, role, action, result]),
      [
        ['rita', 'reseller', 'POST /apply', '403 access-denied'],
        ['rita', 'none', 'GET /runs/:run', '403 access-denied'],
      ],
    );
  });

  it('show root alone what a run’s page has for root', async () => {
    desk.run.resolves({ ...DONE, who: { ...OWN.who, user: 'granted' } });
    const [theirs, roots] = [
      await house.get(`/runs/${DONE.id}`, granted),
      await house.get(`/runs/${DONE.id}`),
    ];
    assert.match(roots.text, /Put back what this run changed/);
    assert.doesNotMatch(theirs.text, /Put back what this run changed|\/cancel"/);
  });
});
