import assert from 'node:assert/strict';
import ts from 'typescript';
import { filesUnder } from '../house/files.ts';

/** What a person reads, wherever it is handed on under these names. */
const READ = new Set(['title', 'fact', 'fix', 'why', 'label', 'sentence', 'about', 'badge']);
/** Three words in a row that begin or end a sentence. */
const SENTENCE = /^[A-Z“][^.]*?(?: [a-z’]+){2,}[^]*[.?:]\s*$|(?: [a-z’]+){3,}[.?]\s*$/;
/** Commands and names. */
const NO_WORDS = /^(?:systemctl (?:en|dis)able .*|Pure-FTPd|ProFTPD)$/;

type Text = ts.StringLiteral | ts.NoSubstitutionTemplateLiteral | ts.TemplateExpression;

const isText = (node: ts.Node): node is Text =>
  ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node);

/** The words of a text, with a dash for what is filled in. */
function wordsOf(node: Text): string {
  if (!ts.isTemplateExpression(node)) return node.text;
  return node.head.text + node.templateSpans.map(({ literal }) => `-${literal.text}`).join('');
}

/** Whether it is handed on as something that a person reads, by itself or as one of two. */
function isRead(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isConditionalExpression(parent) || ts.isParenthesizedExpression(parent)) return isRead(parent);
  if (ts.isBinaryExpression(parent))
    return /^(?:\?\?|\|\|)$/.test(parent.operatorToken.getText()) && isRead(parent);
  // What stands between the parts of a list.
  if (ts.isCallExpression(parent) && ts.isPropertyAccessExpression(parent.expression))
    return parent.expression.name.text === 'join';
  return ts.isPropertyAssignment(parent) && parent.initializer === node && READ.has(parent.name.getText());
}

/** An error of the program itself, which nobody but its makers reads. */
const isInternal = ({ parent }: ts.Node): boolean =>
  ts.isNewExpression(parent) && parent.expression.getText() === 'Error';

describe('what the sources say to a person', () => {
  it('is marked for the catalogue', () => {
    const unmarked: string[] = [];
    for (const { path, text } of filesUnder('src', '.ts')) {
      const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
      const visit = (node: ts.Node): void => {
        if (isText(node) && !ts.isTaggedTemplateExpression(node.parent) && !isInternal(node)) {
          const words = wordsOf(node);
          const isSaid = isRead(node) ? /\p{L}{2}/u.test(words) : SENTENCE.test(words);
          if (isSaid && !NO_WORDS.test(words)) unmarked.push(`${path}: ${words}`);
        }
        ts.forEachChild(node, visit);
      };
      visit(file);
    }
    assert.deepEqual(unmarked, []);
  });
});
