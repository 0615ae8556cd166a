import { type Machine, ok } from '../sandbox/machine.ts';

/** A run's recording as the server keeps it. */
export async function recordingOf(server: Machine, run: string): Promise<string> {
  return ok(server.run(['cat', `/var/lib/whm-ftp-passive/runs/${run}/recording.cast`]));
}

/** What a terminal without colours would show of a recording's output; a marker ends the line before it. */
export function outputOf(recording: string): string {
  const [, ...events] = recording
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as [number, string, string]);
  let text = '';
  for (const [, kind, value] of events) {
    if (kind === 'o') text += value;
    else if (text !== '' && !text.endsWith('\n')) text += '\n';
  }
  return text
    .replace(/\x1b\[[\d;]*m/g, '')
    .replaceAll('\r\n', '\n')
    .replace(/\n$/, '');
}
