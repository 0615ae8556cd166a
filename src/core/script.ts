import { phrase } from './phrase.ts';
import type { Plan, Step } from './plan.ts';

/** The shell script that does what a plan does, for reading and for doing it by hand. Proofs become comments. */
export function planScript(plan: Plan): string {
  const head = [
    '#!/bin/sh',
    phrase`# Plan ${plan.id}. Run as root. It proves nothing and looks at no file before it writes it; ftp-passive apply does.`,
    'set -eu',
    '',
  ];
  return `${[...head, ...plan.steps.flatMap(stepLines)].join('\n')}\n`;
}

function stepLines(step: Step): string[] {
  const title = `# ${step.id}: ${step.title}`;
  switch (step.kind) {
    case 'write':
      return [title, ...writeLines(step.path, step.after), ''];
    case 'run':
    case 'restart': {
      const command = step.command.map(shellWord).join(' ');
      return [
        title,
        ...(step.stdin === undefined ? [command] : [`${command} <<'${heredoc(step.stdin)}`]),
        '',
      ];
    }
    case 'check':
    case 'probe':
      return [phrase`${title} (a proof that only the program makes)`, ''];
  }
}

function writeLines(path: string, after: string | null): string[] {
  return after === null ? [`rm -f -- ${shellWord(path)}`] : [`cat > ${shellWord(path)} <<'${heredoc(after)}`];
}

/** A here-document whose end mark does not occur in the text. */
function heredoc(text: string): string {
  let mark = 'END';
  while (text.split('\n').includes(mark)) mark += '_';
  return `${mark}'\n${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${mark}`;
}

/** One argument, quoted for sh where it needs to be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
