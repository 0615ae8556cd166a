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

/** Each template by its name without `.hbs`, as script/templates.mjs compiles it. */
export type Templates = Readonly<Record<string, TemplateSpecification>>;

/** At its end each page says what the words on it mean that somebody may not know. */
export function createViews(templates: Templates): Views {
  const engine = Handlebars.create();
  const drawn = (name: string): Handlebars.TemplateDelegate => {
    const template = templates[name];
    if (template === undefined) throw new Error(`There is no template ${name}.`);
    return engine.template(template);
  };
  for (const name of PARTIALS) engine.registerPartial(name, drawn(name));
  const pages = new Map(PAGES.map((name) => [name, drawn(name)]));
  const glossary = drawn('glossary');

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
