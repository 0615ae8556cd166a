/**
 * How soon the installed daemon answers: from nothing over its socket, and when it runs; what the CGI adds to a request;
 * what memory it takes. Everything inside the sandbox. Prints medians in milliseconds as a Markdown table.
 */
import type { RunRecord } from '../src/runs/record.ts';
import { json, shell } from '../test/job/scene.ts';
import { ok } from '../test/sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../test/sandbox/sandbox.ts';
import { median } from './median.ts';

const ROUNDS = 15;
const SOCKET = '/run/whm-ftp-passive/http.sock';
const CGI = '/usr/local/cpanel/whostmgr/docroot/cgi/ftp_passive/index.cgi';
const WHO = ['user: root', 'root: 1', 'acl: 1', 'address: 198.51.100.20', 'session: /cpsess1'];

/**
 * Asks as often as is said, through the CGI or the socket itself, and prints the milliseconds of each, from before the
 * process or the connection is made until its first bytes and until its end: in Perl, whose own start is not counted.
 */
const ASK = String.raw`
use strict; use warnings; use Time::HiRes 'time'; use IO::Socket::UNIX;
my ( $way, $times, $place ) = @ARGV;
my %env = ( PATH => '/usr/bin:/bin', REQUEST_METHOD => 'GET', REMOTE_USER => 'root', REMOTE_ADDR => '198.51.100.20',
  cp_security_token => '/cpsess1', HTTP_HOST => 'server.example:2087' );
for ( 1 .. $times ) {
  my $start = time;
  my $from;
  if ( $way eq 'cgi' ) {
    my ( $r, $q ) = split /\?/, $place;
    local %ENV = ( %env, QUERY_STRING => join '&', "r=$r", $q // () );
    open $from, '-|', '${CGI}' or die $!;
  }
  else {
    $from = IO::Socket::UNIX->new( Peer => '${SOCKET}' ) or die $!;
    syswrite $from, "GET /$place HTTP/1.0\r\n" . join '', ( map { "x-whm-$_\r\n" } ${WHO.map((each) => `'${each}'`).join(', ')} ), "\r\n";
  }
  sysread $from, my $answer, 65_536;
  my $first = ( time - $start ) * 1000;
  1 while sysread $from, $answer, 65_536, length $answer;
  my $took = ( time - $start ) * 1000;
  die "$way $place: " . substr $answer, 0, 300 if $answer !~ m{\A(?:HTTP/1\.1|Status:) 200};
  print "$first $took\n";
}`;

/** Milliseconds. */
interface Times {
  readonly first: number;
  readonly end: number;
}

const sandbox = await startSandbox({ nat: true, install: true });
try {
  await json(sandbox.server, 'apply', '--yes');
  const [run] = (await json(sandbox.server, 'runs')).document;
  process.stdout.write('| | ms | spread |\n|---|---|---|\n');
  const cold: Record<string, Times[]> = { help: [], status: [] };
  for (let round = 0; round < ROUNDS; round++)
    for (const [place, times] of Object.entries(cold)) {
      await shell(sandbox.server, 'systemctl stop ftp-passive.service');
      times.push(...(await asked(sandbox, 'socket', 1, place)));
    }
  for (const [place, times] of Object.entries(cold)) rows(`${place}, the daemon not running`, times);
  for (const place of ['help', 'status'])
    rows(`${place}, the daemon running`, await asked(sandbox, 'socket', ROUNDS, place));
  const place = `runs/${idOf(run)}/events?offset=0&wait=0`;
  const [direct, through] = await interleaved(sandbox, place);
  row('output of a run, from the socket', direct);
  row('the same through the CGI, without cPanel’s modules', through);
  const peak = await shell(
    sandbox.server,
    'sed -n "s/^VmHWM:[^0-9]*//p" "/proc/$(pgrep -of "main.js serve")/status"',
  );
  process.stdout.write(
    `\nThe CGI adds ${(median(through) - median(direct)).toFixed(1)} ms. The daemon took at most ${Math.round(Number.parseInt(peak, 10) / 1024)} MB.\n`,
  );
} finally {
  await sandbox.stop();
}

function idOf(run: RunRecord | undefined): string {
  if (run === undefined) throw new Error('There is no run.');
  return run.id;
}

async function asked({ server }: Sandbox, way: string, times: number, place: string): Promise<Times[]> {
  const told = await ok(server.run(['perl', '-e', ASK, way, String(times), place]), [way, place]);
  return told
    .trim()
    .split('\n')
    .map((line) => {
      const [first = Number.NaN, end = Number.NaN] = line.split(' ').map(Number);
      return { first, end };
    });
}

async function interleaved(sandbox: Sandbox, place: string): Promise<readonly [number[], number[]]> {
  const direct: number[] = [];
  const through: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    direct.push(...(await asked(sandbox, 'socket', 10, place)).map(({ end }) => end));
    through.push(...(await asked(sandbox, 'cgi', 10, place)).map(({ end }) => end));
  }
  return [direct, through];
}

function rows(words: string, times: readonly Times[]): void {
  row(
    `${words}: first byte`,
    times.map(({ first }) => first),
  );
  row(
    `${words}: whole`,
    times.map(({ end }) => end),
  );
}

function row(words: string, times: readonly number[]): void {
  const [low, high] = [Math.min(...times), Math.max(...times)];
  process.stdout.write(`| ${words} | ${median(times).toFixed(1)} | ${low.toFixed(1)}–${high.toFixed(1)} |\n`);
}
