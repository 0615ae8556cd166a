import type { CommandOptions, CommandResult } from './ports.ts';
import type { EnginePorts } from './survey.ts';

const AGAIN_MS = 1000;
const DEFAULT_SECONDS = 60;

/** Runs a program, and again while it says by `busyCode` that another one of it is at work, until its time is up. */
export async function runPatiently(
  { run, clock }: Pick<EnginePorts, 'run' | 'clock'>,
  argv: readonly string[],
  busyCode: number | undefined,
  options: CommandOptions,
): Promise<CommandResult> {
  const until = clock.elapsed() + (options.timeoutSeconds ?? DEFAULT_SECONDS) * 1000;
  for (;;) {
    const result = await run(argv, options);
    if (busyCode === undefined || result.code !== busyCode || clock.elapsed() > until) return result;
    if (options.end?.aborted === true) return result;
    await clock.sleep(AGAIN_MS);
  }
}
