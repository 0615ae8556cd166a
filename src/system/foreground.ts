import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Whether a person types here and sees what is asked; asking the streams themselves would open them. */
export function isTerminal(): boolean {
  return isatty(0) && isatty(2);
}

/** Whether this process was put behind its terminal (`&`): the kernel stops such a one when it reads from there. */
export function isBehindTerminal(): boolean {
  try {
    return isBehind(readFileSync('/proc/self/stat', 'utf8'));
  } catch {
    return false;
  }
}

/** @param stat as in proc_pid_stat(5): with its process group and that of the terminal's foreground, -1 for no terminal */
export function isBehind(stat: string): boolean {
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return foreground !== '-1' && foreground !== group;
}
