package StandinDrivers;

# Stand-in: the privileges that plugins bring along.
# documented: a file NAME.pm in the directory of drivers with a package of that name, NAME/META.pm beside it, acl_desc,
# and that the directory's time is what shows that there is another driver. assumed: a driver that does not load, or
# whose package has another name, counts as none.
use strict;
use warnings;
use lib '/usr/local/cpanel';

my $place = '/usr/local/cpanel/Cpanel/Config/ConfigObj/Driver';
my $root  = 'Cpanel::Config::ConfigObj::Driver';

# Privileges by their names, with what their drivers say of them.
sub privileges {
    my %found;
    for my $file ( sort glob "$place/*.pm" ) {
        my ($name) = $file =~ m{/(\w+)\.pm\z} or next;
        my $all = eval {
            require $file;
            require "$place/$name/META.pm";
            my $meta = "${root}::${name}::META";
            for my $needed (qw(meta_version get_driver_name content showcase)) {
                die "$meta has no $needed\n" if !$meta->can($needed);
            }
            my $driver = "${root}::$name"->init( {} );
            die "the namespace is another\n" if $driver->{thirdparty_ns} ne $name;
            $driver->info();
            $driver->acl_desc();
        } or next;
        $found{ $_->{acl} } = $_ for @$all;
    }
    return \%found;
}

1;
