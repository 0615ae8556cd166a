import type { CommandResult } from '../../src/engine/ports.ts';
import { BUSY, fakeKeeper, RELOAD, SETTINGS } from './keeper.ts';
import { RULES, startServer, type Server } from './server.ts';

/** What the program makes of its settings; the rules of others stay. */
export const rulesFor = (text: string): string => {
  const ranges = text.split('\n').filter((line) => line !== '');
  const own = ranges.map((range) => `\t\ttcp dport ${range} accept\n`).join('');
  return RULES.replace('\t\treject\n\t}', `\t\tjump keeper\n\t}\n\tchain keeper {\n${own}\t\tdrop\n\t}`);
};
export const result = (argv: readonly string[], code = 0): CommandResult => {
  return { argv, code, signal: null, stdout: '', stderr: '', missing: false, timedOut: false, ms: 1 };
};

/** A server whose rules are made by a program. `idle`: it reports success and does nothing. */
export function startKept(text = '', some: { idle?: boolean; busy?: number; live?: string } = {}): Server {
  const server = startServer({ rules: rulesFor(some.live ?? text), boot: null, keepers: [fakeKeeper()] });
  server.disk.put(SETTINGS, text);
  let busy = some.busy ?? 0;
  server.programs.set(RELOAD, (argv) => {
    if (busy-- > 0) return result(argv, BUSY);
    if (some.idle !== true)
      server.kernel.load(`flush ruleset\n${rulesFor(server.disk.text(SETTINGS) ?? '')}`);
    return result(argv);
  });
  return server;
}
