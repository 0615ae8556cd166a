import { readFileSync } from 'node:fs';
import { ADDRESS, DEDICATED, ownAddresses, SERVER_NAME, type Wiring } from './lab.ts';
import { type Files, tree } from './files.ts';
import type { FtpName } from './packages.ts';

/** A person who can log in to the stand-in WHM. Root has no list of privileges. */
export interface WhmUser {
  readonly name: string;
  readonly password: string;
  readonly acls?: readonly string[];
}

/** The people of the sandbox. */
export const USERS: readonly WhmUser[] = [
  { name: 'root', password: 'sandbox-root' },
  { name: 'rita', password: 'sandbox-rita', acls: ['create-acct', 'list-accts'] },
  { name: 'sam', password: 'sandbox-sam', acls: ['create-acct', 'software-ftp-passive'] },
];

/** A customer's account: what FTP transfers are judged with. */
export const FTP_USER = { name: 'alice', password: 'sandbox-alice' } as const;

/**
 * How the stand-in cpsrvd runs a CGI and hands on what it prints; looked at again for each request.
 * `killAfterSeconds`: its patience, 0 for endless. `pathInfo`: whether the CGI gets PATH_INFO. `keepsHost`: whether the
 * service subdomain's proxy passes the browser's Host header on.
 */
export interface CgiWays {
  readonly cgi: 'stream' | 'buffered';
  readonly killAfterSeconds: number;
  readonly pathInfo: boolean;
  readonly keepsHost: boolean;
}

export const USUAL_WAYS: CgiWays = { cgi: 'stream', killAfterSeconds: 0, pathInfo: false, keepsHost: true };

/** Where the stand-in reads its people and its ways. */
export const STANDIN_CONF = '/usr/local/cpanel/standin.json';

/** The text of that file. */
export function standinConf(ways: Partial<CgiWays>): string {
  return JSON.stringify({ users: USERS, ...USUAL_WAYS, ...ways });
}

const UNIT = '/usr/lib/systemd/system';
export const LIBEXEC = '/usr/local/cpanel/libexec';
/** Sockets of the server through which the host reaches WHM's port, its subdomain's and the port of live output. */
export const RELAYED = {
  whm: '/run/standin-whm.sock',
  subdomain: '/run/standin-subdomain.sock',
  live: '/run/standin-live.sock',
} as const;

/**
 * The files of a cPanel server as they are before anybody did anything about passive FTP.
 * @param programs the bundled stand-ins for cpsrvd and the relay
 */
export function serverFiles(
  ftp: FtpName,
  wiring: Wiring,
  ways: Partial<CgiWays>,
  livePort: number,
  programs: { cpsrvd: string; relay: string },
): Files {
  const { nat, dedicated } = wiring;
  const [main = '', ...more] = ownAddresses(wiring);
  const files: Files = {
    ...tree(`${import.meta.dirname}/standins`),
    '/usr/local/cpanel/version': { text: '11.138.0.19\n' },
    [STANDIN_CONF]: { text: standinConf(ways), mode: 0o600 },
    [`${LIBEXEC}/standin-cpsrvd.mjs`]: { text: programs.cpsrvd },
    [`${LIBEXEC}/standin-relay.mjs`]: { text: programs.relay },
    '/var/cpanel/cpanel.config': {
      text: `ftpserver=${ftp}\nskip_rules_added_by_configure_firewall_for_cpanel=0\n`,
    },
    '/var/cpanel/mainip': { text: main },
    // documented: ADDRESS:NETMASK:BROADCAST of every address but the main one.
    '/etc/ips': { text: more.map((ip) => `${ip}:255.255.255.0:${ip.replace(/\d+$/, '255')}\n`).join('') },
    '/var/cpanel/resellers': {
      text: USERS.map(({ name, acls }) => (acls ? `${name}:${acls.join(',')}\n` : '')).join(''),
    },
    '/var/cpanel/noanonftp': { text: '' },
    '/var/cpanel/users/alice': { text: 'DNS=alice.example.com\nIP=203.0.113.10\nUSER=alice\n', mode: 0o640 },
    ...storeFiles(nat),
    // Most services that cPanel knows are monitored, the FTP server among them.
    '/etc/chkserv.d/chkservd.conf': { text: 'cpsrvd:1\nftpd:1\nnamed:0\nsshd:1\n' },
    '/etc/proftpd/passwd.vhosts': { text: '', mode: 0o640 },
    '/etc/passwd': {
      text: `${readFileSync('/etc/passwd', 'utf8')}alice:x:${UID}:${UID}::/home/alice:/bin/false\n`,
    },
    '/etc/group': { text: `${readFileSync('/etc/group', 'utf8')}alice:x:${UID}:\n` },
    '/etc/hosts': {
      text: `127.0.0.1 localhost\n::1 localhost\n${main} ${SERVER_NAME} server\n`,
    },
    [`${UNIT}/pure-ftpd.service`]: { text: ftpUnit('Pure-FTPd') },
    [`${UNIT}/proftpd.service`]: { text: ftpUnit('ProFTPD') },
    [`${UNIT}/cpanel.service`]: { text: service('WHM', `${LIBEXEC}/standin-cpsrvd.mjs`) },
    [`${UNIT}/standin-relay.service`]: {
      text: service(
        'the host',
        `${LIBEXEC}/standin-relay.mjs ${RELAYED.whm} 2087 ${RELAYED.subdomain} 443 ${RELAYED.live} ${livePort}`,
      ),
    },
    '/var/lib/whm-ftp-passive/settings.json': { text: `${JSON.stringify({ livePort })}\n`, mode: 0o600 },
  };
  const mapped = [ADDRESS, ...(dedicated ? DEDICATED : [])];
  const map = mapped.map((each) => `${each.local} ${each.public}\n`).join('');
  return nat ? { ...files, '/var/cpanel/cpnat': { text: map } } : files;
}

const UID = 20_001;
const FORMER = '203.0.113.99';

function service(what: string, program: string): string {
  return `[Unit]
Description=Stand-in for ${what}

[Service]
ExecStart=${process.execPath} ${program}

[Install]
WantedBy=multi-user.target
`;
}

function ftpUnit(name: string): string {
  return `[Unit]
Description=${name}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/cpanel/scripts/restartsrv_ftpd --start
ExecStop=/usr/local/cpanel/scripts/restartsrv_ftpd --stop

[Install]
WantedBy=multi-user.target
`;
}

/**
 * Each FTP server's stores, with an address that clients cannot use. Behind NAT cPanel would add ProFTPD's right one
 * by itself, so there it is that of a former provider.
 */
function storeFiles(nat: boolean): Files {
  const comment = '# Settings that this server keeps of its own.\n';
  // Without NAT it moved here from behind one, and the address that it told there came along.
  const pureftpd = `ForcePassiveIP: ${nat ? '~' : ADDRESS.local}\n`;
  const proftpd = `MasqueradeAddress: ${nat ? FORMER : ADDRESS.local}\n`;
  return {
    '/var/cpanel/conf/pureftpd/main': { text: '---\n' },
    '/var/cpanel/conf/pureftpd/local': { text: comment + pureftpd },
    '/var/cpanel/conf/proftpd/main': { text: '---\n' },
    '/var/cpanel/conf/proftpd/local': { text: comment + proftpd },
  };
}

/**
 * What makes a server of the files, once, on the server itself: $1 is where packages lie unpacked, $2 its name, $3 a
 * password, $4 the FTP server. Units that the host has enabled are not the server's.
 */
export const PREPARE = `
rm -rf /etc/systemd/system/*
for layer in $1; do cp -a "$layer/." /; done
mkdir -p /usr/local/cpanel/3rdparty/bin /var/cpanel/apps /var/cpanel/ssl/cpanel /etc/ssl/private /usr/local/cpanel/logs /var/log
mkdir -p /usr/local/cpanel/whostmgr/docroot/cgi /usr/local/cpanel/whostmgr/docroot/addon_plugins
mkdir -p /usr/local/cpanel/Cpanel/Config/ConfigObj/Driver
ln -sfn /usr/bin/perl /usr/local/cpanel/3rdparty/bin/perl
chmod 0700 /var/cpanel/conf/pureftpd /var/cpanel/conf/proftpd /usr/local/cpanel/logs /var/lib/whm-ftp-passive
chmod 0711 /home
install -d -o ${UID} -g ${UID} -m 0711 /home/alice
hash=$(perl -e 'print crypt($ARGV[0], q($6$standin))' "$3")
echo "alice:$hash:${UID}:${UID}:alice:/home/alice:/bin/ftpsh" >/etc/proftpd/passwd.vhosts
cd /var/cpanel/ssl/cpanel
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$2" \\
    -addext "subjectAltName=DNS:$2,DNS:localhost,IP:127.0.0.1,IP:203.0.113.10" -keyout key -out cert 2>/dev/null
cat key cert >cpanel.pem
rm key cert
chmod 0600 cpanel.pem
cp -p cpanel.pem /etc/ssl/private/pure-ftpd.pem
if [ -e /usr/sbin/proftpd ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$2" \\
        -addext "subjectAltName=DNS:$2,IP:203.0.113.10" -keyout /etc/ftpd-rsa-key.pem -out /etc/ftpd-rsa.pem 2>/dev/null
    chmod 0600 /etc/ftpd-rsa-key.pem
fi
/usr/local/cpanel/bin/build_ftp_conf
systemctl -q enable "$4" cpanel standin-relay
`;
