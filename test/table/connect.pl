# Connects to TCP ports and tells which could be. Input, a line a client: `ID FROM TO PORT,PORT,…`; output, a line a
# client: `ID PORT,PORT,…`, the open ones in order. First argument: milliseconds between two connections, 0 for none.
use strict;
use warnings;
use Errno qw(EINPROGRESS);
use IO::Poll qw(POLLOUT POLLERR POLLHUP);
use IO::Socket;
use Socket qw(AF_INET AF_INET6 SOCK_STREAM SOL_SOCKET SO_ERROR SO_LINGER inet_pton pack_sockaddr_in pack_sockaddr_in6);
use Time::HiRes qw(sleep time);

# Both ends are on one wire of one machine: what did not answer for this long never will.
my $quiet = 0.3;
# They learn each other's place on the wire in less than this, or never; only few packets can wait for that.
my $learn = 1.5;

my ($pace) = @ARGV;
my @clients = map { my ( $id, $from, $to, $ports ) = split ' '; { id => $id, from => $from, to => $to, ports => [ split /,/, $ports ] } } <STDIN>;
my $poll = IO::Poll->new;
my ( %waiting, %open, @sockets );

sub packed { my ( $address, $port ) = @_;
    return $address =~ /:/ ? pack_sockaddr_in6( $port, inet_pton( AF_INET6, $address ) )
                           : pack_sockaddr_in( $port, inet_pton( AF_INET, $address ) );
}

# A socket on its way, or nothing when it was refused at once.
sub begin {
    my ( $client, $port ) = @_;
    socket my $socket, $client->{to} =~ /:/ ? AF_INET6 : AF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
    bless $socket, 'IO::Socket';
    $socket->blocking(0);
    # Closed with a reset, it leaves nothing behind at either end.
    setsockopt $socket, SOL_SOCKET, SO_LINGER, pack( 'ii', 1, 0 ) or die "linger: $!\n";
    bind $socket, packed( $client->{from}, 0 ) or die "$client->{from}: $!\n";
    return $socket if connect( $socket, packed( $client->{to}, $port ) ) || $! == EINPROGRESS;
    return;
}

# Takes what has come; waits at most $patience seconds for it.
sub look {
    my ($patience) = @_;
    my $came = $poll->poll($patience);
    return 0 if $came <= 0;
    for my $socket ( $poll->handles( POLLOUT | POLLERR | POLLHUP ) ) {
        $poll->remove($socket);
        my ( $id, $port ) = @{ delete $waiting{$socket} };
        my $error = unpack 'i', getsockopt( $socket, SOL_SOCKET, SO_ERROR );
        push @{ $open{$id} }, $port if !$error;
        close $socket;
    }
    return 1;
}

# Whether the place of an address on the wire is still being asked for.
sub unknown { my ($to) = @_;
    open my $answer, '-|', 'ip', 'neigh', 'show', 'to', $to or die "ip: $!\n";
    return scalar grep { /INCOMPLETE/ } <$answer>;
}

my @first = map { begin( $_, $_->{ports}[0] ) } @clients;
my $begun = time;
sleep 0.02 while time - $begun < $learn && grep { unknown( $_->{to} ) } @clients;
close $_ for @first;

for my $client (@clients) {
    for my $port ( @{ $client->{ports} } ) {
        my $socket = begin( $client, $port ) or next;
        $waiting{$socket} = [ $client->{id}, $port ];
        $poll->mask( $socket => POLLOUT );
        sleep $pace / 1000 if $pace;
    }
}
my $last = time;
while ( %waiting && time - $last < $quiet ) {
    $last = time if look( $quiet / 10 );
}
look(0);
printf "%s %s\n", $_->{id}, join ',', sort { $a <=> $b } @{ $open{ $_->{id} } // [] } for @clients;
