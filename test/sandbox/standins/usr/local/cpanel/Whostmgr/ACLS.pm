package Whostmgr::ACLS;

# Stand-in: who is logged in to WHM, and what they may do.
# documented: init_acls, hasroot, checkacl; REMOTE_USER; root may everything; /var/cpanel/resellers as user:acl,acl,…;
# the ACL `all` is as good as root. assumed: no answer is yes before init_acls was called.
use strict;
use warnings;

my %acl;

sub init_acls {
    %acl = ();
    my $user = $ENV{REMOTE_USER} // '';
    return if $user eq '';
    if ( $user eq 'root' ) { %acl = ( all => 1 ); return }
    open my $in, '<', '/var/cpanel/resellers' or return;
    while (<$in>) {
        chomp;
        my ( $name, $list ) = split /:/, $_, 2;
        %acl = map { $_ => 1 } split /,/, $list // '' if $name eq $user;
    }
    return;
}

sub hasroot { return $acl{all} ? 1 : 0 }

sub checkacl {
    my ($name) = @_;
    return $acl{all} || $acl{$name} ? 1 : 0;
}

1;
