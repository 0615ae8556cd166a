import { ADDRESS } from '../../sandbox/lab.ts';
import type { Machine } from '../../sandbox/machine.ts';
import { FTP_USER } from '../../sandbox/state.ts';

/** For the answer of a data connection; those that count it for logging in as well are given more. */
const WAIT_S = 2;
const LOGIN = `${FTP_USER.name}:${FTP_USER.password}`;

/** Obeys the address that it is told. */
export const OBEYS = ['--disable-epsv', '--no-ftp-skip-pasv-ip'];

/** What curl writes when it lists the server's files. */
export async function curl(
  client: Machine,
  options: readonly string[] = OBEYS,
  host: string = ADDRESS.public,
): Promise<string> {
  const patience = ['--connect-timeout', String(WAIT_S + 1), '-m', '8'];
  const argv = ['curl', '-sSv', ...patience, '--insecure', ...options, '--user', LOGIN, `ftp://${host}/`];
  const { stdout, stderr } = await client.run(argv);
  return stderr + stdout;
}

/** What lftp writes when it lists the server's files. @param settings beyond those that make it obey */
export async function lftp(
  client: Machine,
  settings: readonly string[] = [],
  host: string = ADDRESS.public,
): Promise<string> {
  const script = [
    'debug 5',
    'set ssl:verify-certificate no',
    'set ftp:fix-pasv-address no',
    'set ftp:prefer-epsv no',
    `set net:timeout ${WAIT_S + 1}`,
    'set net:max-retries 1',
    ...settings.map((each) => `set ${each}`),
    `open -u ${FTP_USER.name},${FTP_USER.password} ftp://${host}`,
    'ls',
    'bye',
  ];
  const { stdout, stderr } = await client.run(['lftp', '--norc', '-c', script.join('; ')]);
  return stderr + stdout;
}

const FTPLIB = `
import ftplib, socket, ssl, sys
loose = ssl.create_default_context()
loose.check_hostname = False
loose.verify_mode = ssl.CERT_NONE
host, name, password, wait = sys.argv[1:]
def session(kind=ftplib.FTP, **options):
    ftp = kind(timeout=20, **options)
    ftp.set_debuglevel(1)
    ftp.connect(host)
    ftp.login(name, password)
    ftp.timeout = int(wait)
    ftp.sock.settimeout(ftp.timeout)
    return ftp
`;

/** What Python's ftplib writes. @param script uses `session()`, which logs in, and `loose`, a context for TLS */
export async function ftplib(
  client: Machine,
  script: string,
  host: string = ADDRESS.public,
): Promise<string> {
  const given = [host, FTP_USER.name, FTP_USER.password, String(WAIT_S)];
  const { stdout, stderr } = await client.run(['python3', '-c', `${FTPLIB}${script}\n`, ...given]);
  return stdout + stderr;
}
