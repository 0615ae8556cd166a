import { PRIVILEGE } from '../core/grants.ts';
import { phrase } from '../core/phrase.ts';
import { broken, held, modeOf, untold, type Assumption, type Eyes, type Looked } from './assumption.ts';

const CPANEL = '/usr/local/cpanel';
const NEEDED = [
  '3rdparty/bin/perl',
  'bin/is_registered_with_appconfig',
  'bin/manage_hooks',
  'bin/register_appconfig',
  'bin/uapi',
  'bin/unregister_appconfig',
  'bin/whmapi1',
  'scripts/setupftpserver',
].map((path) => `${CPANEL}/${path}`);
const REGISTERED = '/var/cpanel/apps/ftp_passive.conf';
const SYSTEMCTL = '/usr/bin/systemctl';
const FTP_UNITS = ['pure-ftpd.service', 'proftpd.service'];
const SECONDS = 60;

const programs: Assumption = {
  id: 'programs',
  says: phrase`cPanel’s programs that the plugin calls are where its documents say.`,
  async look({ files }) {
    const there = await Promise.all(NEEDED.map((path) => files.isExecutable(path)));
    const missing = NEEDED.filter((_, index) => there[index] !== true);
    return missing.length === 0
      ? held(phrase`All ${NEEDED.length} are.`)
      : broken(phrase`Missing: ${missing.join(', ')}.`);
  },
};

const registration: Assumption = {
  id: 'registration-answer',
  says: phrase`is_registered_with_appconfig prints 1 or 0.`,
  async look({ run }) {
    const { stdout, code, missing } = await run([
      `${CPANEL}/bin/is_registered_with_appconfig`,
      'whostmgr',
      'ftp_passive',
    ]);
    if (missing) return untold(phrase`The program is not there.`);
    const word = stdout.trim();
    const known = word === '1' || word === '0';
    const seen = phrase`It printed ${known ? word : phrase`${stdout.length} other characters`} and ended with ${ending(code)}.`;
    return known ? held(seen) : broken(seen);
  },
};

const registered: Assumption = {
  id: 'registration-copy',
  says: phrase`WHM keeps its copy of a registration in /var/cpanel/apps with the settings that it was given.`,
  async look({ files }) {
    const file = await files.read(REGISTERED);
    if (file === null) return untold(phrase`${REGISTERED} is not there: the plugin is not registered.`);
    const kept = ['service=whostmgr', `acls=${PRIVILEGE}`, 'url=/cgi/ftp_passive/index.cgi'].every(
      (setting) => file.text.split('\n').some((line) => line.replaceAll(/\s/g, '') === setting),
    );
    const seen = phrase`${REGISTERED}: ${modeOf(file.tag)}; the settings are ${kept ? phrase`kept` : phrase`changed`}.`;
    return kept ? held(seen) : broken(seen);
  },
};

const hooks: Assumption = {
  id: 'hooks-list',
  says: phrase`manage_hooks list prints the path of each script that is a hook.`,
  async look({ run }) {
    const { stdout, code, missing } = await run([`${CPANEL}/bin/manage_hooks`, 'list'], {
      timeoutSeconds: SECONDS,
    });
    if (missing) return untold(phrase`The program is not there.`);
    const ours = stdout.includes('/whm-ftp-passive/plugin/bin/put-back');
    const seen = phrase`The plugin’s hook is ${ours ? '' : phrase`not `}in it; it ended with ${ending(code)}.`;
    return ours ? held(seen) : broken(seen);
  },
};

const privilege: Assumption = {
  id: 'privilege',
  says: phrase`WHM knows the plugin’s privilege by its name.`,
  async look({ run }) {
    const argv = [`${CPANEL}/bin/whmapi1`, '--output=json', 'myprivs'];
    const { stdout, missing } = await run(argv, { timeoutSeconds: SECONDS });
    if (missing) return untold(phrase`whmapi1 is not there.`);
    let answer: unknown;
    try {
      answer = JSON.parse(stdout);
    } catch {
      return broken(phrase`whmapi1 --output=json did not print JSON.`);
    }
    const named = JSON.stringify(answer).includes(`"${PRIVILEGE}"`);
    const seen = phrase`myprivs ${named ? phrase`names` : phrase`does not name`} ${PRIVILEGE}.`;
    return named ? held(seen) : broken(seen);
  },
};

const units: Assumption = {
  id: 'ftp-units',
  says: phrase`The FTP servers are units of systemd called pure-ftpd and proftpd.`,
  async look({ run }) {
    const { stdout, missing } = await run([SYSTEMCTL, 'show', '--property=LoadState', ...FTP_UNITS]);
    if (missing) return untold(phrase`systemctl is not there.`);
    const states = stdout.split('\n').flatMap((line) => /^LoadState=(.+)$/.exec(line)?.[1] ?? []);
    const seen = `${FTP_UNITS.map((unit, index) => `${unit}: ${states[index] ?? phrase`no answer`}`).join(', ')}.`;
    return states.includes('loaded') ? held(seen) : broken(seen);
  },
};

const terminal: Assumption = {
  id: 'terminal',
  says: phrase`Commands can be given a terminal here.`,
  async look({ run }) {
    const { stdout, missing } = await run(['/usr/bin/tty'], { tty: true });
    if (missing) return untold(phrase`tty is not there.`);
    return stdout.startsWith('/dev/pts/')
      ? held(phrase`They can.`)
      : broken(phrase`They cannot: their output comes through pipes, and may come late.`);
  },
};

const namespaces: Assumption = {
  id: 'namespaces',
  says: phrase`Network namespaces can be made here, in which a copy of the firewall is asked.`,
  look: (eyes) => tried(eyes, ['/usr/bin/unshare', '--net', '--', '/usr/bin/true']),
};

async function tried({ run }: Eyes, argv: readonly string[]): Promise<Looked> {
  const { code, missing } = await run(argv);
  if (missing) return untold(phrase`${argv[0] ?? ''} is not there.`);
  return code === 0 ? held(phrase`They can.`) : broken(phrase`They cannot: it ended with ${ending(code)}.`);
}

function ending(code: number | null): string {
  return code === null ? phrase`a signal` : String(code);
}

/** Programs of cPanel and of the system, and what they answer. */
export const PROGRAMS: readonly Assumption[] = [
  programs,
  registration,
  registered,
  hooks,
  privilege,
  units,
  terminal,
  namespaces,
];
