import { commandsFor } from '../outside/commands.ts';
import type { Judgement, Verdict } from '../outside/judgement.ts';
import type { Proof } from '../outside/proof.ts';
import { PATIENCE, type Proofs } from '../outside/proofs.ts';
import { visible } from '../core/visible.ts';

/** What the verb needs of the world. */
interface World {
  out(text: string): void;
  err(text: string): void;
  /** Raised: whoever tries has tried all. */
  readonly cancel: AbortSignal;
}

const EXITS: Readonly<Record<Verdict, number>> = {
  ...{ open: 0, part: 1, 'wrong-address': 1, here: 1, outside: 1, somewhere: 1 },
  ...{ nothing: 3, waiting: 3 },
};

const WORDS: Readonly<Record<Verdict, string>> = {
  open: 'Every port that was tried was reached from outside.',
  part: 'Not every port was reached from outside.',
  'wrong-address':
    'Nothing arrived at the address that clients are told, but by another name of this server it did: the range is open, and the address is wrong.',
  here: 'Nothing arrived, and this server’s own firewall blocks the range: open it here first (ftp-passive apply).',
  outside: 'Nothing arrived, though this server lets the range in: it is blocked before this server.',
  somewhere: 'Nothing arrived; what this server’s own firewall does could not be told.',
  nothing: 'Nothing arrived, and nothing shows that anything was sent.',
  waiting: 'Not all was tried.',
};

/**
 * Listens on ports of the range, prints the commands for another machine, waits until all have come or its time is
 * over, and says what arrived. With JSON two lines: what waits, and what it came to.
 */
export async function proveOutside(
  { outside }: { readonly outside: Proofs },
  json: boolean,
  world: World,
): Promise<number> {
  const proof = await outside.begin('command', { user: null, isRoot: true, visitor: null, name: null });
  const { id, token, subject, ports, witnesses } = proof;
  const commands = commandsFor(proof);
  const seconds = PATIENCE.command;
  const { address, witness } = subject;
  if (json) {
    const texts = Object.fromEntries(commands.map(({ name, text }) => [name.toLowerCase(), text]));
    world.out(
      `${JSON.stringify({ waiting: { address, ports, witness, witnesses, token, seconds, commands: texts } })}\n`,
    );
  } else {
    const lines = commands.flatMap(({ name, where, text }) => [`${name} (${where}):`, text, '']);
    world.err(`Run one of these on a machine outside, within ${seconds} seconds.\n\n${lines.join('\n')}\n`);
    world.err('It ends when all have arrived; press Ctrl-C when the command has ended.\n');
  }
  const end = (): void => void outside.end(id, true);
  world.cancel.addEventListener('abort', end);
  if (world.cancel.aborted) end();
  await outside.ended(id);
  const { judgement } = await outside.look(id);
  world.out(json ? `${JSON.stringify(documentOf(proof, judgement))}\n` : textOf(proof, judgement));
  return EXITS[judgement.verdict];
}

function documentOf({ subject, vendor }: Proof, judgement: Judgement): Record<string, unknown> {
  return { ok: judgement.verdict === 'open', address: subject.address, ...judgement, vendor };
}

function textOf({ subject }: Proof, { verdict, ports, witnesses, doubts }: Judgement): string {
  const at =
    (host: string) =>
    ({ port, result, from, rule }: Judgement['ports'][number]): string =>
      `  ${host}:${port}  ${result}${from.length > 0 ? ` from ${from.join(', ')}` : ''}${rule === null ? '' : `: ${rule}`}`;
  const lines = [
    WORDS[verdict],
    ...ports.map(at(subject.address)),
    ...witnesses.map(at(subject.witness ?? '')),
    ...(doubts.length > 0 ? [`  It shows less for: ${doubts.join(', ')}`] : []),
  ];
  return visible(`${lines.join('\n')}\n`);
}
