import type { Finding } from '../core/finding.ts';
import { phrase } from '../core/phrase.ts';
import { DEFAULT_RANGE, formatRange, sameRange, subtractRanges, type PortRange } from '../core/range.ts';
import type { FtpReading, PassiveWish } from '../ftp/server.ts';
import type { Listener } from './ports.ts';
import { KERNEL_PORTS, RESERVED_PORTS } from './situation.ts';
import type { Sight } from './survey.ts';

const SET_UP = phrase`Set up passive FTP.`;

/** What is to be known of the passive ports. */
export function rangeFindings(found: Sight, reading: FtpReading, wish: PassiveWish): Finding[] {
  return [
    ...agreement(reading, wish),
    ...tooSmall(reading, wish),
    ...taken(found, wish.range),
    ...kernelPorts(found, wish.range),
  ];
}

function agreement(reading: FtpReading, wish: PassiveWish): Finding[] {
  const { configured, rendered, live } = reading.range;
  const wanted = formatRange(wish.range);
  const say = (range: typeof configured): string => (range === null ? phrase`none` : formatRange(range));
  if (!sameRange(rendered, wish.range)) {
    return [
      {
        id: 'range-wrong',
        level: 'bad',
        title: phrase`The FTP server uses other passive ports`,
        fact: phrase`The FTP server's configuration file says ${say(rendered)}; ${wanted} is wanted.`,
        fix: SET_UP,
      },
    ];
  }
  // Where no store names a range, a rebuild takes cPanel's default.
  if (!sameRange(configured ?? DEFAULT_RANGE, wish.range)) {
    return [
      {
        id: 'range-not-kept',
        level: 'warn',
        title: phrase`The passive ports will change at the next rebuild`,
        fact: phrase`WHM's settings say ${say(configured)}, the FTP server's configuration file says ${say(rendered)}.`,
        fix: SET_UP,
      },
    ];
  }
  return [
    {
      id: 'range-right',
      level: 'good',
      title: phrase`The FTP server uses the wanted passive ports`,
      fact: phrase`${wanted} stands in its configuration file${sameRange(live, wish.range) ? phrase`, and it runs with them` : ''}.`,
      fix: '',
    },
  ];
}

/** Each client takes a port for a transfer, and the port of the one before may still be held for it. */
function tooSmall({ clients, range: { rendered } }: FtpReading, { range }: PassiveWish): Finding[] {
  if (clients === null) return [];
  const ranges = rendered === null || sameRange(rendered, range) ? [range] : [rendered, range];
  const small = ranges.filter(([low, high]) => high - low + 1 < clients.most);
  return small.map((each) => ({
    id: 'range-small',
    level: 'warn',
    title: phrase`There are fewer passive ports than clients`,
    fact: phrase`${clients.most} clients at once (${clients.says}), ${each[1] - each[0] + 1} ports (${formatRange(each)}); advised are at least twice as many ports as clients, ${clients.most * 2}.`,
    fix: phrase`Choose a wider range, or serve fewer clients at once.`,
  }));
}

/** Services that have a port of the range open already; what listens for this server alone is in nobody's way. */
function taken({ sockets, ftpName, neighbours, server }: Sight, [low, high]: PortRange): Finding[] {
  const daemons = [server, ...neighbours.map((each) => each.server)].map((each) => each?.process ?? ftpName);
  const others = sockets.listening.filter(({ port, address, program }) => {
    if (port < low || port > high || isLoopback(address)) return false;
    return !daemons.some((daemon) => program.startsWith(daemon));
  });
  if (others.length === 0) return [];
  const names = [...new Set(others.sort((a, b) => a.port - b.port).map(nameOf))];
  return [
    {
      id: 'range-taken',
      level: 'warn',
      title: phrase`Other services listen within the passive ports`,
      fact: phrase`${names.join(', ')}. The FTP server cannot use these ports, and with the range open in the firewall the internet reaches these services.`,
      fix: phrase`Choose a range without them, or move the services.`,
    },
  ];
}

function nameOf({ program, pid, port }: Listener): string {
  const who = pid === 0 ? phrase`The kernel itself (NFS, for example)` : phrase`${program} (process ${pid})`;
  return phrase`${who} listens on port ${port}`;
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function kernelPorts({ files }: Sight, range: PortRange): Finding[] {
  const [low, high] = numbersIn(files.get(KERNEL_PORTS)?.text ?? '');
  if (low === undefined || high === undefined) return [];
  const common: PortRange = [Math.max(low, range[0]), Math.min(high, range[1])];
  const reserved = (files.get(RESERVED_PORTS)?.text ?? '').trim().split(',');
  const holes = reserved.map(numbersIn).flatMap((some): PortRange[] => {
    const [first, last = first] = some;
    return first === undefined || last === undefined ? [] : [[first, last]];
  });
  const left = common[0] > common[1] ? [] : subtractRanges(common, holes);
  if (left.length === 0) return [];
  const ports = left.map((each) => formatRange(each)).join(', ');
  return [
    {
      id: 'range-kernel',
      level: 'info',
      title: phrase`The kernel uses some of the passive ports for outgoing connections`,
      fact: phrase`${KERNEL_PORTS} says ${low}-${high}, and ${ports} of it are in the range; a port that an outgoing connection has is passed over.`,
      fix: phrase`Nothing has to be done on a server of usual load; else reserve them (sysctl net.ipv4.ip_local_reserved_ports=${ports.replaceAll(' ', '')})${high < 64_000 ? phrase` or take a range above ${high}` : ''}.`,
    },
  ];
}

function numbersIn(text: string): number[] {
  return (text.match(/\d+/g) ?? []).map(Number);
}
