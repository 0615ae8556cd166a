import type { Request, Response } from 'express';
import { knownCaller } from './caller.ts';
import { restOf, type Views } from './views.ts';

/**
 * Sends what a page begins with before the server is looked at: WHM's own page around it is drawn meanwhile, and a person
 * sees where they are. From then on the answer is 200, and what goes wrong is told
 * inside the page.
 * @param page its title and its place in the navigation
 */
export function openPage(
  views: Views,
  request: Request,
  response: Response,
  page: { readonly title: string; readonly here: string },
): void {
  response.locals['open'] = true;
  response.type('html').write(views.opening({ ...page, caller: knownCaller(request) }));
}

/** Whether the page was begun and not ended. */
export function isOpen(response: Response): boolean {
  return response.locals['open'] === true && !response.writableEnded;
}

/** Sends a page, or what of it comes after its opening. */
export function sendPage(response: Response, html: string): void {
  if (isOpen(response)) response.end(restOf(html));
  else response.send(html);
}
