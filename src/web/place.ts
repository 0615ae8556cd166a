/** Where a run's routes are. All addresses are relative, so that any prefix before the page's own address works. */
export interface Place {
  readonly run: string;
  readonly csrf: string;
}

export function eventsAddress(place: Place, offset: number, now: boolean): string {
  return `?r=runs/${place.run}/events&offset=${offset}${now ? '&wait=0' : ''}`;
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
    const signal = AbortSignal.timeout(ANSWER_WITHIN);
    const response = await fetch(eventsAddress(place, offset, true), { signal });
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
