import { fileURLToPath } from 'node:url';
import type { EnginePorts } from './engine/survey.ts';
import { runCommand } from './system/exec.ts';
import { files } from './system/files.ts';
import { host } from './system/host.ts';
import { namespacesWith } from './system/netns.ts';
import { tools } from './system/programs.ts';

const clock: EnginePorts['clock'] = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

// The build lays the twin's program beside the compiled file.
const twinEnd = fileURLToPath(new URL('twin-end.pl', import.meta.url));

/** What a question to the firewall takes, with its real effects. */
export const rulesPorts = {
  run: runCommand,
  files,
  host,
  clock,
  tools,
  twin: { openNamespaces: namespacesWith(twinEnd), links: host.links, tools, clock },
} satisfies Partial<EnginePorts>;
