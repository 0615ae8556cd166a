// What a message of the catalogue is made of: words, placeholders like {ports}, and the tags that stand in it.

const PLACEHOLDER = /\{[^{}]*\}/g;
const TAG = /<\/?\w[^<>]*>/g;
const CONTROL = /\p{Cc}/gu;

/** How words are written where they are put. Each gets words without placeholders. */
export const escapedFor = {
  /** Into a template literal. */
  template: (words) =>
    words
      .replace(/[\\`]|\$(?=\{)/g, '\\$&')
      .replace(CONTROL, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`),
  /** Between the tags of a page. */
  html: (words) =>
    words
      .replace(/&(?!#?\w+;)/g, '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;'),
  /** Into an attribute. */
  attribute: (words) => escapedFor.html(words).replaceAll('"', '&quot;'),
};

/**
 * A translation with what stands behind each placeholder or tag.
 * @param holes text by sign, like `{ports}` or `<1>`; what has no entry is words
 */
export function rendered(translation, holes, escape) {
  let text = '';
  let at = 0;
  const signs = [...holes.keys()].map((sign) => sign.replace(/[$()*+./?[\\\]^{|}]/g, '\\$&'));
  const found = signs.length === 0 ? [] : translation.matchAll(new RegExp(signs.join('|'), 'g'));
  for (const { 0: sign, index } of found) {
    text += escape(translation.slice(at, index)) + holes.get(sign);
    at = index + sign.length;
  }
  return text + escape(translation.slice(at));
}

/** Why a message cannot be said so, in one sentence; null where it can. */
export function faultOf(id, translation) {
  const [missing, unknown] = differences(signsIn(id, PLACEHOLDER), signsIn(translation, PLACEHOLDER));
  if (missing !== undefined) return `it lacks ${missing}`;
  if (unknown !== undefined) return `it has ${unknown}, which the message does not have`;
  if (/[{}]/.test(translation.replace(PLACEHOLDER, '')))
    return 'it has a brace that belongs to no placeholder';
  const [lost, added] = differences(signsIn(id, TAG), signsIn(translation, TAG));
  if (lost !== undefined) return `it lacks ${lost}`;
  if (added !== undefined) return `it has ${added}, which the message does not have`;
  if (isNested(id) && !isNested(translation)) return 'its tags are not closed in the order of the message';
  // A line break would end a comment of the script that a plan is shown as, or a header of a mail.
  if (signsIn(translation, CONTROL).some((control) => !id.includes(control)))
    return 'it has a line break or another control character, which the message does not have';
  return null;
}

const signsIn = (text, pattern) => [...text.matchAll(pattern)].map(([sign]) => sign);

/** The first sign that only one side has, each as often as it stands there. */
function differences(here, there) {
  const rest = [...there];
  const missing = here.find((sign) => {
    const at = rest.indexOf(sign);
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  });
  return [missing, missing === undefined ? rest[0] : undefined];
}

function isNested(text) {
  const open = [];
  for (const tag of signsIn(text, TAG)) {
    const name = /\w+/.exec(tag)[0];
    if (!tag.startsWith('</')) open.push(name);
    else if (open.pop() !== name) return false;
  }
  return open.length === 0;
}
