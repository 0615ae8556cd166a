/**
 * Marks words that a person reads: a sentence, a title, a label or a piece of one. `script/words` finds what is marked
 * for the catalogue in `words/`, and the build puts the words of another language there. It joins the text, nothing more,
 * and the build takes it away.
 *
 * Not for what a program reads: commands, rules, keys, codes, what is compared.
 */
export function phrase(texts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return String.raw({ raw: texts }, ...values);
}
