import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** A package that the lock file names. */
export interface Locked {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly integrity: string;
  readonly resolved: string;
}

interface Entry {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
}

/** The packages that the product needs when it runs, with those that they need, by name. */
export function runtimePackages(): Locked[] {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Entry>;
  };
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { name, version = '', license = 'unknown', integrity = '', resolved = '' }]) => ({
      name: name ?? path.replace(/^.*node_modules\//, ''),
      version,
      licence: license,
      integrity,
      resolved,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
}

/** docs/licences.md as it has to be. */
export function licenceList(): string {
  const rows = runtimePackages().map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`);
  return [
    '# Licences of the packages that the product needs when it runs',
    '',
    'From package-lock.json; `npx tsx test/house/licences.ts >docs/licences.md` writes this page, and a test checks it.',
    'Most of them are bundled into dist/; the terminal’s package is installed beside it.',
    '',
    '| Package | Version | Licence |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) process.stdout.write(licenceList());
