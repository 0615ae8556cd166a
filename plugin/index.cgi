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
my $STYLE      = '/opt/whm-ftp-passive/plugin/public/style.css';
my $PRIVILEGE  = 'software-ftp-passive';
my $BODY_LIMIT = 65_536;
my $HEAD_LIMIT = 65_536;

# Seconds that the daemon has for the beginning of an answer. Nobody waits longer; this process must not either.
my $PATIENCE = 300;

# Seconds that the beginning of a page waits for the rest: a browser draws once sooner than twice.
my $TOGETHER = 0.08;

# Between these two the daemon's document has what goes into WHM's page.
my ( $BEGIN, $END ) = ( '<!-- ftp-passive:body -->', '<!-- /ftp-passive:body -->' );

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

# A page that a person opens stands inside WHM's own, which takes long to draw: that is done while the daemon looks.
my $frame = $method eq 'GET' && ( $ENV{HTTP_SEC_FETCH_MODE} // '' ) eq 'navigate' ? [ frame() ] : undef;

my ( $head, $rest ) = ( '', '' );
local $SIG{ALRM} = \&down;
alarm $PATIENCE;
while ( $head !~ /\r\n\r\n/ ) {
    down() if length $head > $HEAD_LIMIT || !sysread $daemon, $head, 65_536, length $head;
}
alarm 0;
( $head, $rest ) = split /\r\n\r\n/, $head, 2;
my ( $first, @lines ) = split /\r\n/, $head;
down() if $first !~ m{\AHTTP/1\.[01] (\d{3}[^\r\n]*)\z};
my $status = $1;
@lines = grep { !/\A(?:connection|keep-alive|transfer-encoding|date):/i } @lines;

my ( $before, $after ) = ( '', '' );
if ( grep { m{\Acontent-type:\s*text/html}i } @lines ) {
    ( $before, $after ) = @{ $frame // [ frame() ] };
    ( $before, $after ) = ( '', '' ) if !length $before || !begun();
}
if ( length $before ) {

    # WHM's own page has scripts and styles inline, so the daemon's policy for a page of its own cannot hold here.
    @lines = grep { !/\Acontent-(?:length|security-policy):/i } @lines;
    push @lines, "Content-Security-Policy: frame-ancestors 'self'; object-src 'none'";
}
gather($TOGETHER) if length $before;
$rest = join( "\r\n", "Status: $status", @lines ) . "\r\n\r\n$before$rest";
pass_on( length $before ? $END : undef, $after );
exit 0;

# WHM's own page, cut where ours comes; two empty halves when this cPanel cannot draw it.
sub frame {
    my $place = '<!-- ftp-passive:page -->';
    quietly( sub { require Cpanel::Template } );
    my @drawn = quietly(
        sub {
            return Cpanel::Template::process_template( 'whostmgr',
                { template_file => $TEMPLATE, print => 1, data => { body => $place, style => style() } } );
        }
    );
    for my $page ( map { ref eq 'SCALAR' ? $$_ : $_ } @drawn ) {
        return split /\Q$place\E/, $page, 2 if defined $page && index( $page, $place ) > 0;
    }
    return ( '', '' );
}

# In the page itself: a browser would ask for it when the page is there, and draw nothing until it comes.
sub style {
    open my $from, '<', $STYLE or return '';
    local $/;
    return scalar <$from>;
}

# Reads on until the part of the daemon's document that goes into WHM's page; false when it has none.
sub begun {
    while ( $rest !~ s/\A.*?\Q$BEGIN\E//s ) {
        return 0 if !sysread $daemon, $rest, 65_536, length $rest;
    }
    return 1;
}

# Reads on for so many seconds, or until that part is whole.
sub gather {
    my ($seconds) = @_;
    my $found;
    vec( my $wanted = '', fileno $daemon, 1 ) = 1;
    while ( index( $rest, $END ) < 0 ) {
        ( $found, $seconds ) = select my $ready = $wanted, undef, undef, $seconds;
        return if $found < 1 || !sysread $daemon, $rest, 65_536, length $rest;
    }
}

# Hands on what the daemon says as it comes, until the mark if one is given, and then what comes after that.
sub pass_on {
    my ( $mark, $last ) = @_;
    while (1) {
        my $end = defined $mark ? index( $rest, $mark ) : -1;
        if ( $end >= 0 ) { $rest = substr $rest, 0, $end; last }
        my $sure = length($rest) - ( defined $mark ? length($mark) - 1 : 0 );
        return if $sure > 0 && !write_all( *STDOUT, substr $rest, 0, $sure, '' );
        sysread $daemon, $rest, 65_536, length $rest or last;
    }
    write_all( *STDOUT, $rest . $last );
}

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
