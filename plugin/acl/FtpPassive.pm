package Cpanel::Config::ConfigObj::Driver::FtpPassive;

# Makes WHM know the plugin's privilege, so that root can give it to resellers. The file's name, the package's and the
# namespace must be one; the privilege must be the one that the AppConfig file and index.cgi name.
use strict;
use warnings;

use Cpanel::Config::ConfigObj::Driver::FtpPassive::META ();
use parent qw(Cpanel::Config::ConfigObj::Interface::Config::v1);

our $VERSION = $Cpanel::Config::ConfigObj::Driver::FtpPassive::META::VERSION;

sub init {
    my ( $class, $software_obj ) = @_;
    return $class->SUPER::base( { thirdparty_ns => 'FtpPassive', meta => {} }, $software_obj );
}

sub info { return $_[0]->meta()->abstract() }

# The privilege is the whole of it: there is nothing to switch.
sub enable  { return 1 }
sub disable { return 1 }

sub acl_desc {
    return [
        {
            acl              => 'software-ftp-passive',
            default_value    => 0,
            default_ui_value => 0,
            name             => 'FTP Passive Mode',
            acl_subcat       => 'Third-Party Services',
        },
    ];
}

1;
