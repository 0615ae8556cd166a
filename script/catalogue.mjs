// Every message of the product, as a gettext template for translators, and translations of it read back.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { po } from 'gettext-parser';
import { faultOf } from './messages.mjs';
import { phrasesIn } from './phrases.mjs';
import { messagesIn } from './template-words.mjs';

/** Where the template lies in the repository. */
export const POT = 'words/ftp-passive.pot';

/** What a language may be called: `de`, `pt_BR`, `zh-Hant`. */
const LANGUAGE = /^[a-z]{2,3}(?:[_-][A-Za-z0-9]{2,8})*$/;

/** The files in which each message stands, by its id; those of a file are together, in its order. */
export function messagesOf(root) {
  const found = new Map();
  const add = (id, file) => found.set(id, new Set(found.get(id)).add(file));
  for (const file of filesUnder(root, 'src', '.ts'))
    for (const { id } of phrasesIn(readFileSync(join(root, file), 'utf8'), file)) add(id, file);
  for (const file of filesUnder(root, 'templates', '.hbs'))
    for (const { id } of messagesIn(readFileSync(join(root, file), 'utf8'))) add(id, file);
  return new Map([...found].map(([id, files]) => [id, [...files]]));
}

/** The text of the template. It has no lines' numbers and no dates, so that it changes only when the words do. */
export function potOf(messages) {
  const entries = [...messages].map(([msgid, files]) => [
    msgid,
    { msgid, msgstr: [''], comments: { reference: files.join('\n') } },
  ]);
  const headers = {
    'Project-Id-Version': 'whm-ftp-passive',
    Language: '',
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Transfer-Encoding': '8bit',
  };
  const catalogue = { charset: 'utf-8', headers, translations: { '': Object.fromEntries(entries) } };
  return `${po.compile(catalogue, { foldLength: 0 }).toString('utf8').trimEnd()}\n`;
}

/**
 * A translator's file: its language as pages name it, and its translation of each message that it has one of. What is
 * marked as fuzzy, or is no message of this version, is left out.
 * @param name what to call the file in errors
 * @throws Error with one sentence where a translation would break a page or a sentence
 */
export function translationOf(text, name, messages) {
  const { headers, translations } = parsed(text, name);
  const language = headers['Language'] ?? '';
  if (!LANGUAGE.test(language))
    throw new Error(`${name} names no language in its header: write one like "Language: de\\n".`);
  const words = new Map();
  for (const { msgid, msgstr, comments } of Object.values(translations).flatMap(Object.values)) {
    const [translation = ''] = msgstr ?? [];
    const isFuzzy = /\bfuzzy\b/.test(comments?.flag ?? '');
    if (!messages.has(msgid) || translation === '' || isFuzzy) continue;
    const fault = faultOf(msgid, translation);
    if (fault !== null)
      throw new Error(`${name} cannot be used: ${fault}, in the translation of "${msgid}".`);
    words.set(msgid, translation);
  }
  return { language: language.replaceAll('_', '-'), words };
}

function parsed(text, name) {
  try {
    const { headers, translations } = po.parse(text, { defaultCharset: 'utf-8' });
    return { headers, translations };
  } catch (error) {
    throw new Error(`${name} is no PO file that can be read: ${error.message.replace(/\.?$/, '.')}`);
  }
}

function filesUnder(root, folder, ending) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith(ending) && !file.endsWith('.d.ts'))
    .map((file) => `${folder}/${file}`)
    .sort();
}
