// Compiles the pages' templates when the product is built, so that the daemon neither does it nor carries the compiler.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Handlebars from 'handlebars';

/** Strict: a template that names something the view does not have is an error, never an empty place. */
const OPTIONS = { strict: true, preventIndent: true, knownHelpersOnly: true };

/** The source of an object that has each template of a directory by its name. */
export function precompiled(directory) {
  const files = readdirSync(directory).filter((file) => file.endsWith('.hbs'));
  const entries = files.sort().map((file) => {
    const text = readFileSync(join(directory, file), 'utf8');
    return `${JSON.stringify(basename(file, '.hbs'))}:${Handlebars.precompile(text, OPTIONS)}`;
  });
  return `{${entries.join(',')}}`;
}
