import type { Action } from '../../src/core/grants.ts';
import type { Grants, ResellerStanding } from '../../src/runs/grants.ts';

/** Grants in memory: what `held` says of each reseller, all of whom have WHM's privilege. */
export function createFakeGrants(held: Readonly<Record<string, readonly Action[]>> = {}): Grants {
  const now = new Map(Object.entries(held));
  const standing = (reseller: string): ResellerStanding => ({
    reseller,
    privilege: 'yes',
    actions: now.get(reseller) ?? [],
  });
  return {
    of: (user) => Promise.resolve(now.get(user) ?? []),
    list: () => Promise.resolve([...now.keys()].map(standing)),
    allow(reseller, action) {
      now.set(reseller, [action]);
      return Promise.resolve(standing(reseller));
    },
    revoke(reseller) {
      now.set(reseller, []);
      return Promise.resolve(standing(reseller));
    },
  };
}
