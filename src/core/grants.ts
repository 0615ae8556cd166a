import * as z from 'zod/mini';
import { phrase } from './phrase.ts';
import { Problem } from './problem.ts';

/** What root can let a reseller do, each by its name. The list is closed: nothing else can be granted. */
export const ACTIONS = ['setup'] as const;
export type Action = (typeof ACTIONS)[number];

/** WHM's privilege for the plugin: who holds it may look at the status. */
export const PRIVILEGE = 'software-ftp-passive';

/** What root has granted to one reseller. `gavePrivilege`: the plugin gave WHM's privilege with it, and takes it back. */
export interface Grant {
  readonly reseller: string;
  readonly actions: readonly Action[];
  readonly gavePrivilege: boolean;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

const stored = z.strictObject({
  grants: z.array(
    z.strictObject({
      reseller: z.string().check(z.regex(NAME)),
      actions: z.array(z.enum(ACTIONS)).check(z.minLength(1)),
      gavePrivilege: z.boolean(),
    }),
  ),
});

/**
 * What the file of grants says.
 * @param text null when there is no file: nothing is granted then
 * @throws Problem `unsupported` for a file that is not as this program writes it: no grant is read out of half a file
 */
export function parseGrants(path: string, text: string | null): readonly Grant[] {
  if (text === null) return [];
  const parsed = stored.safeParse(parseJson(text));
  const grants = parsed.success ? parsed.data.grants : null;
  if (grants !== null && new Set(grants.map(({ reseller }) => reseller)).size === grants.length)
    return grants;
  throw new Problem(
    'unsupported',
    phrase`${path} is not the JSON that this program writes, so nothing counts as granted: repair or remove it.`,
  );
}

export function grantsText(grants: readonly Grant[]): string {
  return `${JSON.stringify({ grants }, null, 2)}\n`;
}

/** What this reseller may do. */
export function actionsOf(grants: readonly Grant[], user: string): readonly Action[] {
  return grants.find(({ reseller }) => reseller === user)?.actions ?? [];
}

/** @throws Problem `invalid` for what is not in the list */
export function parseAction(text: string): Action {
  const found = ACTIONS.find((each) => each === text);
  if (found !== undefined) return found;
  throw new Problem(
    'invalid',
    phrase`"${text}" is nothing that can be granted: write ${ACTIONS.join(phrase` or `)}.`,
  );
}

/** @throws Problem `invalid` for what cannot be a WHM user */
export function parseReseller(text: string): string {
  if (!NAME.test(text))
    throw new Problem('invalid', phrase`"${text}" is not the name of a WHM user: write it as WHM shows it.`);
  if (text !== 'root') return text;
  throw new Problem('invalid', phrase`root may do everything already: name a reseller.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
