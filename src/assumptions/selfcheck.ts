import { phrase } from '../core/phrase.ts';
import { toProblem } from '../core/problem.ts';
import { untold, type Assumption, type Eyes, type Looked } from './assumption.ts';
import { FORMATS } from './formats.ts';
import { PROGRAMS } from './programs.ts';

/** All that can be tried without changing anything. */
export const ASSUMPTIONS: readonly Assumption[] = [...PROGRAMS, ...FORMATS];

/** What looking at the assumptions came to. `ok`: null where some could not be told and none is broken. */
export interface Selfcheck {
  readonly ok: boolean | null;
  /** cPanel’s version and the system’s name; null where they are not told. */
  readonly cpanel: string | null;
  readonly system: string | null;
  readonly assumptions: readonly (Looked & Pick<Assumption, 'id' | 'says'>)[];
}

/** Tries every assumption. What goes wrong on the way makes that one untold. */
export async function selfcheck(eyes: Eyes): Promise<Selfcheck> {
  const assumptions = await Promise.all(
    ASSUMPTIONS.map(async ({ id, says, look }) => {
      const looked = await look(eyes).catch((error: unknown) =>
        untold(phrase`It failed (${toProblem(error).code}).`),
      );
      return { id, says, ...looked };
    }),
  );
  const text = async (path: string): Promise<string> =>
    (await eyes.files.read(path).catch(() => null))?.text ?? '';
  const [cpanel, system] = await Promise.all([
    text('/usr/local/cpanel/version'),
    text('/usr/lib/os-release'),
  ]);
  const answers = assumptions.map((each) => each.held);
  return {
    ok: answers.includes(false) ? false : answers.includes(null) ? null : true,
    cpanel: /^[\d.]+/.exec(cpanel)?.[0] ?? null,
    system: osName(system),
    assumptions,
  };
}

function osName(text: string): string | null {
  const value = (key: string): string => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  const name = `${value('NAME')} ${value('VERSION_ID')}`.trim();
  return name === '' ? null : name;
}
