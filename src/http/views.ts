import Handlebars from 'handlebars';
import { allVisible } from '../core/visible.ts';
import type { Caller } from './caller.ts';
import { placesFor } from './places.ts';
import { TERMS, termsIn, wordsOf } from './view/terms.ts';

const PAGES = [
  'status',
  'setup',
  'plan',
  'run',
  'runs',
  'conflict',
  'verify',
  'outside',
  'outside-proof',
  'reach',
  'diagnose',
  'settings',
  'live-port',
  'help',
  'error',
] as const;
const PARTIALS = [
  'layout',
  'findings',
  'steps',
  'log',
  'picture',
  'consequences',
  'modes',
  'choices',
  'words',
] as const;

/** Where the layout has room for the words of the page. */
const WORDS_PLACE = '<!-- ftp-passive:words -->';

export type PageName = (typeof PAGES)[number];

/**
 * What every page has. `here`: the place in the navigation, or empty. `caller`: whom it is drawn for, where that may be
 * somebody else than root; null for nobody who is let in.
 */
export interface PageFrame {
  readonly title: string;
  readonly here: string;
  readonly caller?: Caller | null;
}

/** Draws a page as a whole HTML document. */
export type Views = (page: PageName, view: PageFrame & Readonly<Record<string, unknown>>) => string;

/**
 * Reads all templates now; each is compiled when it is first drawn, so that the first answer waits for its own only.
 * Strict: a template that names something the view does not have is an error, never an empty place. At its end each
 * page says what the words on it mean that somebody may not know.
 * @param template gives the text of the template with this name
 */
export function createViews(template: (name: string) => string): Views {
  const engine = Handlebars.create();
  const options = { strict: true, preventIndent: true, knownHelpersOnly: true };
  for (const name of PARTIALS) engine.registerPartial(name, engine.compile(template(name), options));
  const pages = new Map(PAGES.map((name) => [name, engine.compile(template(name), options)]));
  const glossary = engine.compile(template('glossary'), options);

  /** What the page's words mean, where it has words that need it. */
  function explained(html: string): string {
    const terms = termsIn(wordsOf(html));
    return html.replace(WORDS_PLACE, () => (terms.length === 0 ? '' : glossary({ terms })));
  }

  return (page, view) => {
    const draw = pages.get(page);
    if (!draw) throw new Error(`There is no page ${page}.`);
    const navigation = placesFor(view.caller).map((entry) => ({
      ...entry,
      current: entry.page === view.here,
    }));
    const html = draw(allVisible({ ...view, navigation, terms: TERMS }));
    // Help explains all of them.
    return page === 'help' ? html.replace(WORDS_PLACE, '') : explained(html);
  };
}
