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

/** A connection that a firewall swallows would be waited for by the browser for minutes. */
const PATIENCE = 30_000;

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
    const response = await fetch(eventsAddress(place, offset, true), {
      signal: AbortSignal.timeout(PATIENCE),
    });
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
