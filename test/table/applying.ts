import assert from 'node:assert/strict';
import { json } from '../job/scene.ts';
import type { Machine } from '../sandbox/machine.ts';
import { sideEffects, stillClosed } from './bearing.ts';
import type { Entry } from './entry.ts';
import type { Scene, Truth } from './scene.ts';
import { changes, type State, stateOf } from './state.ts';

const APPLY = ['apply', '--only', 'firewall', '--yes'] as const;
const NOTHING = { code: 0, state: 'nothing-to-do', changed: false };

/**
 * What apply does to a server, held against what is right.
 * @param full whether it is tried as well what a second apply and a reboot do
 * @throws AssertionError
 */
export async function judge(scene: Scene, entry: Entry, before: Truth, full: boolean): Promise<void> {
  const was = await stateOf(scene.server);
  const closed = stillClosed(scene, before, before).length > 0;
  assert.equal(closed, entry.expected !== 'nothing' && entry.openNow !== true, 'before apply');
  const { code, document } = await json(scene.server, ...APPLY);
  const { state, changed, problem } = document;
  const told = JSON.stringify(document);
  if (entry.expected === 'opens') {
    assert.deepEqual({ code, state, changed }, { code: 0, state: 'done', changed: true }, told);
    await opened(scene, entry, before, was, full);
    return;
  }
  if (entry.expected === 'nothing') {
    assert.deepEqual({ code, state, changed }, NOTHING, told);
  } else {
    assert.deepEqual({ code, state, changed }, { code: 1, state: 'refused', changed: false }, told);
    assert.match(`${problem?.message ?? ''}\n${problem?.detail ?? ''}`, entry.expected.refuses);
  }
  const is = await stateOf(scene.server);
  assert.deepEqual([...changes(was.rules, is.rules), ...changes(was.stamps, is.stamps)], []);
}

/** Of what apply has opened: it is open, nothing else is, it stays so, and it can be taken back. */
async function opened(scene: Scene, entry: Entry, before: Truth, was: State, full: boolean): Promise<void> {
  const bans = (entry.known ?? []).flatMap(({ address, banned }) => (banned ? [address] : []));
  const isOpen = async (when: string, baseline: Truth, kept: readonly string[]): Promise<void> => {
    const now = await scene.truth();
    const wrong = [...stillClosed(scene, baseline, now), ...sideEffects(scene, kept, baseline, now)];
    assert.deepEqual(wrong, [], when);
  };
  await isOpen('after apply', before, bans);
  assert.deepEqual(await bannedInFiles(scene.server, entry), []);
  if (!full) {
    await takesBack(scene, was);
    return;
  }
  await hasNothingToDo(scene);
  if (scene.afterBoot === null) {
    await scene.reboot();
    await isOpen('after a reboot', before, bans);
    await takesBack(scene, was);
    return;
  }
  // What was never saved is gone after a reboot, bans too: only now can everything be as it was.
  await takesBack(scene, was);
  assert.deepEqual(await scene.truth(), before, 'after undo');
  const { document } = await json(scene.server, ...APPLY);
  assert.equal(document.state, 'done', JSON.stringify(document));
  await scene.reboot();
  await isOpen('after a reboot', scene.afterBoot, []);
}

async function hasNothingToDo(scene: Scene): Promise<void> {
  const { code, document } = await json(scene.server, ...APPLY);
  const { state, changed } = document;
  assert.deepEqual({ code, state, changed }, NOTHING, JSON.stringify(document));
}

async function takesBack(scene: Scene, was: State): Promise<void> {
  const { code, document } = await json(scene.server, 'undo', '--yes');
  assert.deepEqual([code, document.state], [0, 'done'], JSON.stringify(document));
  const is = await stateOf(scene.server);
  assert.deepEqual([...changes(was.rules, is.rules), ...changes(was.files, is.files)], []);
}

/** A ban that no file knew must not be in one now. */
async function bannedInFiles(server: Machine, entry: Entry): Promise<string[]> {
  if (entry.once === undefined || entry.known === undefined) return [];
  const words = entry.known.flatMap(({ address }) => ['-e', address]);
  const { stdout } = await server.run(['grep', '-rlF', ...words, '/etc']);
  return stdout.split('\n').filter((line) => line !== '');
}
