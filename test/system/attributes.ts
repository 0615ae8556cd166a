import { execFileSync } from 'node:child_process';

/** Node has no calls for extended attributes, and the programs that have are not everywhere; Perl is. */
function perl(program: string, ...given: readonly string[]): string {
  return execFileSync('/usr/bin/perl', ['-e', `require 'syscall.ph'; ${program}`, '--', ...given], {
    encoding: 'latin1',
  });
}

/** @param value its bytes, in hexadecimal digits */
export function setAttribute(path: string, name: string, value: string): void {
  perl(
    'my ($p, $n, $v) = @ARGV; $v = pack "H*", $v; syscall(SYS_setxattr(), $p, $n, $v, length $v, 0) == 0 or die "$!"',
    path,
    name,
    value,
  );
}

/** The bytes of an attribute in hexadecimal digits; empty when there is none. */
export function attribute(path: string, name: string): string {
  return perl(
    'my ($p, $n) = @ARGV; my $v = "\\0" x 4096; my $l = syscall(SYS_getxattr(), $p, $n, $v, 4096); print unpack "H*", substr $v, 0, $l if $l > 0',
    path,
    name,
  );
}

/** An access control list in the kernel's form: user 1234 may read, as the owner's group may. */
export const ACL = [
  '02000000',
  '01000600ffffffff',
  '02000400d2040000',
  '04000400ffffffff',
  '10000400ffffffff',
  '20000000ffffffff',
].join('');
