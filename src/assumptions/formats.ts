import { phrase } from '../core/phrase.ts';
import { readStore } from '../core/store.ts';
import { broken, held, isPrivate, modeOf, untold, type Assumption, type Looked } from './assumption.ts';

const CERTIFICATES = ['/var/cpanel/ssl/cpanel/mycpanel.pem', '/var/cpanel/ssl/cpanel/cpanel.pem'];
const FOLDERS = ['pureftpd', 'proftpd'].map((name) => `/var/cpanel/conf/${name}`);

/** A text file each of whose lines has one form; comments and empty lines count for nothing. */
function lines(id: string, path: string, says: string, form: RegExp): Assumption {
  return {
    id,
    says,
    async look({ files }) {
      const file = await files.read(path);
      if (file === null) return untold(phrase`${path} is not there.`);
      const all = file.text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
      const odd = all.filter((line) => !form.test(line)).length;
      const seen = phrase`${path}: ${all.length} lines, ${odd} of another form; ${modeOf(file.tag)}.`;
      return odd === 0 ? held(seen) : broken(seen);
    },
  };
}

const certificate: Assumption = {
  id: 'certificate',
  says: phrase`WHM’s certificate and its key are one PEM file that only its owner reads.`,
  async look({ files }) {
    for (const path of CERTIFICATES) {
      const file = await files.read(path);
      if (file === null) continue;
      const both = /-BEGIN CERTIFICATE-/.test(file.text) && /-BEGIN [A-Z ]*PRIVATE KEY-/.test(file.text);
      const seen = phrase`${path}: ${both ? phrase`both` : phrase`not both`} in it; ${modeOf(file.tag)}.`;
      return both && isPrivate(file.tag) ? held(seen) : broken(seen);
    }
    return broken(phrase`Neither ${CERTIFICATES.join(phrase` nor `)} is there.`);
  },
};

const stores: Assumption = {
  id: 'stores',
  says: phrase`cPanel keeps the settings of each FTP server as YAML in the files main and local.`,
  async look({ files }): Promise<Looked> {
    const seen: string[] = [];
    let whole = true;
    for (const path of FOLDERS.flatMap((folder) => [`${folder}/main`, `${folder}/local`])) {
      const file = await files.read(path);
      if (file === null) continue;
      const { ok } = readStore(file.text);
      whole &&= ok;
      seen.push(`${path} ${ok ? phrase`is read` : phrase`cannot be read`}, ${modeOf(file.tag)}`);
    }
    if (seen.length === 0) return untold(phrase`None of them is there.`);
    return { held: whole, seen: `${seen.join('; ')}.` };
  },
};

const ADDRESS = String.raw`\d{1,3}(?:\.\d{1,3}){3}`;

/** Forms of files that cPanel writes. */
export const FORMATS: readonly Assumption[] = [
  lines(
    'version',
    '/usr/local/cpanel/version',
    phrase`cPanel’s version is one line of four numbers.`,
    /^\d+\.\d+\.\d+\.\d+$/,
  ),
  certificate,
  stores,
  lines(
    'nat-map',
    '/var/cpanel/cpnat',
    phrase`The NAT map has a line for each address: the local one, and the public one where there is one.`,
    new RegExp(`^${ADDRESS}(?: ${ADDRESS})? *$`),
  ),
  lines(
    'dedicated-addresses',
    '/etc/ips',
    phrase`Dedicated addresses are listed as ADDRESS:NETMASK:BROADCAST.`,
    new RegExp(`^${ADDRESS}(?::${ADDRESS}){0,2}$`),
  ),
  lines(
    'monitored',
    '/etc/chkserv.d/chkservd.conf',
    phrase`What cPanel watches is listed as SERVICE:1 or SERVICE:0.`,
    /^[\w.-]+:[01]$/,
  ),
  lines(
    'resellers',
    '/var/cpanel/resellers',
    phrase`Resellers are listed as NAME:PRIVILEGE,PRIVILEGE.`,
    /^[^:\s]+:[\w.,-]*$/,
  ),
];
