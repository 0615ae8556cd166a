import type { DeadMan } from '../../src/runs/dead-man.ts';

/** A switch in memory. `armed`: the runs for which it is; `told`: what it was told, in order. */
export interface FakeSwitch extends DeadMan {
  readonly armed: Set<string>;
  readonly told: string[];
}

export function openSwitch(): FakeSwitch {
  const armed = new Set<string>();
  const told: string[] = [];
  return {
    armed,
    told,
    arm(run, seconds) {
      armed.add(run);
      told.push(`arm ${run} ${seconds}`);
      return Promise.resolve();
    },
    disarm(run) {
      armed.delete(run);
      told.push(`disarm ${run}`);
      return Promise.resolve();
    },
  };
}

/** For runs that load no firewall anew. */
export function noSwitch(): DeadMan {
  const refuse = (): Promise<never> => Promise.reject(new Error('Nothing of this run is to be armed.'));
  return { arm: refuse, disarm: refuse };
}
