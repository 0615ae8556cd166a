import { actionsOf, grantsText, parseGrants, PRIVILEGE, type Action, type Grant } from '../core/grants.ts';
import { ABSENT } from '../core/file.ts';
import { phrase } from '../core/phrase.ts';
import { Problem, toProblem } from '../core/problem.ts';
import type { EnginePorts } from '../engine/survey.ts';
import { givePrivilege, privilegesOf, readResellers, takePrivilege } from './privileges.ts';

/**
 * How a reseller stands with the plugin. `privilege`: whether WHM lets them in: `all` like root, `gone` for a name that
 * WHM does not list any more.
 */
export interface ResellerStanding {
  readonly reseller: string;
  readonly privilege: 'all' | 'yes' | 'no' | 'gone';
  readonly actions: readonly Action[];
}

/** What root lets resellers do. It counts from the next request on. */
export interface Grants {
  /** What this user may do; read anew each time. @throws Problem when it cannot be told */
  of(user: string): Promise<readonly Action[]>;
  /** All resellers that WHM lists, and those whom something was granted, by name. */
  list(): Promise<readonly ResellerStanding[]>;
  /** Grants an action, and WHM's privilege with it where it is missing. @throws Problem with nothing granted */
  allow(reseller: string, action: Action): Promise<ResellerStanding>;
  /** Takes back all that was granted, and the privilege where it came with that. */
  revoke(reseller: string): Promise<ResellerStanding>;
}

/** `alone`: does one work at a time, over all processes: two changes at once would each write what it had read before the other. */
type Effects = Pick<EnginePorts, 'files' | 'run'> & {
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
};

/** @param path the file of grants, in a directory that only root enters */
export function openGrants(effects: Effects, path: string): Grants {
  const { files, alone } = effects;

  async function read(): Promise<readonly Grant[]> {
    return parseGrants(path, (await files.read(path))?.text ?? null);
  }

  /** @param change gets what is granted and answers with what is to be */
  async function change(make: (grants: readonly Grant[]) => readonly Grant[]): Promise<void> {
    const now = await files.read(path);
    const next = [...make(parseGrants(path, now?.text ?? null))];
    next.sort((a, b) => (a.reseller < b.reseller ? -1 : 1));
    await files.replace(path, now?.tag ?? ABSENT, grantsText(next));
  }

  async function standing(reseller: string): Promise<ResellerStanding> {
    const [grants, resellers] = await Promise.all([read(), readResellers(files)]);
    return standingOf(reseller, grants, resellers.text);
  }

  return {
    of: async (user) => actionsOf(await read(), user),
    async list() {
      const [grants, resellers] = await Promise.all([read(), readResellers(files)]);
      const names = new Set([...resellers.names, ...grants.map(({ reseller }) => reseller)]);
      names.delete('root');
      return [...names].sort().map((name) => standingOf(name, grants, resellers.text));
    },
    allow: (reseller, action) =>
      alone(async () => {
        const { privilege, actions } = await standing(reseller);
        if (privilege === 'gone')
          throw new Problem(
            'not-found',
            phrase`"${reseller}" is not a reseller of this server: name one that WHM lists.`,
          );
        if (privilege === 'all')
          throw new Problem(
            'invalid',
            phrase`${reseller} has all privileges in WHM and may do everything already.`,
          );
        const gives = privilege === 'no';
        if (gives) await givePrivilege(effects, reseller);
        try {
          await change((grants) => {
            const before = grants.find((each) => each.reseller === reseller);
            const gavePrivilege = gives || (before?.gavePrivilege ?? false);
            const grant = { reseller, actions: [...new Set([...actions, action])], gavePrivilege };
            return [...grants.filter((each) => each.reseller !== reseller), grant];
          });
        } catch (error) {
          if (gives) await takePrivilege(effects, reseller).catch(() => undefined);
          throw error;
        }
        return standing(reseller);
      }),
    revoke: (reseller) =>
      alone(async () => {
        const grant = (await read()).find((each) => each.reseller === reseller);
        if (grant === undefined) return standing(reseller);
        await change((grants) => grants.filter((each) => each.reseller !== reseller));
        const { privilege } = await standing(reseller);
        if (grant.gavePrivilege && privilege === 'yes') await takeWithGrant(effects, reseller);
        return standing(reseller);
      }),
  };
}

async function takeWithGrant(effects: Effects, reseller: string): Promise<void> {
  try {
    await takePrivilege(effects, reseller);
  } catch (error) {
    const { code, message } = toProblem(error);
    throw new Problem(
      code,
      phrase`The grant is taken back, but ${reseller} can still look at the status: ${message}`,
    );
  }
}

function standingOf(reseller: string, grants: readonly Grant[], resellers: string): ResellerStanding {
  const held = privilegesOf(resellers, reseller);
  const privilege =
    held === null ? 'gone' : held.includes('all') ? 'all' : held.includes(PRIVILEGE) ? 'yes' : 'no';
  return { reseller, privilege, actions: actionsOf(grants, reseller) };
}
