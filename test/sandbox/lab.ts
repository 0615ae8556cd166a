import { type Ground, type Machine, holdGround, ok, runOnHost, startMachine } from './machine.ts';

/** The addresses of the lab. Behind NAT the server knows only `local`; the internet knows only `public`. */
export const ADDRESS = {
  public: '203.0.113.10',
  local: '10.0.0.5',
  ipv6: '2001:db8:1::10',
  client: '198.51.100.20',
  clientIpv6: '2001:db8:2::20',
} as const;

/** What a server has besides its main address, when it has several. Behind NAT each has a public one of its own. */
export const DEDICATED = [
  { local: '10.0.0.6', public: '203.0.113.11' },
  { local: '10.0.0.7', public: '203.0.113.12' },
] as const;

export const SERVER_NAME = 'server.example.com';

/** Three machines: the internet's client, the provider's router and the cPanel server behind it. */
export interface Lab {
  readonly client: Machine;
  readonly router: Machine;
  readonly server: Machine;
  /** Power off and on again: a new kernel state for the server, the same files. Gives the server as it is then. */
  powerCycle(): Promise<Machine>;
  stop(): Promise<void>;
}

/** `nat`: the router gives the server private addresses and maps them 1:1, without any FTP tracking. */
export interface Wiring {
  readonly nat: boolean;
  /** Whether the server has its dedicated addresses too. */
  readonly dedicated: boolean;
}

/** The server's IPv4 addresses as it knows them itself, the main one first. */
export function ownAddresses({ nat, dedicated }: Wiring): readonly string[] {
  return [ADDRESS, ...(dedicated ? DEDICATED : [])].map((each) => (nat ? each.local : each.public));
}

/** Builds the lab; the host gets no link, rule, mount or named namespace. */
export async function startLab(wiring: Wiring): Promise<Lab> {
  const ground = await holdGround();
  const started: Machine[] = [];
  const start = async (name: string): Promise<Machine> => {
    const machine = await startMachine(ground, name);
    started.push(machine);
    return machine;
  };
  try {
    const [client, router, server] = await Promise.all([start('client'), start('router'), start('server')]);
    await Promise.all([connectClient(client, router, wiring.nat), connectServer(server, router, wiring)]);
    return plugged(ground, { client, router, server }, wiring);
  } catch (problem) {
    await Promise.all(started.map((machine) => machine.stop()));
    await ground.stop();
    throw problem;
  }
}

function plugged(
  ground: Ground,
  machines: Record<'client' | 'router' | 'server', Machine>,
  wiring: Wiring,
): Lab {
  const { client, router } = machines;
  let { server } = machines;
  return {
    client,
    router,
    get server() {
      return server;
    },
    async powerCycle() {
      await configure(router, ['link del lan']);
      await server.stop();
      server = await startMachine(ground, 'server');
      await connectServer(server, router, wiring);
      return server;
    },
    async stop() {
      await Promise.all([client.stop(), router.stop(), server.stop()]);
      await ground.stop();
    },
  };
}

async function connectClient(client: Machine, router: Machine, nat: boolean): Promise<void> {
  await cable(client, 'eth0', router, 'wan');
  await configure(router, [
    'addr add 198.51.100.1/24 dev wan',
    'addr add 2001:db8:2::1/64 dev wan nodad',
    'link set wan up',
  ]);
  await configure(client, [
    `addr add ${ADDRESS.client}/24 dev eth0`,
    `addr add ${ADDRESS.clientIpv6}/64 dev eth0 nodad`,
    'link set eth0 up',
    'route add default via 198.51.100.1',
    'route add ::/0 via 2001:db8:2::1',
  ]);
  const forward =
    'cd /proc/sys/net; echo 1 >ipv4/ip_forward; echo 1 >ipv6/conf/all/forwarding; echo 0 >ipv4/icmp_ratelimit';
  await ok(
    router.run(['sh', '-c', `${forward}; exec nft -f -`], { stdin: nat ? NAT_RULES : INTERNET_RULES }),
  );
}

async function connectServer(server: Machine, router: Machine, wiring: Wiring): Promise<void> {
  const gateway = wiring.nat ? '10.0.0.1' : '203.0.113.1';
  await cable(server, 'eth0', router, 'lan');
  await configure(router, [
    `addr add ${gateway}/24 dev lan`,
    'addr add 2001:db8:1::1/64 dev lan nodad',
    'link set lan up',
  ]);
  await configure(server, [
    ...ownAddresses(wiring).map((own) => `addr add ${own}/24 dev eth0`),
    `addr add ${ADDRESS.ipv6}/64 dev eth0 nodad`,
    'link set eth0 up',
    `route add default via ${gateway}`,
    'route add ::/0 via 2001:db8:1::1',
  ]);
}

/** A cable straight from one machine to the other: the host never holds an end of it. */
async function cable(one: Machine, end: string, other: Machine, otherEnd: string): Promise<void> {
  const peer = ['type', 'veth', 'peer', 'name', otherEnd, 'netns', String(other.pid)];
  await runOnHost([
    'nsenter',
    '--target',
    String(one.pid),
    '--net',
    '--',
    'ip',
    'link',
    'add',
    'name',
    end,
    ...peer,
  ]);
}

async function configure(machine: Machine, lines: readonly string[]): Promise<void> {
  await ok(machine.run(['ip', '-batch', '-'], { stdin: `${lines.join('\n')}\n` }), [machine.name, ...lines]);
}

/** Nobody on the internet has a way to a private address; it says so at once, so that tests need not wait. */
const INTERNET_RULES = `
table inet internet {
  chain forward {
    type filter hook forward priority 0;
    ct status dnat accept
    iifname "wan" ip daddr { 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 } reject with icmp net-unreachable
  }
}
`;

function each(rule: (one: { readonly local: string; readonly public: string }) => string): string {
  return [ADDRESS, ...DEDICATED].map((one) => `    ${rule(one)}`).join('\n');
}

const NAT_RULES = `${INTERNET_RULES}
table ip one_to_one {
  chain prerouting {
    type nat hook prerouting priority -100;
${each((one) => `iifname "wan" ip daddr ${one.public} dnat to ${one.local}`)}
  }
  chain postrouting {
    type nat hook postrouting priority 100;
${each((one) => `oifname "wan" ip saddr ${one.local} snat to ${one.public}`)}
  }
}
`;
