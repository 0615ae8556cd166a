import type { Family } from '../../src/core/reach.ts';
import { familyOf, STRANGER } from './entry.ts';
import { inRange } from './ports.ts';
import type { Scene, Truth } from './scene.ts';

/** Families in which anybody gets in at all: in the others the range cannot be asked for. */
export function reached(scene: Scene, truth: Truth): Family[] {
  return scene.families.filter((family) => (truth[STRANGER[family]]?.length ?? 0) > 0);
}

/** Ports of the range that a stranger cannot connect to, in the families that are reached. */
export function stillClosed(scene: Scene, before: Truth, now: Truth): string[] {
  const asked = scene.ports.filter(inRange);
  return reached(scene, before).flatMap((family) => {
    const open = now[STRANGER[family]] ?? [];
    return asked.filter((port) => !open.includes(port)).map((port) => `${family} port ${port} is closed`);
  });
}

/** What else than the range has changed for anybody, and what of the range has for those who are banned. */
export function sideEffects(scene: Scene, banned: readonly string[], before: Truth, now: Truth): string[] {
  return scene.clients.flatMap((client) => {
    const may = reached(scene, before).includes(familyOf(client)) && !banned.includes(client);
    return scene.ports
      .filter((port) => !may || !inRange(port))
      .flatMap((port) => {
        const [was, is] = [before, now].map((truth) => truth[client]?.includes(port) ?? false);
        return was === is ? [] : [`port ${port} is ${is === true ? 'open' : 'closed'} for ${client}`];
      });
  });
}
