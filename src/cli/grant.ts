import { ACTIONS, parseAction, parseReseller } from '../core/grants.ts';
import { phrase } from '../core/phrase.ts';
import { Problem, toProblem } from '../core/problem.ts';
import type { ResellerStanding } from '../runs/grants.ts';
import type { Product } from '../runs/product.ts';
import type { Arguments } from './arguments.ts';

/** Lists what resellers may do, grants an action to one, or takes back all that was granted. @throws Problem */
export async function grant(
  { grants, audit }: Pick<Product, 'grants' | 'audit'>,
  { operand, second, values }: Arguments,
  show: (document: unknown, text: () => string) => void,
): Promise<number> {
  const revoke = values.revoke === true;
  if (operand === null) {
    if (revoke)
      throw new Problem(
        'invalid',
        phrase`--revoke needs a reseller: write ftp-passive grant RESELLER --revoke.`,
      );
    const all = await grants.list();
    show(all, () => listText(all));
    return 0;
  }
  const reseller = parseReseller(operand);
  if (revoke === (second !== null))
    throw new Problem(
      'invalid',
      phrase`What of ${reseller} is to change is ${revoke ? phrase`said twice` : phrase`missing`}: write ftp-passive grant ${reseller} ${ACTIONS.join('|')}, or --revoke in its place.`,
    );
  const action = second === null ? null : parseAction(second);
  const note = (result: string, deed?: { readonly deed: true }): void =>
    audit.note({
      user: 'root',
      role: 'root',
      address: 'local',
      via: 'cli',
      action: action === null ? 'revoke' : `grant ${action}`,
      about: reseller,
      result,
      ...deed,
    });
  try {
    const now = await (action === null ? grants.revoke(reseller) : grants.allow(reseller, action));
    note('done', { deed: true });
    show(now, () => `${sentence(now)}\n`);
    return 0;
  } catch (error) {
    note(`refused ${toProblem(error).code}`);
    throw error;
  }
}

function listText(all: readonly ResellerStanding[]): string {
  if (all.length === 0) return `${phrase`WHM lists no resellers, and nothing is granted.`}\n`;
  return all.map((each) => `${sentence(each)}\n`).join('');
}

function sentence({ reseller, privilege, actions }: ResellerStanding): string {
  const granted = actions.length === 0 ? phrase`nothing` : actions.join(', ');
  switch (privilege) {
    case 'all':
      return phrase`${reseller} has all privileges in WHM and may do everything.`;
    case 'yes':
      return phrase`${reseller} may look at the status; granted: ${granted}.`;
    case 'no':
      return phrase`${reseller} is not let in; granted: ${granted}.`;
    case 'gone':
      return phrase`${reseller} is no reseller of this server; granted: ${granted}.`;
  }
}
