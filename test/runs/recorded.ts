/** One event of a recording: seconds since its start, `o` for output or `m` for a marker, and the text. */
export type RecordedEvent = readonly [seconds: number, code: 'o' | 'm', text: string];

/** The events of a recording, after its header line. */
export function recordedEvents(recording: string): RecordedEvent[] {
  const [, ...lines] = recording.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as RecordedEvent);
}

/** Everything that was put out, in order. */
export function recordedOutput(recording: string): string {
  return recordedEvents(recording)
    .filter(([, code]) => code === 'o')
    .map(([, , text]) => text)
    .join('');
}
