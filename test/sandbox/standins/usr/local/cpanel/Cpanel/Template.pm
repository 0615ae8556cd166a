package Cpanel::Template;

# Stand-in: draws a page of WHM with Template Toolkit, the engine that WHM uses.
# documented: process_template('whostmgr', {template_file, print, …}), template files below docroot/templates, and
# the wrapper master_templates/master.tmpl. assumed: the return values, what the wrapper's page looks like, and that
# a template may also be named by its absolute path.
use strict;
use warnings;
use Template ();
use Whostmgr::ACLS ();

my $docroot = '/usr/local/cpanel/whostmgr/docroot';

sub process_template {
    my ( $service, $input ) = @_;
    return ( 0, "The service “$service” has no templates." ) if $service ne 'whostmgr';
    Whostmgr::ACLS::init_acls();
    my %variables = (
        %$input,
        standin_apps => apps(),
        security_token => $ENV{cp_security_token} // '',
        remote_user => $ENV{REMOTE_USER} // '',
    );
    my %ways = ( INCLUDE_PATH => "$docroot/templates", ABSOLUTE => 1, PLUGIN_BASE => 'Cpanel::Template::Plugin' );
    my $engine = Template->new( \%ways );
    my $page = '';
    return ( 0, $engine->error . '' ) if !$engine->process( $input->{template_file}, \%variables, \$page );
    return ( 1, \$page ) if !$input->{print};
    print $page;
    return ( 1, \$page );
}

# The registered applications that have an entry and that this user may open.
sub apps {
    my @apps;
    for my $file ( sort glob '/var/cpanel/apps/*.conf' ) {
        open my $in, '<', $file or next;
        my %app = map { /^\s*(\w+)\s*=\s*(.*?)\s*$/ ? ( $1 => $2 ) : () } <$in>;
        next if !$app{entryurl} || $app{service} !~ /whostmgr/;
        next if !grep { $_ eq 'any' || Whostmgr::ACLS::checkacl($_) } split /\s*,\s*/, $app{acls} // 'all';
        push @apps, \%app;
    }
    return \@apps;
}

1;
