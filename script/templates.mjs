// Compiles the pages' templates when the product is built, so that the daemon neither does it nor carries the compiler.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Handlebars from 'handlebars';
import { inOtherWords } from './template-words.mjs';

/** Strict: a template that names something the view does not have is an error, never an empty place. */
const OPTIONS = { strict: true, preventIndent: true, knownHelpersOnly: true };

/**
 * The source of an object that has each template of a directory by its name.
 * @param speech the language that they are to speak and its words, as `translationOf` gives them; English without it
 */
export function precompiled(directory, speech) {
  const files = readdirSync(directory).filter((file) => file.endsWith('.hbs'));
  const entries = files.sort().map((file) => {
    const text = readFileSync(join(directory, file), 'utf8');
    const spoken = speech === undefined ? text : spokenIn(text, speech);
    return `${JSON.stringify(basename(file, '.hbs'))}:${Handlebars.precompile(spoken, OPTIONS)}`;
  });
  return `{${entries.join(',')}}`;
}

/** The page of WHM around ours may be in another language, so ours says its own twice. */
function spokenIn(text, { language, words }) {
  return inOtherWords(text, (id) => words.get(id))
    .replace('<html lang="en"', `<html lang="${language}"`)
    .replace('<main class="ftp-passive"', `<main lang="${language}" class="ftp-passive"`);
}
