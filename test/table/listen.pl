# Listens on TCP ports, for both families at once, until it is killed. Ports on the input, `ready` on the output.
# The kernel completes connections by itself, so nothing is ever accepted.
use strict;
use warnings;
use Socket qw(AF_INET6 SOCK_STREAM SOL_SOCKET SO_REUSEADDR IPPROTO_IPV6 IPV6_V6ONLY pack_sockaddr_in6 IN6ADDR_ANY);

my @listening;
for my $port ( split ' ', do { local $/; <STDIN> } ) {
    socket my $socket, AF_INET6, SOCK_STREAM, 0 or die "socket: $!\n";
    setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1 or die "reuse: $!\n";
    setsockopt $socket, IPPROTO_IPV6, IPV6_V6ONLY, 0 or die "both families: $!\n";
    bind $socket, pack_sockaddr_in6( $port, IN6ADDR_ANY ) or die "port $port: $!\n";
    listen $socket, 128 or die "port $port: $!\n";
    push @listening, $socket;
}
$| = 1;
print "ready\n";
sleep 3600 while 1;
