# One end of the twin: a small program that runs inside a network namespace, listens and connects as it is told on its
# standard input and answers on its standard output. It ends with its input, so nothing is left when the parent dies. In
# Perl, which every cPanel server has, because it starts in a tenth of the time.
#
#   listen PORT...            listening COUNT
#   connect ID FROM CALLER TO PORT      (FROM: an address, or - for any; CALLER: the port to come from)
#                             outcome ID open|refused|unreachable|silent
#   settle ID...              outcome ID silent
#   rules FAMILY TABLE CHAIN  rules FAMILY TABLE CHAIN HANDLE...     (in the order in which packets meet them)
#   trace                     trace id ...     (from then on: what rules packets meet, in the form of nft -a monitor trace,
#                                              but without the words of the rules)
use strict;
use warnings;
use Errno qw(EINPROGRESS ECONNREFUSED ECONNRESET EHOSTUNREACH ENETUNREACH EACCES);
use Fcntl qw(F_SETFL O_NONBLOCK);
use Socket qw(AF_INET AF_INET6 SOCK_STREAM SOCK_RAW SOL_SOCKET SO_ERROR SO_REUSEADDR IPPROTO_IP IPPROTO_IPV6 IPPROTO_TCP
  IPV6_V6ONLY inet_ntop inet_pton pack_sockaddr_in pack_sockaddr_in6);

# An address of a network that leads here, though no link holds it (ip(7)).
use constant IP_FREEBIND => 15;
# netlink(7), linux/netfilter/nfnetlink.h
use constant { AF_NETLINK => 16, NETLINK_NETFILTER => 12, NFNLGRP_NFTRACE => 9, SO_RCVBUFFORCE => 33 };
# Some packets of hundreds of connections at once, each with its steps.
use constant TRACE_BYTES => 16_777_216;
# linux/netfilter/nf_tables.h: attributes of a rule and of a step, its kinds, families and verdicts
use constant { GETRULE => 10 << 8 | 7, NLM_F_REQUEST_DUMP => 0x301, NLMSG_DONE => 3, NLMSG_ERROR => 2 };
use constant { TABLE => 1, CHAIN => 2, HANDLE => 3, TYPE => 4, VERDICT => 5, ID => 6, NETWORK => 8, TRANSPORT => 9 };
use constant { OIF => 12, POLICY => 16, VERDICT_CODE => 1, VERDICT_CHAIN => 2, OF_POLICY => 1, OF_RULE => 3 };
my %FAMILY = ( 1 => 'inet', 2 => 'ip', 3 => 'arp', 5 => 'netdev', 7 => 'bridge', 10 => 'ip6' );
my %VERDICT = (
    0 => 'drop', 1 => 'accept', 2 => 'stolen', 3 => 'queue', 4 => 'repeat',
    -1 => 'continue', -2 => 'break', -3 => 'jump', -4 => 'goto', -5 => 'return',
);

my %OUTCOME = (
    0            => 'open',
    ECONNREFUSED() => 'refused',
    ECONNRESET() => 'refused',
    EHOSTUNREACH() => 'unreachable',
    ENETUNREACH() => 'unreachable',
    EACCES() => 'unreachable',
);
my ( %listening, %pending, $traced );
my %COMMAND = ( listen => \&listen_on, connect => \&try, settle => \&give_up, rules => \&rules, trace => \&trace );

$| = 1;
local $SIG{PIPE} = 'IGNORE';
print "ready\n";
my $said = '';
while (1) {
    my ( $read, $write ) = ( '', '' );
    vec( $read, fileno $_, 1 ) = 1 for \*STDIN, $traced // ();
    vec( $write, fileno $_, 1 ) = 1 for values %pending;
    next if select( $read, $write, undef, undef ) < 0;
    for my $id ( grep { vec $write, fileno $pending{$_}, 1 } keys %pending ) {
        settle( $id, unpack 'i', getsockopt $pending{$id}, SOL_SOCKET, SO_ERROR );
    }
    hear() if $traced && vec $read, fileno $traced, 1;
    next if !vec $read, fileno STDIN, 1;
    sysread( STDIN, $said, 65_536, length $said ) or last;
    while ( $said =~ s/\A(\S+)([^\n]*)\n// ) { $COMMAND{$1}->( split ' ', $2 ) }
}

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
    my ( $id, $from, $caller, $to, $port ) = @_;
    my $family = $to =~ /:/ ? AF_INET6 : AF_INET;
    socket $pending{$id}, $family, SOCK_STREAM, 0 or return settle( $id, $! + 0 );
    fcntl $pending{$id}, F_SETFL, O_NONBLOCK;
    setsockopt $pending{$id}, IPPROTO_IP, IP_FREEBIND, 1;
    # What came from here before may be known for a while yet.
    setsockopt $pending{$id}, SOL_SOCKET, SO_REUSEADDR, 1;
    return settle( $id, $! + 0 ) if $from ne '-' && !bind $pending{$id}, address( $from, $caller );
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

# nft would read all rules and sets and find words for them.
sub rules {
    my ( $family, $table, $chain ) = @_;
    my ($number) = grep { $FAMILY{$_} eq $family } keys %FAMILY;
    my $asked = pack( 'C C n', $number, 0, 0 ) . attribute( TABLE, "$table\0" ) . attribute( CHAIN, "$chain\0" );
    socket my $socket, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER or die "rules: $!\n";
    send $socket, pack( 'L S S L L', 16 + length $asked, GETRULE, NLM_F_REQUEST_DUMP, 1, 0 ) . $asked, 0 or die "rules: $!\n";
    my @handles;
  PART: while ( defined recv $socket, my $said, 65_536, 0 ) {
        while ( length $said >= 16 ) {
            my ( $length, $type ) = unpack 'L S', $said;
            last PART if $type == NLMSG_DONE || $type == NLMSG_ERROR;
            my %of = attributes( substr substr( $said, 0, even($length), '' ), 20 );
            push @handles, unpack 'Q>', $of{+HANDLE};
        }
    }
    print join( ' ', 'rules', $family, $table, $chain, @handles ), "\n";
}

# nft would read all rules and sets before it says anything.
sub trace {
    socket $traced, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER or die "trace: $!\n";
    setsockopt $traced, SOL_SOCKET, SO_RCVBUFFORCE, TRACE_BYTES;
    fcntl $traced, F_SETFL, O_NONBLOCK;
    bind $traced, pack 'S S L L', AF_NETLINK, 0, 0, 1 << NFNLGRP_NFTRACE - 1 or die "trace: $!\n";
}

# A message is its length and more of that, the family of the table in four bytes, and attributes.
sub hear {
    my $lines = '';
    while ( defined recv $traced, my $said, 65_536, 0 ) {
        while ( length $said >= 20 ) {
            my $message = substr $said, 0, even( unpack 'L', $said ), '';
            $lines .= step( $FAMILY{ unpack 'x16 C', $message } // '-', attributes( substr $message, 20 ) );
        }
    }
    print $lines;
}

sub step {
    my ( $family, %of ) = @_;
    my ( $table, $chain ) = map { unpack 'Z*', $_ // '' } @of{ TABLE, CHAIN };
    my $place = sprintf 'trace id %08x %s %s %s', unpack( 'N', $of{+ID} ), $family, $table, $chain;
    my $lines = defined $of{+NETWORK} && defined $of{+TRANSPORT} ? packet( $place, %of ) : '';
    my $type = unpack 'N', $of{+TYPE};
    if ( $type == OF_POLICY ) {
        $lines .= "$place policy $VERDICT{ unpack 'N', $of{+POLICY} }\n";
    }
    # The end of a chain, where nothing was met, has no number.
    elsif ( $type == OF_RULE && defined $of{+HANDLE} ) {
        my %verdict = attributes( $of{+VERDICT} );
        my $code = unpack 'l>', $verdict{+VERDICT_CODE};
        # The rest of a positive one is a number that goes with it.
        my $word = join ' ', $VERDICT{ $code < 0 ? $code : $code & 255 }, unpack 'Z*', $verdict{+VERDICT_CHAIN} // '';
        $lines .= sprintf "%s unknown rule handle %d (verdict %s)\n", $place, unpack( 'Q>', $of{+HANDLE} ), $word =~ s/ \z//r;
    }
    return $lines;
}

sub packet {
    my ( $place, %of ) = @_;
    my $six = unpack( 'C', $of{+NETWORK} ) >> 4 == 6;
    return '' if IPPROTO_TCP != unpack $six ? 'x6 C' : 'x9 C', $of{+NETWORK};
    my ( $from, $to ) = map { inet_ntop( $six ? AF_INET6 : AF_INET, $_ ) } unpack $six ? 'x8 a16 a16' : 'x12 a4 a4',
      $of{+NETWORK};
    my $ip = $six ? 'ip6' : 'ip';
    return sprintf "%s packet: %s %s saddr %s %s daddr %s tcp sport %d tcp dport %d\n", $place,
      ( defined $of{+OIF} ? 'oif' : 'iif' ), $ip, $from, $ip, $to, unpack 'n n', $of{+TRANSPORT};
}

# An attribute is its length, its number, and its bytes, up to a length that four divides.
sub attributes {
    my ($bytes) = @_;
    my %of;
    while ( length $bytes >= 4 ) {
        my ( $length, $number ) = unpack 'S S', $bytes;
        last if $length < 4;
        $of{ $number & 0x3fff } = substr substr( $bytes, 0, even($length), '' ), 4, $length - 4;
    }
    return %of;
}

sub attribute {
    my ( $number, $bytes ) = @_;
    my $length = 4 + length $bytes;
    return pack( 'S S', $length, $number ) . $bytes . "\0" x ( even($length) - $length );
}

sub even {
    my ($length) = @_;
    return $length + 3 & ~3;
}

sub address {
    my ( $text, $port ) = @_;
    return $text =~ /:/ ? pack_sockaddr_in6( $port, inet_pton( AF_INET6, $text ) ) : pack_sockaddr_in( $port, inet_pton( AF_INET, $text ) );
}
