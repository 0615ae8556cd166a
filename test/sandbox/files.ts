import { readdirSync, readFileSync, statSync } from 'node:fs';
import { type Machine, ok } from './machine.ts';

/** A file to be on a machine: its whole text, and its mode (0644 when not said). */
export interface FileToWrite {
  readonly text: string;
  readonly mode?: number;
}

export type Files = Readonly<Record<string, FileToWrite>>;

/** One process on the machine writes them all, so that symbolic links mean what they mean there. */
const WRITER = `
use File::Basename qw(dirname);
use File::Path qw(make_path);
local $/ = "\\0";
while (defined(my $path = <STDIN>)) {
    chomp($path, my $mode = <STDIN>, my $text = <STDIN>);
    make_path(dirname($path));
    unlink $path;
    open my $out, '>', $path or die "$path: $!\\n";
    print {$out} $text;
    close $out or die "$path: $!\\n";
    chmod oct $mode, $path;
}`;

/** Writes files on a machine, with the directories they need. Texts hold no NUL. */
export async function writeFiles(machine: Machine, files: Files): Promise<void> {
  const records = Object.entries(files).flatMap(([path, { text, mode }]) => [
    path,
    (mode ?? 0o644).toString(8),
    text,
  ]);
  await ok(machine.run(['perl', '-e', WRITER], { stdin: records.map((record) => `${record}\0`).join('') }));
}

/** Every file below a directory of the checkout, at the absolute path that its place below it says. */
export function tree(directory: string): Files {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(`${directory}/${name}`).isFile());
  return Object.fromEntries(
    files.map((name) => {
      const path = `${directory}/${name}`;
      return [`/${name}`, { text: readFileSync(path, 'utf8'), mode: statSync(path).mode & 0o777 }];
    }),
  );
}
