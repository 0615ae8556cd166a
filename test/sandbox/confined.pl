#!/usr/bin/perl
# confined.pl UNIT PROGRAM ARG…: becomes the program under the restrictions of the unit's file that are put on a
# process by itself: its capabilities, and what systemd makes filters of system calls of (for x86-64). It does so as
# systemd.exec(5) describes it; it is not systemd. A line of the unit that it does not know is an error.
use strict;
use warnings;

my %FAMILY = ( AF_UNIX => 1, AF_INET => 2, AF_INET6 => 10, AF_NETLINK => 16, AF_PACKET => 17 );
my %NAMESPACE = (
    mnt => 0x00020000, cgroup => 0x02000000, uts => 0x04000000, ipc => 0x08000000,
    user => 0x10000000, pid => 0x20000000, net => 0x40000000,
);
my %CALLS = (
    '@clock'         => [ 159, 305, 227, 164 ],
    '@cpu-emulation' => [154],
    '@obsolete'      => [ 156, 183, 174, 177, 181, 182, 178, 185, 184, 134, 136, 139, 236 ],
    '@raw-io'        => [ 173, 172 ],
    '@reboot'        => [ 320, 246, 169 ],
    '@swap'          => [ 168, 167 ],
);
my ( $EPERM, $ENOSYS, $EAFNOSUPPORT ) = ( 1, 38, 97 );
my ( $SOCKET, $CLONE, $UNSHARE, $PERSONALITY, $SCHEDULER, $PRCTL, $SETNS, $CLONE3 ) =
  ( 41, 56, 272, 135, 144, 157, 308, 435 );

my ( $unit, @argv ) = @ARGV;
open my $file, '<', $unit or die "$unit: $!\n";
my @settings = map { /^\s*([A-Z]\w+)=(.*?)\s*$/ ? [ $1, $2 ] : () } <$file>;

# One instruction of classic BPF.
sub op { my ( $code, $jt, $jf, $k ) = @_; return pack 'SCCL', $code, $jt, $jf, $k }
sub number   { return op( 0x20, 0, 0, 0 ) }
sub argument { return op( 0x20, 0, 0, 16 + 8 * $_[0] ) }
sub is       { return op( 0x15, $_[1], $_[2], $_[0] ) }
sub fail     { return op( 0x06, 0, 0, 0x00050000 | $_[0] ) }
sub allow    { return op( 0x06, 0, 0, 0x7fff0000 ) }

# The instructions for one system call; others pass over them.
sub on { my ( $call, @then ) = @_; return ( number(), is( $call, 0, scalar @then ), @then ) }

my ( @filter, @dropped );
for (@settings) {
    my ( $name, $value ) = @$_;
    my @words = split ' ', $value =~ s/^~//r;
    if ( $name eq 'CapabilityBoundingSet' ) {
        die "$name without ~\n" if $value !~ /^~/;
        @dropped = map { '-' . lc s/^CAP_//r } @words;
    }
    elsif ( $name eq 'RestrictAddressFamilies' ) {
        my @known = map { $FAMILY{$_} // die "$_ is not known\n" } @words;
        my @checks = map { is( $known[$_], @known - $_, 0 ) } 0 .. $#known;
        push @filter, on( $SOCKET, argument(0), @checks, fail($EAFNOSUPPORT), allow() );
    }
    elsif ( $name eq 'RestrictNamespaces' ) {
        my %kept = map { $_ => 1 } @words;
        my $others = 0;
        for ( keys %NAMESPACE ) { $others |= $NAMESPACE{$_} if !$kept{$_} }
        my @any = ( op( 0x45, 0, 1, $others ), fail($EPERM) );
        push @filter, on( $CLONE, argument(0), @any ), on( $UNSHARE, argument(0), @any );
        push @filter, on( $SETNS, argument(1), is( 0, 0, 1 ), fail($EPERM), @any ), on( $CLONE3, fail($ENOSYS) );
    }
    elsif ( $name eq 'LockPersonality' ) {
        push @filter, on( $PERSONALITY, argument(0), is( 0, 2, 0 ), is( 0xffffffff, 1, 0 ), fail($EPERM) );
    }
    elsif ( $name eq 'RestrictRealtime' ) {
        push @filter, on( $SCHEDULER, argument(1), map( { ( is( $_, 0, 1 ), fail($EPERM) ) } 1, 2, 6 ) );
    }
    elsif ( $name eq 'SystemCallFilter' ) {
        push @filter, map { on( $_, fail($EPERM) ) } map { @{ $CALLS{$_} // die "$_ is not known\n" } } @words;
    }
    elsif ( $name !~ /^(?:Description|Documentation|Requires|After|Type|ExecStart|Environment|UMask|Restart|KillMode|TimeoutStopSec|SystemCallErrorNumber)$/ ) {
        die "$name is not known here\n";
    }
}

# Only calls of 64 bits are looked at: nothing here makes others.
my $program = join '', op( 0x20, 0, 0, 4 ), is( 0xc000003e, 1, 0 ), allow(), @filter, allow();
my $header = pack 'S x6 P', length($program) / 8, $program;
syscall( $PRCTL, 22, 2, $header, 0, 0 ) == 0 or die "seccomp: $!\n";
exec 'setpriv', '--bounding-set', join( ',', @dropped ), '--', @argv or die "setpriv: $!\n";
