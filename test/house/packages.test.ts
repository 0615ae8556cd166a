import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { licenceList, runtimePackages } from './licences.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Licences that let a product under the MIT licence carry the package along. */
const ALLOWED = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0'];

describe('the packages that the product needs when it runs', () => {
  const packages = runtimePackages();

  it('are at most ten, beside those that they need themselves', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    assert.ok(Object.keys(dependencies).length <= 10, Object.keys(dependencies).join(', '));
    assert.ok(packages.length > 10);
  });

  it('come from the registry, each pinned by its digest', () => {
    for (const { name, integrity, resolved } of packages) {
      assert.match(integrity, /^sha512-/, name);
      // No place of its own means the registry that npm is set to; never a file, a git repository or another host.
      assert.match(resolved, /^(?:https:\/\/registry\.npmjs\.org\/.*)?$/, name);
    }
  });

  it('may be carried along, and docs/licences.md lists them', () => {
    for (const { name, licence } of packages) assert.ok(ALLOWED.includes(licence), `${name}: ${licence}`);
    assert.equal(readFileSync(join(ROOT, 'docs/licences.md'), 'utf8'), licenceList());
  });

  // Where the registry does not answer such questions nothing can be known, and a failure would say nothing of the
  // packages; what was not asked is told in the output.
  it('have no hole that the registry knows of, where it can be asked', function () {
    this.timeout(120_000);
    const { stdout } = spawnSync(
      'npm',
      ['audit', '--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=20000'],
      {
        cwd: ROOT,
        encoding: 'utf8',
        timeout: 100_000,
      },
    );
    const answer = answerOf(stdout);
    if (answer.metadata === undefined) {
      console.log(`      not asked: ${answer.message ?? 'npm gave no answer'}`);
      return;
    }
    assert.deepEqual(Object.keys(answer.vulnerabilities ?? {}), []);
  });
});

interface Answer {
  readonly message?: string;
  readonly metadata?: unknown;
  readonly vulnerabilities?: Readonly<Record<string, unknown>>;
}

function answerOf(stdout: string): Answer {
  try {
    return JSON.parse(stdout) as Answer;
  } catch {
    return {};
  }
}
