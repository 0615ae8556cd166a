import { readlinkSync } from 'node:fs';
import { phrase } from '../core/phrase.ts';
import { Problem } from '../core/problem.ts';
import type { Ask, Link, Namespaces, OpenNamespaces, Outcome } from '../engine/ports.ts';
import { refused, startEnd, type End } from './end.ts';
import { isExecutable, missingResult, runCommand } from './exec.ts';
import { findProgram, IP, NSENTER } from './programs.ts';

const CLIENT_LINK = 'ftpp-client';
/** Where the server's way out leads: the client's end of the wire, as a provider's router would stand there. */
const ROUTER = { ipv4: '169.254.77.1', ipv6: 'fe80::1' };
/** Where namespaces come and go all the time, as with containers, the kernel makes each wait for the others. */
const START_LIMIT_MS = 30_000;
/** A kernel that reports nothing by then never will. */
const TRACE_LIMIT_MS = 5000;
/** Nothing listens here and no rule opens it: packets to it only show that the trace is running. */
const TRACE_PORT = 9;

/**
 * @param endProgram path of `twin-end.pl`
 */
export function namespacesWith(endProgram: string): OpenNamespaces {
  return async (spec) => {
    const server = startEnd(endProgram);
    const client = startEnd(endProgram);
    try {
      const [main] = await Promise.all([spec.main, isolated(server), isolated(client)]);
      const ipv6 = await joinLinks(main, server.pid, client.pid);
      await addStubs(server.pid, await spec.stubs);
      await Promise.all([server.ready, client.ready]);
      return namespaces(server, client, main.addresses, ipv6);
    } catch (error) {
      await Promise.all([server.close(), client.close()]);
      throw error;
    }
  };
}

/** Waits until the process has its own network namespace. */
async function isolated({ pid, ready }: End): Promise<void> {
  const own = readlinkSync('/proc/self/ns/net');
  const until = performance.now() + START_LIMIT_MS;
  while (performance.now() < until) {
    try {
      if (readlinkSync(`/proc/${pid}/ns/net`) !== own) return;
    } catch {
      // It has ended at once, and this tells why.
      await ready;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw refused(phrase`it took too long`);
}

/**
 * The server's end carries the name and the addresses of the server's own outward interface.
 * Answers whether IPv6 works in here: a kernel may have it switched off.
 */
async function joinLinks(main: Link, server: number, client: number): Promise<boolean> {
  const [v6, v4] = partition(main.addresses.map((address) => address.replace(/\/.*/, '')));
  const onServer = [
    'link set lo up',
    `link add ${main.name} type veth peer name ${CLIENT_LINK} netns ${client}`,
    ...v4.map((address) => `addr add ${address} dev ${main.name}`),
    `link set ${main.name} up`,
    `route add default via ${ROUTER.ipv4} dev ${main.name} onlink`,
  ];
  const onClient = [
    'link set lo up',
    `addr add ${ROUTER.ipv4}/32 dev ${CLIENT_LINK}`,
    `link set ${CLIENT_LINK} up`,
    `route add default dev ${CLIENT_LINK}`,
  ];
  const six = await ipIn(server, onServer, [
    ...v6.map((address) => `addr add ${address} dev ${main.name} nodad`),
    `route add ::/0 via ${ROUTER.ipv6} dev ${main.name}`,
  ]);
  const back = await ipIn(client, onClient, [
    `addr add ${ROUTER.ipv6}/64 dev ${CLIENT_LINK} nodad`,
    `route add ::/0 dev ${CLIENT_LINK}`,
  ]);
  return six && back;
}

/** Rules may name them; nothing goes through them. */
async function addStubs(server: number, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  await ipIn(
    server,
    names.map((name, index) => `link add ${name} type veth peer name ftpp-stub${index}`),
  );
}

function partition(addresses: readonly string[]): [v6: string[], v4: string[]] {
  return [
    addresses.filter((address) => address.includes(':')),
    addresses.filter((address) => !address.includes(':')),
  ];
}

/** Does the lines in turn. Answers whether those of `optional`, which come last, were done too. */
async function ipIn(
  pid: number,
  lines: readonly string[],
  optional: readonly string[] = [],
): Promise<boolean> {
  const argv = [findProgram(NSENTER), `--net=/proc/${pid}/ns/net`, findProgram(IP), '-batch', '-'];
  const stdin = [...lines, ...optional, ''].join('\n');
  const result = await runCommand(argv, { stdin, timeoutSeconds: START_LIMIT_MS / 1000 });
  if (result.code === 0) return true;
  const failed = /^Command failed -:(\d+)$/m.exec(result.stderr)?.[1];
  if (failed === undefined || Number(failed) <= lines.length) throw refused(result.stderr);
  return false;
}

function namespaces(server: End, client: End, addresses: readonly string[], ipv6: boolean): Namespaces {
  const inServer = [findProgram(NSENTER), `--net=/proc/${server.pid}/ns/net`, '--'];
  const waiting = new Map<string, (outcome: Outcome) => void>();
  client.onAnswer((answer) => 'id' in answer && waiting.get(answer.id)?.(answer.outcome));

  return {
    ipv6,
    // What nsenter says of a program that is not there is no answer of that program.
    run: (argv, options) =>
      isExecutable(argv[0] ?? '')
        ? runCommand([...inServer, ...argv], options)
        : Promise.resolve(missingResult(argv)),
    handles({ family, table, chain }) {
      const place = `${family} ${table} ${chain}`;
      const told = new Promise<readonly number[]>((resolve) => {
        server.onAnswer((answer) => 'chain' in answer && answer.chain === place && resolve(answer.handles));
        server.send(`rules ${place}`);
      });
      return Promise.race([told, server.gone]);
    },
    listen(ports) {
      const listening = new Promise<void>((resolve) => {
        server.onAnswer((answer) => 'listening' in answer && answer.listening === ports.length && resolve());
        server.send(`listen ${ports.join(' ')}`);
      });
      return Promise.race([listening, server.gone]);
    },
    async openClient(networks) {
      await ipIn(
        client.pid,
        networks.map((network) => `route add local ${network} dev lo`),
      );
    },
    async connect(asks, timeoutMs, onOutcome) {
      const all = asks.map(
        (ask) =>
          new Promise<void>((resolve) => {
            waiting.set(ask.id, (outcome) => {
              waiting.delete(ask.id);
              onOutcome(ask.id, outcome);
              resolve();
            });
          }),
      );
      client.send(...asks.map(connectLine));
      const limit = setTimeout(() => client.send(`settle ${asks.map(({ id }) => id).join(' ')}`), timeoutMs);
      await Promise.race([Promise.all(all), client.gone]).finally(() => clearTimeout(limit));
    },
    settle: (ids) => client.send(`settle ${ids.join(' ')}`),
    async trace(onLine) {
      let lines = 0;
      server.onAnswer((answer) => {
        if (!('traced' in answer)) return;
        lines++;
        onLine(answer.traced);
      });
      server.send('trace');
      const target = addresses.find((address) => !address.includes(':')) ?? addresses[0] ?? '';
      const until = performance.now() + TRACE_LIMIT_MS;
      for (let turn = 0; performance.now() < until; turn++) {
        const knock = {
          id: `knock-${turn}`,
          from: '',
          caller: 0,
          to: target.replace(/\/.*/, ''),
          port: TRACE_PORT,
        };
        client.send(connectLine(knock));
        await Promise.race([new Promise((resolve) => setTimeout(resolve, 4)), server.gone, client.gone]);
        client.send(`settle ${knock.id}`);
        if (lines > 0) return;
      }
      throw new Problem(
        'unsupported',
        phrase`The kernel does not report which rule decides (nf_tables trace is silent).`,
      );
    },
    async close() {
      await Promise.all([server.close(), client.close()]);
    },
  };
}

function connectLine({ id, from, caller, to, port }: Ask): string {
  return `connect ${id} ${from === '' ? '-' : from} ${caller} ${to} ${port}`;
}
