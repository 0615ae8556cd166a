import type { RunCommand } from './ports.ts';

export const SYSTEMCTL = '/usr/bin/systemctl';

/** Of some units those that run, and those that are started at boot. */
export interface Units {
  readonly active: ReadonlySet<string>;
  readonly enabled: ReadonlySet<string>;
}

/** Asks systemd once for all. Without systemd nothing is known to run. */
export async function readUnits(run: RunCommand, units: readonly string[]): Promise<Units> {
  const argv = [SYSTEMCTL, 'show', '--property=ActiveState,UnitFileState', ...units];
  const { stdout } = units.length === 0 ? { stdout: '' } : await run(argv);
  // One block a unit, in the order asked: an alias answers with the name of what it stands for.
  const blocks = stdout.split(/\n\n+/);
  const having = (words: RegExp): Set<string> =>
    new Set(units.filter((_, index) => words.test(blocks[index] ?? '')));
  return {
    active: having(/^ActiveState=(active|reloading|activating)$/m),
    enabled: having(/^UnitFileState=(enabled|enabled-runtime|alias|generated)$/m),
  };
}
