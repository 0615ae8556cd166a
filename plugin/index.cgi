#!/usr/local/cpanel/3rdparty/bin/perl
# The door from WHM to the daemon. It asks cPanel who is there and what they hold, lets in only root and holders of all
# privileges or of the plugin's own, and passes the request on, with what cPanel said, over a socket that only root can
# open. What a browser sends as X-Whm-... goes nowhere: the request is written anew. It decides nothing else.
use strict;
use warnings;

BEGIN { delete @ENV{qw(REMOTE_PASSWORD HTTP_COOKIE HTTP_AUTHORIZATION)} }

BEGIN { unshift @INC, '/usr/local/cpanel' }
use Whostmgr::ACLS ();

# As Linux has them on x86-64, for which the release is. Loading the module Socket would take longer than all the rest.
my ( $PF_UNIX, $SOCK_STREAM ) = ( 1, 1 );
my $DAEMON     = '/run/whm-ftp-passive/http.sock';
my $TEMPLATE   = '/opt/whm-ftp-passive/plugin/page.tmpl';
my $PRIVILEGE  = 'software-ftp-passive';
my $BODY_LIMIT = 65_536;
my $HEAD_LIMIT = 65_536;

$| = 1;
local $SIG{PIPE} = 'IGNORE';
binmode $_ for *STDIN, *STDOUT;

Whostmgr::ACLS::init_acls();
my $root = Whostmgr::ACLS::hasroot()            ? 1 : 0;
my $acl  = Whostmgr::ACLS::checkacl($PRIVILEGE) ? 1 : 0;
refuse( '403 Forbidden', 'This page is for root and for WHM users whom root has given its privilege.' )
  if !$root && !$acl || ( $ENV{REMOTE_USER} // '' ) !~ /\A[\x21-\x7e]+\z/;

my $method = $ENV{REQUEST_METHOD} // 'GET';
refuse( '405 Method Not Allowed', 'This page answers GET and POST only.' ) if $method !~ /\A(?:GET|POST)\z/;

my ( $path, @query ) = ('status');
for my $pair ( split /&/, $ENV{QUERY_STRING} // '' ) {
    if   ( $pair =~ s/\Ar=// ) { ( $path = $pair ) =~ s/%2F/\//gi }
    else                       { push @query, $pair }
}
my $query = join '&', @query;
refuse( '400 Bad Request', 'The address of this page is not one of its own.' )
  if $path !~ m{\A[A-Za-z0-9/_-]*\z} || $query =~ /[^\x21-\x7e]/;
$path =~ s{\A/+}{};

my $length = $ENV{CONTENT_LENGTH} || 0;
refuse( '413 Content Too Large', 'A form may have 64 kB.' ) if $length !~ /\A\d+\z/ || $length > $BODY_LIMIT;
my $body = '';
if ( $method eq 'POST' ) {
    while ( length $body < $length ) {
        my $got = sysread STDIN, $body, $length - length $body, length $body;
        refuse( '400 Bad Request', 'The form did not arrive whole.' ) if !$got;
    }
}

# WHM's service subdomain comes here from the server's own web server, which adds whom it speaks for at the end. No
# site's page can make a browser send these headers elsewhere, and from elsewhere they are not looked at.
my $here = qr/\A(?:localhost|127\.0\.0\.1|::1|\[::1\])(?::\d+)?\z/;
my ( $address, $host ) = map {
    my ( $seen, $told ) = @ENV{@$_};
    defined $seen && $seen =~ $here && defined $told && $told =~ /([^\s,]+)\s*\z/ ? $1 : $seen;
} [qw(REMOTE_ADDR HTTP_X_FORWARDED_FOR)], [qw(HTTP_HOST HTTP_X_FORWARDED_HOST)];

# HTTP/1.0 makes the daemon answer with a plain body that ends with the connection.
my %say = (
    'x-whm-user'     => $ENV{REMOTE_USER},
    'x-whm-root'     => $root,
    'x-whm-acl'      => $acl,
    'x-whm-address'  => $address,
    'x-whm-session'  => $ENV{cp_security_token},
    'x-whm-host'     => $host,
    'origin'         => $ENV{HTTP_ORIGIN},
    'sec-fetch-site' => $ENV{HTTP_SEC_FETCH_SITE},
    $method eq 'POST' ? ( 'content-type' => $ENV{CONTENT_TYPE}, 'content-length' => length $body ) : (),
);
my $request = "$method /$path" . ( length $query ? "?$query" : '' ) . " HTTP/1.0\r\n";
for my $name ( sort keys %say ) {
    next if !defined $say{$name};
    ( my $value = $say{$name} ) =~ s/[^\x20-\x7e]//g;
    $request .= "$name: $value\r\n";
}

my $daemon;
socket( $daemon, $PF_UNIX, $SOCK_STREAM, 0 )
  && connect( $daemon, pack( 'S Z108', $PF_UNIX, $DAEMON ) )
  && write_all( $daemon, "$request\r\n$body" )
  or down();

# A page that a person opens is drawn with WHM's own, which takes long to load: that is done while the daemon looks.
quietly( \&load_template ) if ( $ENV{HTTP_SEC_FETCH_MODE} // '' ) eq 'navigate';

my ( $head, $rest ) = ( '', '' );
while ( $head !~ /\r\n\r\n/ ) {
    down() if length $head > $HEAD_LIMIT || !sysread $daemon, $head, 65_536, length $head;
}
( $head, $rest ) = split /\r\n\r\n/, $head, 2;
my ( $first, @lines ) = split /\r\n/, $head;
down() if $first !~ m{\AHTTP/1\.[01] (\d{3}[^\r\n]*)\z};
my $status = $1;
@lines = grep { !/\A(?:connection|keep-alive|transfer-encoding|date):/i } @lines;

if ( grep { m{\Acontent-type:\s*text/html}i } @lines ) {
    1 while sysread $daemon, $rest, 65_536, length $rest;
    my $page = wrapped($rest);
    if ( defined $page ) {

        # WHM's own page has scripts and styles inline, so the daemon's policy for a page of its own cannot hold here.
        @lines = grep { !/\Acontent-(?:length|security-policy):/i } @lines;
        push @lines, "Content-Security-Policy: frame-ancestors 'self'; object-src 'none'";
        $rest = $page;
    }
}
write_all( *STDOUT, join( "\r\n", "Status: $status", @lines ) . "\r\n\r\n$rest" ) or exit 0;
while ( sysread $daemon, my $bytes, 65_536 ) { write_all( *STDOUT, $bytes ) or last }
exit 0;

# WHM's own page around the middle of the daemon's; undef when this cPanel cannot draw it.
sub wrapped {
    my ($document) = @_;
    my ($middle) = $document =~ /<!-- ftp-passive:body -->(.*)<!-- \/ftp-passive:body -->/s or return;
    my @drawn = quietly(
        sub {
            load_template();
            return Cpanel::Template::process_template( 'whostmgr',
                { template_file => $TEMPLATE, print => 1, data => { body => $middle } } );
        }
    );
    for my $page ( map { ref eq 'SCALAR' ? $$_ : $_ } @drawn ) {
        return $page if defined $page && index( $page, $middle ) >= 0;
    }
    return;
}

sub load_template { require Cpanel::Template }

# What this prints and what it returns; nothing when it fails.
sub quietly {
    my ($do) = @_;
    my ( $printed, @returned ) = ('');
    eval {
        open my $into, '>', \$printed or die $!;
        local *STDOUT = $into;
        @returned = $do->();
        1;
    } or return;
    return ( $printed, @returned );
}

sub write_all {
    my ( $to, $bytes ) = @_;
    my $done = 0;
    while ( $done < length $bytes ) {
        my $wrote = syswrite $to, $bytes, length($bytes) - $done, $done or return 0;
        $done += $wrote;
    }
    return 1;
}

sub down {
    refuse( '503 Service Unavailable',
        'The FTP Passive Mode daemon does not answer. As root: systemctl restart ftp-passive.socket ftp-passive.service'
    );
}

sub refuse {
    my ( $code, $sentence ) = @_;
    write_all( *STDOUT,
            "Status: $code\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
          . "Content-Security-Policy: default-src 'none'; frame-ancestors 'self'\r\n\r\n"
          . '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>FTP Passive Mode</title></head>'
          . "<body><main><h1>FTP Passive Mode</h1><p>$sentence</p></main></body></html>\n" );
    exit 0;
}
