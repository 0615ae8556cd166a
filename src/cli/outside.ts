import { commandsFor } from '../outside/commands.ts';
import type { Doubt, Judgement, Verdict } from '../outside/judgement.ts';
import { triedOf, type Proof } from '../outside/proof.ts';
import { PATIENCE, type Proofs } from '../outside/proofs.ts';
import { phrase } from '../core/phrase.ts';
import { visible } from '../core/visible.ts';

/** What the verb needs of the world. */
interface World {
  out(text: string): void;
  err(text: string): void;
  /** Raised: it is to end, whether all was tried or not. */
  readonly cancel: AbortSignal;
  /** Whether a line was entered, by which a person says that all was tried, before `until` was raised. */
  entered(until: AbortSignal): Promise<boolean>;
}

const EXITS: Readonly<Record<Verdict, number>> = {
  ...{ open: 0, part: 1, 'wrong-address': 1, here: 1, outside: 1, somewhere: 1 },
  ...{ unproven: 3, nothing: 3, waiting: 3 },
};

const WORDS: Readonly<Record<Verdict, string>> = {
  open: phrase`Every port that was tried was reached from outside.`,
  unproven: phrase`Every port that was tried was reached, and yet that does not show that transfers of clients work:`,
  part: phrase`Not every port was reached from outside.`,
  'wrong-address': phrase`Nothing arrived at the address that clients are told, but by another name of this server it did: the range is open, and the address is wrong.`,
  here: phrase`Nothing arrived, and this server’s own firewall blocks ports of the range: open it here first (ftp-passive apply), then prove it again.`,
  outside: phrase`Nothing arrived, though this server lets the range in: it is blocked before this server, or the network of the machine that tried lets nothing out.`,
  somewhere: phrase`Nothing arrived; what this server’s own firewall does could not be told.`,
  nothing: phrase`Not all arrived, and nothing shows that all was tried.`,
  waiting: phrase`Not all was tried.`,
};

const DOUBTS: Readonly<Record<Doubt, string>> = {
  'own-rule': phrase`this server’s firewall lets in the address that tried, and blocks others: open the range here (ftp-passive apply)`,
  banned: phrase`this server’s firewall blocks the address that tried, and lets others in`,
  'other-address': phrase`connections came from another address than the browser’s`,
  inside: phrase`connections came from a private network: try it from a machine on the internet`,
  self: phrase`connections of this server itself came too, and were not counted`,
  'not-told': phrase`clients are told another address, which nobody on the internet can reach (ftp-passive apply sets it)`,
  'unknown-address': phrase`the address is not among those that this server knows as its own`,
};

/**
 * Listens on ports of the range, prints the commands for another machine, waits until all have come or its time is
 * over, and says what arrived. With JSON two lines: what waits, and what it came to; one where nothing is to be tried.
 */
export async function proveOutside(
  { outside }: { readonly outside: Proofs },
  json: boolean,
  world: World,
): Promise<number> {
  const proof = await outside.begin('command', { user: null, isRoot: true, visitor: null, name: null });
  if (triedOf(proof.ports, proof.withheld).length > 0) {
    invite(proof, json, world);
    await waitFor(outside, proof, world);
  }
  const { judgement } = await outside.look(proof.id);
  world.out(json ? `${JSON.stringify(documentOf(proof, judgement))}\n` : textOf(proof, judgement));
  return EXITS[judgement.verdict];
}

function invite(proof: Proof, json: boolean, world: World): void {
  const { token, subject, ports, witnesses, withheld } = proof;
  const commands = commandsFor(proof);
  const seconds = PATIENCE.command;
  const { address, witness } = subject;
  if (json) {
    const texts = Object.fromEntries(commands.map(({ name, text }) => [name.toLowerCase(), text]));
    const tries = { ports: triedOf(ports, withheld), witness, witnesses };
    world.out(`${JSON.stringify({ waiting: { address, ...tries, token, seconds, commands: texts } })}\n`);
    return;
  }
  const lines = commands.flatMap(({ name, where, text }) => [`${name} (${where}):`, text, '']);
  world.err(
    `${phrase`Run one of these on a machine outside, within ${seconds} seconds.`}\n\n${lines.join('\n')}\n`,
  );
  world.err(
    `${phrase`It ends when all have arrived. When the command has ended before that, press Enter; Ctrl-C gives up.`}\n`,
  );
}

async function waitFor(outside: Proofs, { id }: Proof, { cancel, entered }: World): Promise<void> {
  const isOver = new AbortController();
  const giveUp = (): void => void outside.end(id, false);
  cancel.addEventListener('abort', giveUp);
  if (cancel.aborted) giveUp();
  const said = entered(isOver.signal).then((isTried) => (isTried ? outside.end(id, true) : undefined));
  await outside.ended(id);
  isOver.abort();
  await said;
}

function documentOf({ subject, vendor }: Proof, judgement: Judgement): Record<string, unknown> {
  return { ok: judgement.verdict === 'open', address: subject.address, ...judgement, vendor };
}

function textOf({ subject }: Proof, { verdict, ports, witnesses, doubts }: Judgement): string {
  const at =
    (host: string) =>
    ({ port, result, from, rule }: Judgement['ports'][number]): string =>
      `  ${host}:${port}  ${result}${from.length > 0 ? phrase` from ${from.join(', ')}` : ''}${rule === null ? '' : `: ${rule}`}`;
  const beyond = ports.filter(({ result }) => result === 'outside' || result === 'somewhere');
  const both = verdict === 'here' && beyond.length > 0;
  const lines = [
    WORDS[verdict],
    ...(both ? [phrase`Something on the way blocks ${beyond.map(({ port }) => port).join(', ')}.`] : []),
    ...ports.map(at(subject.address)),
    ...witnesses.map(at(subject.witness ?? '')),
    ...doubts.map((doubt) => `  ${doubt}: ${DOUBTS[doubt]}`),
  ];
  return visible(`${lines.join('\n')}\n`);
}
