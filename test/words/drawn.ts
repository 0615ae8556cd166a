import { Problem } from '../../src/core/problem.ts';
import type { Templates } from '../../src/http/views.ts';
import { statesOf } from '../browser/states.ts';
import type { World } from '../browser/world.ts';
import { createFakeDesk, createFakeRecording, type FakeDesk } from '../http/fake-desk.ts';
import { createFakeGrants } from '../http/fake-grants.ts';
import { createFakeOutside } from '../http/fake-outside.ts';
import { NO_LIVE, openHouse, RESELLER_LOGIN, type Answer, type House } from '../http/house.ts';
import { BROKEN_STATUS, DONE, EMPTY_STATUS, GOOD_STATUS, RUNNING } from '../http/samples.ts';
import { PROOF } from '../outside/samples.ts';
import { bracketed } from './brackets.ts';

/** A page as it was drawn, and what for. */
export interface Drawn {
  readonly name: string;
  readonly html: string;
}

/** Words of the samples, which stand for what other rooms say. */
const SAID = new Set(['title', 'fact', 'fix', 'why', 'message', 'reason']);

/** The samples as a build in another language would have them. */
function spoken<T>(value: T): T {
  if (Array.isArray(value)) return value.map(spoken) as T;
  if (value instanceof Problem)
    return new Problem(value.code, bracketed(value.message), value.detail ?? undefined) as T;
  if (typeof value !== 'object' || value === null || value.constructor !== Object) return value;
  const entries = Object.entries(value).map(([key, each]: [string, unknown]) => [
    key,
    SAID.has(key) && typeof each === 'string' && each !== '' ? bracketed(each) : spoken(each),
  ]);
  return Object.fromEntries(entries) as T;
}

/** A desk that says of everything what the one behind it says, in that language. */
function speaking<T extends object>(desk: T): T {
  return new Proxy(desk, {
    get(_, name) {
      const method: unknown = Reflect.get(desk, name);
      if (typeof method !== 'function' || name === 'script' || name === 'follow' || name === 'read')
        return method;
      return (...given: unknown[]): unknown =>
        (Reflect.apply(method, desk, given) as Promise<unknown>).then(spoken, (error: unknown) => {
          throw spoken(error);
        });
    },
  });
}

/** Every page in each of its states, and each log read, drawn with these templates. */
export async function drawn(templates: Templates, logs: ReadonlyMap<string, string>): Promise<Drawn[]> {
  const pages: Drawn[] = [];

  async function draw(
    name: string,
    ask: (house: House) => Promise<Answer>,
    prepare: (world: World) => unknown = () => undefined,
  ): Promise<void> {
    const recording = createFakeRecording();
    const [desk, outside] = [createFakeDesk(recording), createFakeOutside()];
    const world = { desk, outside, recording, live: NO_LIVE } as unknown as World;
    prepare(world);
    const grants = createFakeGrants({ rita: ['setup'], sam: [] });
    const house = await openHouse(speaking<FakeDesk>(desk), {
      templates,
      grants,
      outside: speaking(outside),
    });
    try {
      pages.push({ name, html: (await ask(house)).text });
    } finally {
      await house.close();
    }
  }

  const world = { live: NO_LIVE } as World;
  for (const [name, { route }] of Object.entries(statesOf(world)))
    await draw(
      name,
      (house) => house.get(`/${route.replace('&', '?')}`),
      (prepared) => statesOf(prepared)[name]?.set?.(),
    );

  const post =
    (path: string, form: Readonly<Record<string, string>>) =>
    (house: House): Promise<Answer> =>
      house.post(path, { csrf: house.csrf(), ...form });
  const statuses = { wrong: BROKEN_STATUS, right: GOOD_STATUS, empty: EMPTY_STATUS };
  for (const [log, text] of logs)
    for (const [state, status] of Object.entries(statuses))
      await draw(`diagnose ${log}, ${state}`, post('/diagnose', { log: text }), ({ desk }) =>
        desk.status.resolves(status),
      );
  await draw('diagnose, empty log', post('/diagnose', { log: '' }));
  await draw('diagnose', (house) => house.get('/diagnose'));
  await draw('verify', (house) => house.get('/verify'));
  await draw('verify, done', post('/verify', { user: '', password: '' }));
  await draw('verify, wrong', post('/verify', { user: 'a', password: '' }));
  await draw('put back, conflict', post(`/runs/${RUNNING.id}/undo`, {}), (prepared) =>
    statesOf(prepared)['run, conflict']?.set?.(),
  );
  await draw('keep, refused', post(`/runs/${RUNNING.id}/confirm`, {}), (prepared) =>
    statesOf(prepared)['run, not kept yet']?.set?.(),
  );
  await draw('form of another login', (house) => house.post('/apply', { csrf: 'x' }));
  await draw('run, unknown', (house) => house.get('/runs/other'));
  for (const route of ['status', 'setup', 'setup?changed=1', 'help', 'outside', `outside/${PROOF.id}`])
    await draw(`${route} of a reseller`, (house) => house.get(`/${route}`, RESELLER_LOGIN));
  await draw('settings of a reseller', (house) => house.get('/settings', RESELLER_LOGIN));
  await draw(
    'runs, put back later',
    (house) => house.get('/runs'),
    ({ desk }) => desk.runs.resolves([{ ...DONE, undoneBy: 'r-9', who: { ...DONE.who, via: 'cli' } }]),
  );
  return pages;
}
