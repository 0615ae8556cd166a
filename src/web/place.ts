/** Where a run's routes are. All addresses are relative, so that any prefix before the page's own address works. */
export interface Place {
  readonly run: string;
  readonly csrf: string;
}

export function eventsAddress(place: Place, offset: number, now: boolean): string {
  return `?r=runs/${place.run}/events&offset=${offset}${now ? '&wait=0' : ''}`;
}

/**
 * Asks for a part of the recording. Where a browser may keep the answer, it has a second request for the same part
 * wait for the first one, for up to twenty seconds.
 */
export function fetchPart(address: string, signal: AbortSignal): Promise<Response> {
  const anew = { signal, cache: 'no-store' } as const;
  return fetch(address, anew);
}

/** Statuses that mean: logged out of WHM, or not allowed any more. */
export function isRefusal(status: number): boolean {
  return status === 401 || status === 403;
}

/** A request that WHM has not answered by then is lost. Milliseconds. */
const ANSWER_WITHIN = 20_000;

/** Sends a form to a route of the run. */
export function postForm(
  place: Place,
  route: string,
  fields: Readonly<Record<string, string>>,
): Promise<Response> {
  return fetch(`?r=runs/${place.run}/${route}`, {
    method: 'POST',
    body: new URLSearchParams({ csrf: place.csrf, ...fields }),
    signal: AbortSignal.timeout(ANSWER_WITHIN),
  });
}

export interface EventsAnswer {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly ended: boolean;
}

/** What the recording holds now from `offset` on. */
export async function fetchEvents(
  place: Place,
  offset: number,
): Promise<EventsAnswer | 'broken' | 'refused'> {
  try {
    const response = await fetchPart(eventsAddress(place, offset, true), AbortSignal.timeout(ANSWER_WITHIN));
    if (isRefusal(response.status)) return 'refused';
    if (!response.ok || !isRecording(response)) return 'broken';
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { offset, bytes, ended: response.headers.get('x-run-ended') === '1' };
  } catch {
    return 'broken';
  }
}

/** Something between the page and the daemon may answer with a page of its own. */
export function isRecording(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('application/octet-stream') === true;
}
