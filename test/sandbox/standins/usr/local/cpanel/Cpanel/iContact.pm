package Cpanel::iContact;

# Stand-in: cPanel's way of telling the administrator.
# assumed: its arguments, as cPanel's open elevate script gives them. What was told is kept in /var/log/icontact.standin.
use strict;
use warnings;

sub icontact {
    my (%told) = @_;
    open my $out, '>>', '/var/log/icontact.standin' or die "icontact: $!\n";
    print {$out} "[$told{application}] $told{subject}\n$told{message}\n";
    return 1;
}

1;
