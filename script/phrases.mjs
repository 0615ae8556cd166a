// The marked phrases of a source in TypeScript: what src/core/phrase.ts is for.
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { escapedFor, rendered } from './messages.mjs';

/** What a marked phrase looks like; a source without it need not be parsed. */
const MARKED = /\bphrase`/;
/** `Math.max(…)` is about nothing that has a name. */
const NAMELESS = new Set(['JSON', 'Math', 'Number', 'Object', 'String']);

/** Each marked phrase of a source, the outer before the inner: `id`, as it stands in the catalogue. */
export function phrasesIn(source, path) {
  return marksIn(source, path).map(({ id }) => ({ id }));
}

/**
 * The source without the mark, and with the words of another language where there are some.
 * @param translate an id to its translation, or to undefined where it stays as it is
 */
export function withoutMarks(source, path, translate = () => undefined) {
  return MARKED.test(source) ? textOf(source, marksIn(source, path), 0, source.length, translate) : source;
}

/** The sources of a build, spoken in another language or as they are. */
export function phrasesPlugin(translate) {
  return {
    name: 'phrases',
    setup(building) {
      building.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        if (!MARKED.test(source)) return undefined;
        return { contents: withoutMarks(source, path, translate), loader: 'ts' };
      });
    },
  };
}

/** A part of a source; marks within other marks are done when the hole that they stand in is. */
function textOf(source, marks, from, to, translate) {
  let text = '';
  let at = from;
  for (const mark of marks) {
    if (mark.start < at || mark.end > to) continue;
    const inner = (hole) => `\${${textOf(source, marks, hole.start, hole.end, translate)}}`;
    const translation = translate(mark.id);
    text += source.slice(at, mark.start);
    text += translation === undefined ? plain(source, mark, inner) : spoken(mark, translation, inner);
    at = mark.end;
  }
  return text + source.slice(at, to);
}

/** The template as it stands, with what is in its holes. */
function plain(source, { quote, end, places }, inner) {
  let text = '';
  let at = quote;
  for (const hole of places) {
    text += `${source.slice(at, hole.start - 2)}${inner(hole)}`;
    at = hole.end + 1;
  }
  return text + source.slice(at, end);
}

function spoken({ holes }, translation, inner) {
  const escape = (words) => escapedFor.template(words);
  return `\`${rendered(translation, new Map([...holes].map(([sign, hole]) => [sign, inner(hole)])), escape)}\``;
}

function marksIn(source, path) {
  if (!MARKED.test(source)) return [];
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText(file) === 'phrase')
      found.push(markOf(node, file));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function markOf(node, file) {
  const { template } = node;
  const start = node.getStart(file);
  const quote = template.getStart(file);
  const mark = { start, quote, end: node.getEnd(), places: [], holes: new Map() };
  if (ts.isNoSubstitutionTemplateLiteral(template)) return { ...mark, id: template.text };
  let id = template.head.text;
  for (const [index, { expression, literal }] of template.templateSpans.entries()) {
    // Blanks around the expression belong to it, so that everything between two texts is the hole.
    const hole = { start: expression.getFullStart(), end: literal.getStart(file) };
    hole.text = expression.getText(file);
    mark.places.push(hole);
    const sign = signFor(mark.holes, nameOf(expression) ?? String(index + 1), hole);
    mark.holes.set(sign, hole);
    id += `${sign}${literal.text}`;
  }
  return { ...mark, id };
}

/** The placeholder of an expression: the same for the same expression, another for another one. */
function signFor(holes, name, hole) {
  for (let count = 1; ; count++) {
    const sign = `{${name}${count === 1 ? '' : `_${count}`}}`;
    if (!holes.has(sign) || holes.get(sign).text === hole.text) return sign;
  }
}

/** What an expression is about, in one name; undefined where none is to be seen. */
function nameOf(node) {
  if (ts.isIdentifier(node)) return NAMELESS.has(node.text) ? undefined : node.text;
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node)) return nameOf(node.expression);
  if (ts.isElementAccessExpression(node)) return nameOf(node.expression);
  if (ts.isPropertyAccessExpression(node)) {
    const object = nameOf(node.expression);
    return object === undefined ? undefined : `${object}.${node.name.text}`;
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
    return nameOf(node.left);
  if (!ts.isCallExpression(node)) return undefined;
  // `list.join(…)` is about the list, `formatRange(range)` about the range.
  const { expression: called, arguments: given } = node;
  if (ts.isPropertyAccessExpression(called)) return nameOf(called.expression);
  return (given.length === 1 ? nameOf(given[0]) : undefined) ?? nameOf(called);
}
