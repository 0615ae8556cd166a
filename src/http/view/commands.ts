/** What a sentence may tell somebody to type: a command in quotes, a program of cPanel, a unit, a setting of the kernel. */
const COMMAND =
  /"[a-z][\w-]* [^"]+"|\/usr\/local\/cpanel\/(?:scripts|bin)\/[\w-]+(?: --?[\w-]+)*|\bftp-passive (?:undo|confirm) [\w-]+|\bsystemctl (?:enable|disable)(?: [\w@-]+)+|\(sysctl [^()\s]+\)/g;

/** The commands in a sentence, each once, to be copied. */
export function commandsIn(sentence: string): string[] {
  const found = [...sentence.matchAll(COMMAND)].map(([whole]) => whole.replace(/^["(]|[")]$/g, ''));
  return [...new Set(found)];
}
