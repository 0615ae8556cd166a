package Cpanel::Template::Plugin::Whostmgr;

# Stand-in. documented: templates of plugins say `USE Whostmgr`. assumed: what it offers beyond being there.
use strict;
use warnings;
use parent 'Template::Plugin';

1;
