import { parseArgs } from 'node:util';
import type { SandboxOptions } from './sandbox.ts';

export interface DemoOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly sandbox: SandboxOptions;
}

const FIREWALLS = ['nftables', 'iptables', 'firewalld', 'none'] as const;

/** What script/demo was asked for, or one sentence that says what is wrong and what is right. */
export function parseDemo(args: readonly string[]): DemoOptions | { readonly refusal: string } {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        ftp: { type: 'string', default: 'pure-ftpd' },
        firewall: { type: 'string', default: 'nftables' },
        nat: { type: 'boolean', default: true },
        cgi: { type: 'string', default: 'stream' },
        port: { type: 'string', default: '0' },
      },
      allowNegative: true,
    }));
  } catch (problem) {
    const what = problem instanceof Error ? problem.message.split('\n')[0]?.split('. ')[0] : String(problem);
    return {
      refusal: `${what ?? ''}: script/demo knows --once, --json, --ftp, --firewall, --nat, --no-nat, --cgi and --port.`,
    };
  }
  const { once, json, ftp, firewall, nat, cgi, port } = values;
  if (ftp !== 'pure-ftpd' && ftp !== 'proftpd') {
    return { refusal: `The sandbox has pure-ftpd and proftpd, not the FTP server "${ftp}".` };
  }
  const known = FIREWALLS.find((each) => each === firewall);
  if (known === undefined) {
    return { refusal: `The sandbox has ${FIREWALLS.join(', ')}, not the firewall "${firewall}".` };
  }
  if (cgi !== 'stream' && cgi !== 'buffered')
    return { refusal: `--cgi is stream or buffered, not "${cgi}".` };
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return {
      refusal: `"${port}" is not a port: write a number up to 65535, or leave --port out for a free one.`,
    };
  }
  return { once, json, sandbox: { ftp, firewall: known, nat, cgi, port: Number(port) } };
}
