// Writes the catalogue of all words that the product says: see script/words.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messagesOf, POT, potOf } from './catalogue.mjs';

const root = join(import.meta.dirname, '..');
const messages = messagesOf(root);
mkdirSync(dirname(join(root, POT)), { recursive: true });
writeFileSync(join(root, POT), potOf(messages));
console.log(`${POT}: ${messages.size} messages`);
