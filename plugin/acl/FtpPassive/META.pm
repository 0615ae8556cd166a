package Cpanel::Config::ConfigObj::Driver::FtpPassive::META;

# What WHM shows about the driver beside it, which must not be loaded here.
use strict;
use warnings;

our $VERSION = '1.0';

sub spec_version    { return 1 }
sub meta_version    { return 1 }
sub get_driver_name { return 'FtpPassive_driver' }

# A showcase would advertise the plugin; it has its place in the menu.
sub showcase { return undef }

sub content {
    my ($locale) = @_;
    my $abstract = 'The privilege to look at passive FTP on this server.';
    return {
        vendor => 'whm-ftp-passive',
        url    => 'cgi/ftp_passive/index.cgi',
        name   => {
            short  => 'FTP Passive Mode',
            long   => 'FTP Passive Mode: the privilege for resellers',
            driver => get_driver_name(),
        },
        since    => 'cPanel & WHM version 11.110',
        abstract => $locale ? $locale->maketext($abstract) : $abstract,
        version  => $VERSION,
    };
}

1;
