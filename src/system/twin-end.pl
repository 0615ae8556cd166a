# One end of the twin: a small program that runs inside a network namespace, listens and connects as it is told on its
# standard input and answers on its standard output. It ends with its input, and ends the program that it watches, so
# nothing is left when the parent dies. In Perl, which every cPanel server has, because it starts in a tenth of the time.
#
#   listen PORT...            listening COUNT
#   connect ID FROM TO PORT   outcome ID open|refused|unreachable|silent     (FROM: an address, or - for any)
#   settle ID...              outcome ID silent
#   watch PROGRAM ARG...      (what the program says comes out of descriptor 3)
use strict;
use warnings;
use Errno qw(EINPROGRESS ECONNREFUSED ECONNRESET EHOSTUNREACH ENETUNREACH EACCES);
use Fcntl qw(F_SETFL F_SETFD O_NONBLOCK);
use Socket qw(AF_INET AF_INET6 SOCK_STREAM SOL_SOCKET SO_ERROR SO_REUSEADDR IPPROTO_IP IPPROTO_IPV6 IPV6_V6ONLY
  inet_pton pack_sockaddr_in pack_sockaddr_in6);

# An address of a network that leads here, though no link holds it (ip(7)).
use constant IP_FREEBIND => 15;

my %OUTCOME = (
    0            => 'open',
    ECONNREFUSED() => 'refused',
    ECONNRESET() => 'refused',
    EHOSTUNREACH() => 'unreachable',
    ENETUNREACH() => 'unreachable',
    EACCES() => 'unreachable',
);
my ( %listening, %pending, $watched );
my %COMMAND = ( listen => \&listen_on, connect => \&try, settle => \&give_up, watch => \&watch );

$| = 1;
local $SIG{PIPE} = 'IGNORE';
print "ready\n";
my $said = '';
while (1) {
    my ( $read, $write ) = ( '', '' );
    vec( $read, fileno STDIN, 1 ) = 1;
    vec( $write, fileno $_, 1 ) = 1 for values %pending;
    next if select( $read, $write, undef, undef ) < 0;
    for my $id ( grep { vec $write, fileno $pending{$_}, 1 } keys %pending ) {
        settle( $id, unpack 'i', getsockopt $pending{$id}, SOL_SOCKET, SO_ERROR );
    }
    next if !vec $read, fileno STDIN, 1;
    sysread( STDIN, $said, 65_536, length $said ) or last;
    while ( $said =~ s/\A(\S+)([^\n]*)\n// ) { $COMMAND{$1}->( split ' ', $2 ) }
}
kill KILL => $watched if $watched;
waitpid $watched, 0 if $watched;

# The kernel completes connections to a listening socket by itself: nothing has to be accepted.
sub listen_on {
    my @ports = @_;
    for my $port ( grep { !$listening{$_} } @ports ) {
        my $six = socket my $socket, AF_INET6, SOCK_STREAM, 0;
        $six or socket $socket, AF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
        setsockopt $socket, IPPROTO_IPV6, IPV6_V6ONLY, 0 if $six;
        setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1;
        bind( $socket, address( $six ? '::' : '0.0.0.0', $port ) ) && listen( $socket, 128 ) or die "port $port: $!\n";
        $listening{$port} = $socket;
    }
    print 'listening ', scalar @ports, "\n";
}

sub try {
    my ( $id, $from, $to, $port ) = @_;
    my $family = $to =~ /:/ ? AF_INET6 : AF_INET;
    socket $pending{$id}, $family, SOCK_STREAM, 0 or return settle( $id, $! + 0 );
    fcntl $pending{$id}, F_SETFL, O_NONBLOCK;
    setsockopt $pending{$id}, IPPROTO_IP, IP_FREEBIND, 1;
    return settle( $id, $! + 0 ) if $from ne '-' && !bind $pending{$id}, address( $from, 0 );
    return settle( $id, 0 ) if connect $pending{$id}, address( $to, $port );
    settle( $id, $! + 0 ) if $! != EINPROGRESS;
}

sub give_up {
    for my $id (@_) { settle( $id, -1 ) if $pending{$id} }
}

sub settle {
    my ( $id, $error ) = @_;
    close delete $pending{$id};
    print "outcome $id ", $OUTCOME{$error} // 'silent', "\n";
}

sub watch {
    my @argv = @_;
    $watched = fork // die "fork: $!\n";
    return if $watched;
    open STDIN,  '<',   '/dev/null';
    open STDOUT, '>&=', 3;
    open STDERR, '>',   '/dev/null';
    exec {$argv[0]} @argv or exit 127;
}

sub address {
    my ( $text, $port ) = @_;
    return $text =~ /:/ ? pack_sockaddr_in6( $port, inet_pton( AF_INET6, $text ) ) : pack_sockaddr_in( $port, inet_pton( AF_INET, $text ) );
}
