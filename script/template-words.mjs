// The messages of a page's template: what a person reads in it, without marks.
import Handlebars from 'handlebars';
import { escapedFor, rendered } from './messages.mjs';

/** Tags that stand within a sentence; every other one begins or ends a message. */
const INLINE = new Set(['a', 'b', 'code', 'em', 'i', 'kbd', 'strong', 'time']);
/** What stands in these is no word of a language. */
const AS_IT_IS = new Set(['code', 'kbd']);
/** Attributes that a person reads or hears; `data-copy` becomes the name of a button. */
const READ = /\s(aria-label|title|alt|placeholder|data-copy|value)="([^"]*)"/g;
/** Inputs whose value is what is written on them. */
const WRITTEN_ON = /\stype="(?:submit|button|reset)"/;
const MARKUP = /<!--[^]*?-->|<!doctype[^>]*>|<\/?([a-z][a-z0-9]*)(?:"[^"]*"|[^">])*>/gi;
/** Stand for what Handlebars fills in and for what it does, one for each character of it. */
const [VALUE, ACT] = ['\uE000', '\uE001'];

/** Each message of a template: `id`, as it stands in the catalogue. */
export function messagesIn(source) {
  return found(source).map(({ id }) => ({ id }));
}

/**
 * The template with the words of another language where there are some.
 * @param translate an id to its translation, or to undefined where it stays as it is
 */
export function inOtherWords(source, translate) {
  let text = '';
  let at = 0;
  for (const { id, start, end, holes, escape } of found(source)) {
    const translation = translate(id);
    if (translation === undefined) continue;
    text += source.slice(at, start) + rendered(translation, holes, escape);
    at = end;
  }
  return text + source.slice(at);
}

function found(source) {
  const { flat, names } = flattened(source);
  const reader = { source, flat, names, messages: [], run: [] };
  let at = 0;
  for (const { 0: markup, 1: tag = '', index } of flat.matchAll(MARKUP)) {
    readText(reader, at, index);
    at = index + markup.length;
    const name = tag.toLowerCase();
    if (INLINE.has(name)) {
      const kind = markup.startsWith('</') ? 'close' : 'open';
      reader.run.push({ kind, name, start: index, end: at, bare: /^<\w+>$/.test(markup) });
    } else endRun(reader);
    readAttributes(reader, name, index, markup);
  }
  readText(reader, at, flat.length);
  endRun(reader);
  return reader.messages.sort((a, b) => a.start - b.start);
}

/** The template with its statements made into signs of one character each, so that only HTML is left to be read. */
function flattened(source) {
  const lines = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const at = ({ line, column }) => lines[line - 1] + column;
  const flat = Array(source.length).fill(ACT);
  const names = new Map();
  const visit = (program) => {
    for (const statement of program?.body ?? []) {
      const [start, end] = [at(statement.loc.start), at(statement.loc.end)];
      if (statement.type === 'ContentStatement') {
        if (source.slice(start, end) !== statement.original)
          throw new Error(`A template is not where its parser says, at character ${start}.`);
        for (let index = start; index < end; index++) flat[index] = source[index];
      } else if (statement.type === 'MustacheStatement') {
        flat.fill(VALUE, start, end);
        names.set(start, { end, name: statement.path.original.replace(/^(?:@root\.|(?:\.\.\/)+)/, '') });
      }
      visit(statement.program);
      visit(statement.inverse);
    }
  };
  visit(Handlebars.parseWithoutProcessing(source));
  return { flat: flat.join(''), names };
}

/** Text between two tags: words and values, up to where Handlebars does something. */
function readText(reader, from, to) {
  for (const { 0: piece, index } of reader.flat
    .slice(from, to)
    .matchAll(/\uE000+|\uE001+|[^\uE000\uE001]+/g)) {
    const start = from + index;
    if (piece[0] === ACT) endRun(reader);
    else if (piece[0] === VALUE) reader.run.push(...valuesIn(reader, start, start + piece.length));
    else reader.run.push({ kind: 'words', start, end: start + piece.length });
  }
}

function valuesIn({ names }, from, to) {
  const values = [];
  for (let start = from; start < to; start = names.get(start).end) {
    const { end, name } = names.get(start);
    values.push({ kind: 'value', name, start, end });
  }
  return values;
}

function endRun(reader) {
  addMessages(reader, reader.run, escapedFor.html);
  reader.run = [];
}

function readAttributes(reader, tag, from, markup) {
  for (const { 0: whole, 1: name, 2: value, index } of markup.matchAll(READ)) {
    if (name === 'value' && (tag !== 'input' || !WRITTEN_ON.test(markup))) continue;
    const attribute = { ...reader, run: [] };
    const start = from + index + whole.length - 1 - value.length;
    for (const { 0: piece, index: at } of value.matchAll(/[^\uE001]+/g)) {
      readText(attribute, start + at, start + at + piece.length);
      addMessages(reader, attribute.run, escapedFor.attribute);
      attribute.run = [];
    }
  }
}

/** The messages of a run: a tag without its other half divides it. */
function addMessages(reader, run, escape) {
  const halves = halvesOf(run);
  let part = [];
  for (const item of [...run, null]) {
    if (item !== null && (!('bare' in item) || halves.has(item))) part.push(item);
    else {
      addMessage(reader, trimmed(reader, part, halves), halves, escape);
      part = [];
    }
  }
}

/** Each tag of a run to its other half. */
function halvesOf(run) {
  const halves = new Map();
  const open = [];
  for (const item of run) {
    if (item.kind === 'open') open.push(item);
    if (item.kind !== 'close') continue;
    const at = open.findLastIndex(({ name }) => name === item.name);
    if (at === -1) continue;
    const [other] = open.splice(at);
    halves.set(item, other).set(other, item);
  }
  return halves;
}

/** Without the blanks at its ends, and without tags that are around all of it. */
function trimmed({ source }, part, halves) {
  const words = part.map((item) => {
    if (item.kind !== 'words') return item;
    const text = source.slice(item.start, item.end);
    const [before, after] = [text.length - text.trimStart().length, text.length - text.trimEnd().length];
    return { ...item, before, after };
  });
  for (;;) {
    const [first, last] = [words[0], words.at(-1)];
    if (first === undefined) return [];
    const isBlank = (item) => item.kind === 'words' && source.slice(item.start, item.end).trim() === '';
    if (isBlank(first)) words.shift();
    else if (isBlank(last)) words.pop();
    else if (first.kind === 'open' && halves.get(first) === last) words.splice(0, 1) && words.pop();
    else {
      if (first.kind === 'words') words[0] = { ...first, start: first.start + first.before };
      const end = words.at(-1);
      if (end.kind === 'words') words[words.length - 1] = { ...end, end: end.end - end.after };
      return words;
    }
  }
}

function addMessage({ source, messages }, part, halves, escape) {
  if (!hasWords(source, part)) return;
  const holes = new Map();
  const numbers = new Map();
  let id = '';
  for (const item of part) {
    const text = source.slice(item.start, item.end);
    const sign = signOf(item, text, halves, numbers);
    if (sign === null) id += text.replace(/\s+/g, ' ');
    else if (holes.has(sign) && holes.get(sign) !== text)
      throw new Error(`A message has two values of the name ${sign}: ${holes.get(sign)} and ${text}.`);
    else holes.set(sign, text);
    id += sign ?? '';
  }
  const [start, end] = [part[0].start, part.at(-1).end];
  messages.push({ id, start, end, holes, escape });
}

/** What stands in the catalogue for an item; null for words. */
function signOf(item, text, halves, numbers) {
  if (item.kind === 'words') return null;
  if (item.kind === 'value') return `{${item.name}}`;
  const opening = item.kind === 'open' ? item : halves.get(item);
  if (opening.bare) return text;
  if (!numbers.has(opening)) numbers.set(opening, numbers.size + 1);
  return `<${item.kind === 'open' ? '' : '/'}${numbers.get(opening)}>`;
}

function hasWords(source, part) {
  let asItIs = 0;
  return part.some(({ kind, name, start, end }) => {
    if (AS_IT_IS.has(name)) asItIs += kind === 'open' ? 1 : -1;
    return kind === 'words' && asItIs === 0 && /\p{L}/u.test(source.slice(start, end));
  });
}
