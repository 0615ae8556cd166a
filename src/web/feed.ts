import { parseMark } from '../runs/mark.ts';
import { createRecordingReader, type RecordingEvent } from '../runs/reading.ts';

/**
 * The one place where a recording's bytes arrive, whichever carrier brought them. It knows the offset of the next
 * byte wanted: what is offered twice is dropped, and a gap is refused, so a change of carrier loses and doubles nothing.
 */
export interface Feed {
  /** The offset of the first byte not yet taken. */
  readonly offset: number;
  /** True once the run's last marker was read, or the server said that no more will come. */
  readonly ended: boolean;
  /** Takes bytes that begin at `offset` in the recording. False: there is a gap, and nothing was taken. */
  offer(offset: number, bytes: Uint8Array): boolean;
  end(): void;
}

export function createFeed(take: (events: RecordingEvent[]) => void, start = 0): Feed {
  const reader = createRecordingReader();
  let next = start;
  let ended = false;
  return {
    get offset() {
      return next;
    },
    get ended() {
      return ended;
    },
    offer(offset, bytes) {
      if (offset > next) return false;
      const fresh = bytes.subarray(next - offset);
      if (fresh.length === 0) return true;
      next += fresh.length;
      const events = reader.push(fresh);
      if (events.some((event) => event.kind === 'mark' && parseMark(event.text)?.of === 'run')) ended = true;
      take(events);
      return true;
    },
    end() {
      ended = true;
    },
  };
}
