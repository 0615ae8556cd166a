import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PRIVILEGE } from '../../src/core/grants.ts';

const ROOT = join(import.meta.dirname, '../..');
const STAND_IN = join(ROOT, 'test/sandbox/standins/usr/local/cpanel');
const PLACE = 'Cpanel/Config/ConfigObj/Driver';

const ASK = `use strict; use warnings FATAL => 'all'; use JSON::PP ();
my $file = $ARGV[0] eq 'meta' ? '${PLACE}/FtpPassive/META.pm' : '${PLACE}/FtpPassive.pm';
require $file;
my $meta = 'Cpanel::Config::ConfigObj::Driver::FtpPassive::META';
my %said = ( loaded => [ sort grep { /Driver/ } keys %INC ], spec => $meta->spec_version, version => $meta->meta_version,
    name => $meta->get_driver_name, content => $meta->can('content')->(), showcase => $meta->showcase );
if ( $ARGV[0] ne 'meta' ) {
    my $driver = 'Cpanel::Config::ConfigObj::Driver::FtpPassive'->init( {} );
    %said = ( %said, namespace => $driver->{thirdparty_ns}, acls => $driver->acl_desc, info => $driver->info );
}
print JSON::PP->new->encode( \\%said );`;

interface Said {
  readonly loaded: readonly string[];
  readonly name: string;
  readonly content: { readonly name: { readonly driver: string }; readonly abstract: string };
  readonly showcase: null;
  readonly namespace: string;
  readonly acls: readonly { readonly acl: string; readonly default_value: number }[];
  readonly info: string;
}

describe('the driver of WHM’s privilege', () => {
  let folder = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ftp-passive-driver-'));
    mkdirSync(join(folder, PLACE), { recursive: true });
    cpSync(join(ROOT, 'plugin/acl'), join(folder, PLACE), { recursive: true });
  });
  after(() => rmSync(folder, { recursive: true }));

  const ask = (what: 'driver' | 'meta'): Said => {
    const said = execFileSync('/usr/bin/perl', [`-I${folder}`, `-I${STAND_IN}`, '-e', ASK, what], {
      encoding: 'utf8',
    });
    return JSON.parse(said) as Said;
  };

  it('loads from its place, and describes the one privilege', () => {
    const { acls, namespace, info, content } = ask('driver');
    assert.equal(namespace, 'FtpPassive');
    assert.deepEqual(
      acls.map(({ acl, default_value }) => [acl, default_value]),
      [[PRIVILEGE, 0]],
    );
    assert.equal(info, content.abstract);
  });

  it('has metadata that load without it', () => {
    const { loaded, name, content, showcase } = ask('meta');
    assert.deepEqual(loaded, [`${PLACE}/FtpPassive/META.pm`]);
    assert.equal(content.name.driver, name);
    assert.equal(showcase, null);
  });

  it('names the privilege that the registration and the CGI ask for', () => {
    const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
    assert.match(text('appconfig/ftp_passive.conf'), new RegExp(`^acls=${PRIVILEGE}$`, 'm'));
    assert.match(text('plugin/index.cgi'), new RegExp(`^my \\$PRIVILEGE +?= '${PRIVILEGE}';$`, 'm'));
  });
});
