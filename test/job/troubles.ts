import { CHECKOUT, ok, type Machine } from '../sandbox/machine.ts';

/** Something wrong with a machine; how it is made so, and how that is taken back. */
export interface Trouble {
  readonly begin: string;
  readonly end: string;
  /** What the command line is run by. */
  readonly by?: readonly string[];
}

/** A file system of its own at a place, with what was there and with so much room left. */
export function full(place: string, freeKilobytes = 0): Trouble {
  const begin = `mkdir -p /run/full
    mount -t tmpfs -o size=32m,mode=0700 tmpfs /run/full
    cp -a ${place}/. /run/full
    chmod --reference=${place} /run/full
    mount --move /run/full ${place}
    dd if=/dev/zero of=${place}/filler bs=4k 2>/dev/null || :
    truncate -s -${freeKilobytes}K ${place}/filler`;
  return { begin, end: `umount ${place}` };
}

/** A full /tmp; the product itself may lie there. */
export function fullTmp(): Trouble {
  const keep = CHECKOUT.startsWith('/tmp/')
    ? `mkdir -p /run/full/${CHECKOUT.slice(5)}; mount --bind ${CHECKOUT} /run/full/${CHECKOUT.slice(5)}`
    : ':';
  const begin = `mkdir -p /run/full
    mount -t tmpfs -o size=1m,mode=1777 tmpfs /run/full
    ${keep}
    mount --move /run/full /tmp
    dd if=/dev/zero of=/tmp/filler bs=4k 2>/dev/null || :`;
  return { begin, end: 'umount -R /tmp' };
}

export function readOnly(place: string): Trouble {
  return {
    begin: `mount --bind ${place} ${place}; mount -o remount,bind,ro ${place}`,
    end: `umount ${place}`,
  };
}

export function immutable(path: string): Trouble {
  return { begin: `chattr +i ${path}`, end: `chattr -i ${path}` };
}

export function away(directory: string): Trouble {
  return { begin: `mv ${directory} ${directory}.away`, end: `mv ${directory}.away ${directory}` };
}

/** System calls that fail. Node makes them on threads, which strace counts one by one: so there is one. */
export function failing(call: string, error: string, path: string, which = '1'): Trouble {
  const inject = `inject=${call}:error=${error}:when=${which}`;
  const strace = ['strace', '-f', '--seccomp-bpf', '-qq', '-o', '/run/strace'];
  return {
    begin: ': >/run/strace',
    end: 'grep -q INJECTED /run/strace; rm /run/strace',
    by: ['env', 'UV_THREADPOOL_SIZE=1', ...strace, '-e', `trace=${call}`, '-P', path, '-e', inject],
  };
}

const CLOCK = '/run/clock.mjs';

/** The wall clock jumps by so many seconds while the run is planned; that of the files does not. */
export function jumping(seconds: number): Trouble {
  const program = `const { now } = Date; let asked = 0;
Date.now = () => now() + ((asked += 1) > 2 ? ${seconds * 1000} : 0);`;
  return {
    begin: `cat >${CLOCK} <<'END'\n${program}\nEND`,
    end: `rm ${CLOCK}`,
    by: ['env', `NODE_OPTIONS=--import=${CLOCK}`],
  };
}

/** Does something on a machine that is in trouble. */
export async function inTrouble<T>(machine: Machine, trouble: Trouble, what: () => Promise<T>): Promise<T> {
  await ok(machine.run(['sh', '-ec', trouble.begin]), ['begin']);
  try {
    return await what();
  } finally {
    await ok(machine.run(['sh', '-ec', trouble.end]), ['end']);
  }
}
