import { chmod } from 'node:fs/promises';
import { ABSENT } from '../core/file.ts';
import type { Files } from '../engine/ports.ts';

/** The same files, but one that is made new can be read by root alone; one that is there keeps its mode. */
export function rootOnly(files: Files): Files {
  return {
    ...files,
    async replace(path, expects, text) {
      const tag = await files.replace(path, expects, text);
      if (expects !== ABSENT || text === null) return tag;
      await chmod(path, 0o600);
      return (await files.read(path))?.tag ?? ABSENT;
    },
  };
}
