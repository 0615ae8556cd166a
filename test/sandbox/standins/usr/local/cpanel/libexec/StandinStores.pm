package StandinStores;

# Stand-in: how cPanel reads and writes the stores of an FTP server, its caches and its NAT map.
# assumed: everything in this file, after reports of cPanel's closed tooling, unless a line says otherwise.
use strict;
use warnings;
use CPAN::Meta::YAML ();
use Exporter         qw(import);
use JSON::PP         ();

our @EXPORT_OK = qw(store keep nat_map replace slurp);

# A store's keys. A cache that is neither older than the store nor from the future is believed instead of it, and a
# store that is no YAML counts as empty, without a word. Of a key that stands twice the last one counts.
sub store {
    my ( $dir, $name ) = @_;
    my $file = "$dir/$name";
    my ( $stored, $cached ) = map { ( stat $_ )[9] } $file, "$file.cache";
    if ( defined $stored && defined $cached && $cached >= $stored && $cached <= time ) {
        my $known = eval { JSON::PP->new->decode( slurp("$file.cache") ) };
        return $known if ref $known eq 'HASH';
    }
    local $SIG{__WARN__} = sub { };
    my $yaml = eval { CPAN::Meta::YAML->read_string( slurp($file) ) };
    return $yaml && ref $yaml->[0] eq 'HASH' ? $yaml->[0] : {};
}

# Writes what came out of both stores into main, and both caches; main takes in what local says, so removing a line
# there reverts nothing.
sub keep {
    my ( $dir, $merged, $local ) = @_;
    write_store( $dir, 'main', $merged );
    write_cache( $dir, 'local', $local );
}

# The public address of each local one, and the main local one.
sub nat_map {
    my %public = map { /^(\S+)\s+(\S+)/ ? ( $1 => $2 ) : () } split /\n/, slurp('/var/cpanel/cpnat');
    my ($main_ip) = slurp('/var/cpanel/mainip') =~ /(\S+)/;
    return ( \%public, $main_ip // '' );
}

sub write_store {
    my ( $dir, $name, $values ) = @_;
    my $quote = sub {
        my ($value) = @_;
        return '~' if !defined $value;
        return "'$value'" if $value =~ /^(?:yes|no|~)$/i;
        return qq{"$value"} if $value =~ /[:#'!]/;
        return $value;
    };
    replace( "$dir/$name", join '', "---\n", map { "$_: " . $quote->( $values->{$_} ) . "\n" } sort keys %$values );
    write_cache( $dir, $name, $values );
}

sub write_cache {
    my ( $dir, $name, $values ) = @_;
    replace( "$dir/$name.cache", JSON::PP->new->canonical->encode($values) );
}

# Keeps the mode a file has.
sub replace {
    my ( $file, $text ) = @_;
    my $mode = ( stat $file )[2];
    open my $out, '>', "$file.new" or return;
    print {$out} $text;
    close $out;
    chmod( defined $mode ? $mode & 07777 : 0644, "$file.new" );
    rename "$file.new", $file;
}

sub slurp {
    my ($file) = @_;
    open my $in, '<', $file or return '';
    local $/;
    return scalar(<$in>) // '';
}

1;
