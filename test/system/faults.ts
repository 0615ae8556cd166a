import fs from 'node:fs';
import fsp, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import sinon from 'sinon';

/** A call that changes something; `count`: from 1 on. */
export interface Call {
  readonly name: string;
  readonly count: number;
}

/** Counts the calls that change something below a directory, and makes some of them fail. */
export interface Faults {
  calls: number;
  /** The calls that failed, by name and path. */
  readonly failed: string[];
  /** Answers with the error's code for a call that is to fail. */
  fail: (call: Call) => string | null;
  restore(): void;
}

const BY_PATH = [
  'open',
  'copyFile',
  'rename',
  'unlink',
  'mkdir',
  'link',
  'writeFile',
  'rm',
  'chmod',
] as const;
const BY_HANDLE = ['writeFile', 'sync', 'truncate'] as const;

/** @param scrap path of a file that may be made */
export async function watchFaults(below: string, scrap: string): Promise<Faults> {
  const handle = await fsp.open(scrap, 'w');
  const kind = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const faults: Faults = { calls: 0, failed: [], fail: () => null, restore };
  const box = sinon.createSandbox();
  const pass = (name: string, path: string): void => {
    if (!path.startsWith(below)) return;
    faults.calls += 1;
    const code = faults.fail({ name, count: faults.calls });
    if (code === null) return;
    faults.failed.push(`${name} ${path.slice(below.length)}`);
    throw Object.assign(new Error(`${code}: injected, ${name} '${path}'`), { code });
  };
  for (const name of BY_PATH) {
    const real = fsp[name] as (...given: unknown[]) => Promise<unknown>;
    box.stub(fsp, name).callsFake((async (...given: unknown[]) => {
      const reads = name === 'open' && (given[1] === 'r' || given[1] === undefined);
      if (!reads) pass(name, String(given[0]));
      return real(...given);
    }) as never);
  }
  for (const name of BY_HANDLE) {
    const real = kind[name] as (...given: unknown[]) => Promise<unknown>;
    box.stub(kind, name).callsFake(async function (this: FileHandle, ...given: unknown[]) {
      pass(name, fs.readlinkSync(`/proc/self/fd/${this.fd}`));
      return real.apply(this, given);
    } as never);
  }
  const append = fs.appendFileSync;
  box.stub(fs, 'appendFileSync').callsFake((path, ...rest) => {
    if (typeof path === 'string') pass('append', path);
    append(path, ...rest);
  });
  syncBuiltinESMExports();
  function restore(): void {
    box.restore();
    syncBuiltinESMExports();
  }
  return faults;
}
