import { readlinkSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import sinon from 'sinon';

/**
 * Hears of each file and directory that is about to be put on disk, in this process. What it throws, the call does.
 * @param scrap path of a file that may be made
 * @returns ends the watch
 */
export async function watchSyncs(scrap: string, hear: (path: string) => void): Promise<() => void> {
  const handle = await open(scrap, 'w');
  const kind = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const sync = sinon.stub(kind, 'sync').callsFake(async function (this: FileHandle) {
    hear(readlinkSync(`/proc/self/fd/${this.fd}`));
    await sync.wrappedMethod.call(this);
  });
  return () => sync.restore();
}
