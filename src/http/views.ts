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

/** Where the layout ends what is the same for all that a page can say. */
const OPENING_END = '<!-- ftp-passive:opening -->';
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

export interface Views {
  /** Draws a page as a whole HTML document. */
  (page: PageName, view: PageFrame & Readonly<Record<string, unknown>>): string;
  /** What a document of that frame begins with: to its title, and nothing that a look would find. */
  opening(frame: PageFrame): string;
}

/** What comes after the opening of a document that was drawn. */
export function restOf(html: string): string {
  return html.slice(html.indexOf(OPENING_END) + OPENING_END.length);
}

/** Each template by its name without `.hbs`, as script/templates.mjs compiles it. */
export type Templates = Readonly<Record<string, TemplateSpecification>>;

/** What the frame of a page is drawn from. */
function framed(frame: PageFrame): object {
  const navigation = placesFor(frame.caller).map((entry) => ({
    ...entry,
    current: entry.page === frame.here,
  }));
  return { ...frame, navigation };
}

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
  const layout = drawn('layout');

  /** What the page's words mean, where it has words that need it. */
  function explained(html: string): string {
    const terms = termsIn(wordsOf(html));
    return html.replace(WORDS_PLACE, () => (terms.length === 0 ? '' : glossary({ terms })));
  }

  function page(name: PageName, view: PageFrame): string {
    const draw = pages.get(name);
    if (!draw) throw new Error(`There is no page ${name}.`);
    const html = draw(allVisible({ ...framed(view), terms: TERMS }));
    // Help explains all of them.
    return name === 'help' ? html.replace(WORDS_PLACE, '') : explained(html);
  }

  function opening(frame: PageFrame): string {
    const html = layout(allVisible(framed(frame)), { data: { 'partial-block': () => '' } });
    return html.slice(0, html.indexOf(OPENING_END) + OPENING_END.length);
  }

  return Object.assign(page, { opening });
}
