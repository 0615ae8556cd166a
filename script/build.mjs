// Bundles the product into dist/ and the page's script into plugin/public/app.js: see script/build.
// Everything is written beside its place and then moved, so that a reader never meets half a build.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { messagesOf, translationOf } from './catalogue.mjs';
import { phrasesPlugin } from './phrases.mjs';
import { precompiled } from './templates.mjs';

const root = join(import.meta.dirname, '..');
const { speech, out } = wanted();
// On the file system of what is made, so that it can be moved.
const scratch = out === root ? join(root, '.build') : out;
mkdirSync(scratch, { recursive: true });
const fresh = mkdtempSync(join(scratch, 'new-'));
// At the very end, since the other bundle may still be written after one has failed.
process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));

/**
 * Express and others are CommonJS and call require() for Node's own modules, which an ES module does not have.
 * A global and not a constant, because sources may have a constant of that name.
 */
const banner =
  "import{createRequire as __createRequire}from'node:module';globalThis.require??=__createRequire(import.meta.url);";

/** The types that the daemon's answers and the forms of its pages have. */
const TYPES = /^(?:text\/(?:html|plain)|application\/(?:json|octet-stream|x-www-form-urlencoded))$/;

/**
 * Half of the daemon would be tables that Express brings along: every charset and every type of file. Node reads them at
 * each start. Forms are UTF-8, which needs no table, and what the daemon sends has one of a few types.
 */
const withoutTables = {
  name: 'without-tables',
  setup(building) {
    building.onLoad({ filter: /\/iconv-lite\/encodings\/index\.js$/ }, ({ path }) => ({
      contents: "module.exports = require('./internal');",
      resolveDir: dirname(path),
    }));
    building.onLoad({ filter: /\/mime-db\/db\.json$/ }, ({ path }) => {
      const types = Object.entries(JSON.parse(readFileSync(path, 'utf8')));
      const kept = Object.fromEntries(types.filter(([type]) => TYPES.test(type)));
      return { contents: JSON.stringify(kept), loader: 'json' };
    });
  },
};

/** The pages' templates as functions: the import `precompiled-templates`. */
const templates = {
  name: 'templates',
  setup(building) {
    building.onResolve({ filter: /^precompiled-templates$/ }, ({ path }) => ({
      path,
      namespace: 'templates',
    }));
    building.onLoad({ filter: /.*/, namespace: 'templates' }, () => ({
      contents: `export default ${precompiled(join(root, 'templates'), speech)};`,
    }));
  },
};

const phrases = phrasesPlugin((id) => speech?.words.get(id));

const shared = {
  bundle: true,
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: root,
};

try {
  await Promise.all([
    build({
      ...shared,
      entryPoints: { main: 'src/main.ts' },
      outdir: join(fresh, 'dist'),
      platform: 'node',
      target: 'node20',
      format: 'esm',
      // Node reads all of it at each start; names stay, for the stack of an error.
      minifyWhitespace: true,
      minifySyntax: true,
      splitting: true,
      chunkNames: 'chunk-[hash]',
      external: ['node-pty'],
      plugins: [withoutTables, templates, phrases],
      // Without the compiler.
      alias: { handlebars: 'handlebars/runtime' },
      banner: { js: banner },
    }),
    build({
      ...shared,
      entryPoints: ['src/web/app.ts'],
      outfile: join(fresh, 'app.js'),
      platform: 'browser',
      target: 'es2022',
      format: 'iife',
      minify: true,
      plugins: [phrases],
    }),
  ]);
  for (const name of ['twin-end.pl', 'gather.pl'])
    copyFileSync(join(root, 'src/system', name), join(fresh, 'dist', name));
  mkdirSync(join(out, 'plugin/public'), { recursive: true });
  rmSync(join(out, 'dist'), { recursive: true, force: true });
  renameSync(join(fresh, 'dist'), join(out, 'dist'));
  renameSync(join(fresh, 'app.js'), join(out, 'plugin/public/app.js'));
} catch {
  // esbuild has said what is wrong.
  process.exitCode = 1;
}

/** What the command line asks for; a translation that cannot be used is told of here, before anything is built. */
function wanted() {
  // Paths are those of whoever has called script/build, which itself works in the repository.
  const [from, ...given] = process.argv.slice(2);
  try {
    const options = { words: { type: 'string' }, out: { type: 'string' } };
    const { words, out } = parseArgs({ args: given, options }).values;
    return { speech: words && speechOf(resolve(from, words), words), out: resolve(from, out ?? root) };
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

function speechOf(path, name) {
  const messages = messagesOf(root);
  if (!existsSync(path)) throw new Error(`${name} is not there: name a PO file with a translation.`);
  const speech = translationOf(readFileSync(path, 'utf8'), name, messages);
  console.log(
    `${name}: ${speech.words.size} of ${messages.size} messages are in its language, ${speech.language}`,
  );
  return speech;
}
