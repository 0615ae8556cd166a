import { familyName } from '../src/core/reach.ts';
import { sideEffects, stillClosed } from '../test/table/bearing.ts';
import type { Entry } from '../test/table/entry.ts';
import { inRange } from '../test/table/ports.ts';
import type { Scene, Truth } from '../test/table/scene.ts';

/** What somebody did to a server: what connections met before, after and after a reboot, and how it ended. */
export interface Deed {
  readonly before: Truth;
  readonly after: Truth;
  readonly rebooted: Truth;
  /** What it said went wrong. */
  readonly said: string;
}

/** What is wrong with it, in a few words each; empty: it is right. */
export function faults(scene: Scene, entry: Entry, deed: Deed): string[] {
  const bans = (entry.known ?? []).flatMap(({ address, banned }) => (banned ? [address] : []));
  const later = scene.afterBoot ?? deed.before;
  const kept = scene.afterBoot === null ? bans : [];
  const found =
    typeof entry.expected === 'string'
      ? [
          ...closed(stillClosed(scene, deed.before, deed.after), ''),
          ...closed(stillClosed(scene, deed.before, deed.rebooted), ' after a reboot'),
          ...side(scene, bans, deed.before, deed.after, ''),
          ...side(scene, kept, later, deed.rebooted, ' after a reboot'),
        ]
      : [
          ...overridden(scene, deed.before, deed.after, ''),
          ...overridden(scene, later, deed.rebooted, ' after a reboot'),
          ...(entry.expected.refuses.test(deed.said) ? [] : ['no word of the rule that denies']),
        ];
  return [...new Set(found)];
}

function closed(ports: readonly string[], when: string): string[] {
  return (['ipv4', 'ipv6'] as const)
    .filter((family) => ports.some((port) => port.startsWith(family)))
    .map((family) => `${familyName(family)} closed${when}`);
}

/** The first of all things that changed and should not have. */
function side(scene: Scene, bans: readonly string[], before: Truth, after: Truth, when: string): string[] {
  const changed = sideEffects(scene, bans, before, after);
  const banned = changed.some((each) => bans.some((address) => each.endsWith(address)));
  const others = changed.filter((each) => !bans.some((address) => each.endsWith(address)));
  const [first] = others;
  return [
    ...(banned ? [`a banned address let in${when}`] : []),
    ...(first === undefined ? [] : [`${others.length} other ports changed${when}`]),
  ];
}

/** What was denied in so many words and is not any more, or the other way round. */
function overridden(scene: Scene, before: Truth, after: Truth, when: string): string[] {
  const changed = scene.clients.flatMap((client) =>
    scene.ports.filter((port) => before[client]?.includes(port) !== after[client]?.includes(port)),
  );
  if (changed.length === 0) return [];
  return [
    changed.some(inRange) ? `the administrator's rule overridden${when}` : `other ports changed${when}`,
  ];
}
