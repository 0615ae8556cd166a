import Handlebars from 'handlebars';
import { allVisible } from '../core/visible.ts';
import type { Caller } from './caller.ts';
import { placesFor } from './places.ts';

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
] as const;

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
 * Strict: a template that names something the view does not have is an error, never an empty place.
 * @param template gives the text of the template with this name
 */
export function createViews(template: (name: string) => string): Views {
  const engine = Handlebars.create();
  const options = { strict: true, preventIndent: true, knownHelpersOnly: true };
  for (const name of PARTIALS) engine.registerPartial(name, engine.compile(template(name), options));
  const pages = new Map(PAGES.map((name) => [name, engine.compile(template(name), options)]));
  return (page, view) => {
    const draw = pages.get(page);
    if (!draw) throw new Error(`There is no page ${page}.`);
    const navigation = placesFor(view.caller).map((entry) => ({
      ...entry,
      current: entry.page === view.here,
    }));
    return draw(allVisible({ ...view, navigation }));
  };
}
