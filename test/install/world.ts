import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '../..');

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A private mount namespace in which a small stand-in WHM is installed and every change is kept apart. */
export interface World {
  /** A built product, as a release would hold it, to install from. */
  readonly tree: string;
  run(...command: readonly string[]): Outcome;
  sh(script: string): Outcome;
  /** All that differs from the host: `PATH TYPE MODE SIZE TIME TARGET`, sorted. */
  listing(): string[];
  close(): Promise<void>;
}

/** @param system a file of test/fixtures/os-release: which system the world says that it is */
export async function openWorld(system = 'ubuntu-24.04'): Promise<World> {
  const scratch = mkdtempSync(join(tmpdir(), 'ftp-passive-world-'));
  const tree = mkdtempSync(join(tmpdir(), 'ftp-passive-tree-'));
  writeTree(tree);
  const here = import.meta.dirname;
  const release = join(here, '../fixtures/os-release', system);
  const setup = [join(here, 'world.sh'), scratch, join(here, 'stand-ins'), release];
  const holder = spawn('unshare', ['--mount', '--propagation', 'private', '--', ...setup], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await ready(holder);

  const run = (...command: readonly string[]): Outcome =>
    spawnSync('nsenter', [`--mount=/proc/${holder.pid ?? 0}/ns/mnt`, '--', ...command], {
      encoding: 'utf8',
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
    });

  return {
    tree,
    run,
    sh: (script) => run('sh', '-euc', script),
    listing: () =>
      run('find', join(scratch, 'upper'), '-mindepth', '1', '-printf', '%P %y %m %s %T@ %l\n')
        .stdout.split('\n')
        .filter((line) => line !== '')
        .sort(),
    close: async () => {
      holder.stdin.end();
      await once(holder, 'exit');
      for (const dir of [scratch, tree]) rmSync(dir, { recursive: true });
    },
  };
}

async function ready(holder: ChildProcess): Promise<void> {
  const said = holder.stdout ? once(holder.stdout, 'data') : Promise.reject(new Error('no output'));
  const ended = once(holder, 'exit').then(() => {
    throw new Error('The world could not be made: see above.');
  });
  await Promise.race([said, ended]);
}

/** The real installer, launcher, units and conf around stand-ins for what script/build and npm make. */
function writeTree(tree: string): void {
  for (const part of [
    'install.sh',
    'appconfig',
    'plugin/acl',
    'plugin/bin',
    'plugin/systemd',
    'plugin/ftp_passive.png',
    'README.md',
    'LICENSE',
  ]) {
    cpSync(join(REPOSITORY, part), join(tree, part), { recursive: true });
  }
  const made = {
    'package.json': '{ "type": "module", "version": "0.1.0" }',
    'docs/operating.md': '# Operating\n',
    'dist/main.js': "console.log('main', process.argv.slice(2).join(' '));",
    'plugin/index.cgi': '#!/usr/local/cpanel/3rdparty/bin/perl -T\n',
    'plugin/public/app.js': '// the page\n',
    'plugin/public/style.css': '/* the page */\n',
    'node_modules/node-pty/package.json': '{}',
    'node_modules/@lydell/node-pty-linux-x64/package.json': '{}',
    'node_modules/never/package.json': '{}',
  };
  for (const [path, text] of Object.entries(made)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
}
