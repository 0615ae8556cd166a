/**
 * Opens the default range on every ruleset of the table twice, on a server of its own each time: as the published
 * manual says, and with this plugin. Real connections judge both. Prints a Markdown table and the counts.
 */
import { json } from '../test/job/scene.ts';
import type { Entry } from '../test/table/entry.ts';
import { TABLE } from '../test/table/rulesets/index.ts';
import type { Scene } from '../test/table/scene.ts';
import { changes, stateOf } from '../test/table/state.ts';
import { work } from '../test/table/workers.ts';
import { documented } from './document.ts';
import { faults } from './verdict.ts';

/** lfd looks for its orders every few moments. */
const LFD = 'if systemctl -q is-active lfd 2>/dev/null; then sleep 2; fi';

/** What is wrong with what it did; null: there is nothing that it would do. */
type Faults = readonly string[] | null;

async function byDocument(scene: Scene, entry: Entry): Promise<Faults> {
  const commands = documented(entry);
  if (commands === null) return null;
  const before = await scene.truth();
  let said = '';
  for (const command of commands) {
    const { stdout, stderr } = await scene.server.run(['sh', '-c', command]);
    said += stdout + stderr;
  }
  await scene.server.run(['sh', '-c', LFD]);
  const after = await scene.truth();
  await scene.reboot();
  return faults(scene, entry, { before, after, rebooted: await scene.truth(), said });
}

async function byPlugin(scene: Scene, entry: Entry): Promise<Faults> {
  const before = await scene.truth();
  const was = await stateOf(scene.server);
  const { document } = await json(scene.server, 'apply', '--only', 'firewall', '--yes');
  const after = await scene.truth();
  await scene.reboot();
  const rebooted = await scene.truth();
  const said = `${document.problem?.message ?? ''}\n${document.problem?.detail ?? ''}`;
  const found = faults(scene, entry, { before, after, rebooted, said });
  // What was never saved is gone by now, so there is nothing to compare with.
  if (!document.changed || scene.afterBoot !== null) return found;
  await json(scene.server, 'undo', '--yes');
  const is = await stateOf(scene.server);
  const left = [...changes(was.rules, is.rules), ...changes(was.files, is.files)];
  return left.length === 0 ? found : [...found, 'undo left something'];
}

async function ask(act: typeof byDocument): Promise<Faults[]> {
  const done = await work(TABLE, act);
  const found: Faults[] = [];
  for (const [at, { name }] of TABLE.entries()) {
    process.stderr.write(`${at + 1} of ${TABLE.length}: ${name}\n`);
    found.push(await done.result(at).catch((problem: unknown) => [String(problem).split('\n')[0] ?? '']));
  }
  await done.close();
  return found;
}

function written(found: Faults | undefined): string {
  if (found === null || found === undefined) return 'no commands for it';
  return found.length === 0 ? 'right' : found.join('; ');
}

function wanted({ expected }: Entry): string {
  if (typeof expected !== 'string') return 'refuse';
  return expected === 'opens' ? 'open' : 'nothing';
}

const document = await ask(byDocument);
const plugin = await ask(byPlugin);
const rows = TABLE.map(
  (entry, at) =>
    `| ${entry.name} | ${entry.firewall} | ${wanted(entry)} | ${written(document[at])} | ${written(plugin[at])} |`,
);
const right = (found: readonly Faults[]): number => found.filter((each) => each?.length === 0).length;
const silent = document.filter((each) => each === null).length;
process.stdout.write(`| ruleset | firewall | what is right | document | plugin |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

document: ${right(document)} of ${TABLE.length} right (it says nothing about the firewall of ${silent}); plugin: ${right(plugin)} of ${TABLE.length} right
`);
