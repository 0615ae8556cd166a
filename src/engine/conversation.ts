import type { Check } from '../core/check.ts';
import { phrase } from '../core/phrase.ts';
import type { Settings } from '../core/settings.ts';
import { loginRefused, probe, type ProbeTarget } from '../ftp/probe.ts';
import type { FtpServer } from '../ftp/server.ts';
import { withLogin, type GivenLogin } from './lending.ts';
import { furtherPartners, ipv6Partner, mainPartner, type Partner } from './partners.ts';
import type { EnginePorts, Sight } from './survey.ts';

type Talk = (partner: Partner, some: Partial<ProbeTarget>) => Promise<Check[]>;

/** More addresses than this are not talked to, beside the main one. */
const MOST_FURTHER = 15;
const WAY_BACK = /^(tls-)?pasv-advertised$/;

/** A short conversation at the main address, for a run: enough to see that what was set up works. */
export function talk(ports: EnginePorts, found: Sight, settings: Settings): Promise<Check[]> {
  return converse(ports, found, settings, null, (main, at) => at(main, {}));
}

/**
 * The whole matrix: the main address with an upload, IPv6, and each further address by itself. Checks of IPv6 have ids
 * that begin with `ipv6-`, those of a further address ids that end in `@ADDRESS`. It ends with the main address where
 * that is silent or refuses the login.
 */
export function talkAtLength(
  ports: EnginePorts,
  found: Sight,
  settings: Settings,
  given: GivenLogin,
): Promise<Check[]> {
  return converse(ports, found, settings, given, async (main, at) => {
    const upload = `ftp-passive-check-${ports.hash(ports.randomPassword()).slice(0, 12)}`;
    const checks = await at(main, { depth: 'full', advertised: true, upload });
    if (checks[0]?.result !== 'pass' || loginRefused(checks)) return checks;
    const six = settings.ipv6 ? ipv6Partner(found) : null;
    if (six !== null) {
      const met = await at(six, { depth: 'full' });
      checks.push(...met.map((each) => overIpv6(besides(each, six))));
    }
    // Where no way leads back from the main public address, waiting for the others tells nothing new.
    const advertised = !checks.some(({ id, result }) => WAY_BACK.test(id) && result === 'skip');
    const further = furtherPartners(found, settings);
    for (const partner of further.slice(0, MOST_FURTHER)) {
      const met = await at(partner, { depth: 'full', advertised });
      checks.push(
        ...met
          .map((each) => explained(besides(each, partner), found.server?.name))
          .map((each) => ({ ...each, id: `${each.id}@${partner.host}` })),
      );
    }
    const left = further.slice(MOST_FURTHER).map(({ host }) => host);
    if (left.length > 0) {
      const title = phrase`Every address is talked to`;
      checks.push({ id: 'addresses', title, result: 'skip', fact: phrase`Left out: ${left.join(', ')}.` });
    }
    return checks;
  });
}

/** Finds whom to talk to and with what login. */
async function converse(
  ports: EnginePorts,
  found: Sight,
  settings: Settings,
  given: GivenLogin,
  hold: (main: Partner, at: Talk) => Promise<Check[]>,
): Promise<Check[]> {
  const { reading, server } = found;
  const main = mainPartner(found, settings);
  if (reading === null || server === null || main === null) {
    const fact =
      reading === null
        ? phrase`No FTP server is set up here that this version knows.`
        : phrase`This server has no IPv4 address to connect to.`;
    return [{ id: 'control', title: phrase`The FTP server answers`, result: 'skip', fact }];
  }
  const quick = { depth: 'quick', advertised: false, upload: null } as const;
  const shared = { ...quick, port: reading.controlPort, server: server.name };
  const speak = (voice: Pick<ProbeTarget, 'login' | 'whyNoLogin'>): Promise<Check[]> =>
    hold(main, ({ host, told }, some) => {
      const wish = { range: settings.range, address: told };
      return probe(ports.dial, { ...shared, ...voice, host, wish, ...some });
    });
  return given === null ? withLogin(ports, speak) : speak({ login: given, whyNoLogin: '' });
}

/** At an address that is not the main one a server may not listen, or not know the login: its administrator's choice. */
function besides(check: Check, { host }: Partner): Check {
  if (check.result !== 'fail') return check;
  if (check.id === 'control' && check.fact.includes('ECONNREFUSED')) {
    return { ...check, result: 'skip', fact: phrase`The FTP server does not listen at ${host}.` };
  }
  if (!loginRefused([check])) return check;
  return {
    ...check,
    result: 'skip',
    fact: phrase`The login of the main address is not taken here: ${check.fact}`,
  };
}

function overIpv6(check: Check): Check {
  return { ...check, id: `ipv6-${check.id}`, title: phrase`${check.title}, over IPv6` };
}

/** Why the address told at a further address is a wrong one, and what helps. */
function explained(check: Check, server: FtpServer['name'] | undefined): Check {
  if (check.result !== 'fail' || !/^(tls-)?pasv-address$/.test(check.id)) return check;
  const why =
    server === 'pure-ftpd'
      ? phrase`Pure-FTPd tells one address for all of its own (ForcePassiveIP); clients here need EPSV, or the server ProFTPD, which can tell each its own.`
      : phrase`ProFTPD needs a MasqueradeAddress in the <VirtualHost> of this address; that of the main server does not count there.`;
  return { ...check, fact: `${check.fact}\n${why}` };
}
