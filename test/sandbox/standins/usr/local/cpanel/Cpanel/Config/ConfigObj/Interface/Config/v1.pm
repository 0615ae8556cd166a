package Cpanel::Config::ConfigObj::Interface::Config::v1;

# Stand-in: what a driver's class is made from.
# documented: base, which gets the driver's defaults, and meta with its abstract. assumed: what the object looks like.
use strict;
use warnings;

sub base {
    my ( $class, $defaults, $software ) = @_;
    return bless { %$defaults, software => $software }, $class;
}

sub meta {
    my ($self) = @_;
    my $meta = ref($self) . '::META';
    return bless { %{ $meta->can('content')->() } }, __PACKAGE__ . '::Meta';
}

package Cpanel::Config::ConfigObj::Interface::Config::v1::Meta;

sub abstract { return $_[0]{abstract} }

1;
