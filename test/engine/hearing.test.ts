import assert from 'node:assert/strict';
import { connectionId, startHearing, traceScript, type Hearing } from '../../src/engine/hearing.ts';
import type { Namespaces } from '../../src/engine/ports.ts';

const OWN = 'ftp_passive_twin';
const CLIENT = '45.83.12.1';

interface Heard {
  readonly hearing: Hearing;
  readonly settled: string[][];
  say(...lines: readonly string[]): void;
  /** What the clock says, and how it goes on while one waits. */
  readonly clock: { ms: number; onSleep: () => void };
}

async function listen(): Promise<Heard> {
  let hear: (line: string) => void = () => undefined;
  const settled: string[][] = [];
  const clock: Heard['clock'] = { ms: 0, onSleep: () => undefined };
  const namespaces: Pick<Namespaces, 'trace' | 'settle'> = {
    trace: (onLine) => Promise.resolve(void (hear = onLine)),
    settle: (ids) => void settled.push([...ids]),
  };
  const ticking = {
    now: () => clock.ms,
    elapsed: () => clock.ms,
    sleep: (ms: number) => {
      clock.ms += ms;
      clock.onSleep();
      return Promise.resolve();
    },
  };
  const hearing = await startHearing(namespaces as Namespaces, ticking);
  return { hearing, settled, say: (...lines) => lines.forEach((line) => hear(line)), clock };
}

const packet = (id: string, table: string, port: number, client = CLIENT): string =>
  `trace id ${id} inet ${table} incoming packet: iif "eth0" ip saddr ${client} tcp sport 40000 tcp dport ${port}`;
const rule = (id: string, text: string, verdict: string, table = 'filter'): string =>
  `trace id ${id} inet ${table} input rule ${text} # handle 4 (verdict ${verdict})`;

describe('what is heard of a connection', () => {
  it('is its way through the rules, to the one that ends it', async () => {
    const { hearing, say, settled } = await listen();
    const trace = hearing.expect(connectionId(CLIENT, 50000));
    say(
      packet('1', OWN, 50000),
      rule('1', 'meta nftrace set 1', 'continue', OWN),
      packet('1', 'filter', 50000),
      rule('1', 'jump bans', 'jump bans'),
      rule('1', 'drop', 'drop'),
      rule('1', 'late', 'accept'),
    );
    assert.deepEqual(
      trace.path.map(({ text }) => text),
      ['jump bans', 'drop'],
    );
    assert.equal(trace.decided?.text, 'drop');
    assert.deepEqual(settled, [[`${CLIENT}|50000`]]);
  });

  it('is told apart from another port and another client', async () => {
    const { hearing, say } = await listen();
    const traces = [
      hearing.expect(connectionId(CLIENT, 50000)),
      hearing.expect(connectionId(CLIENT, 50001)),
      hearing.expect(connectionId('45.83.12.2', 50000)),
    ];
    say(packet('1', OWN, 50001), packet('2', OWN, 50000, '45.83.12.2'), packet('3', OWN, 50002));
    say(
      rule('1', 'one', 'drop'),
      rule('2', 'two', 'accept'),
      rule('3', 'three', 'drop'),
      rule('9', 'nine', 'drop'),
    );
    assert.deepEqual(
      traces.map(({ path }) => path.map(({ text }) => text)),
      [[], ['one'], ['two']],
    );
  });

  it('keeps its port where a rule makes another one of it', async () => {
    const { hearing, say } = await listen();
    const trace = hearing.expect(connectionId(CLIENT, 50000));
    say(packet('1', OWN, 50000), packet('1', 'filter', 50003), rule('1', 'drop', 'drop'));
    assert.equal(trace.decided?.text, 'drop');
  });

  it('begins anew when the same is asked again', async () => {
    const { hearing, say } = await listen();
    const id = connectionId(CLIENT, 50000);
    const first = hearing.expect(id);
    say(packet('1', OWN, 50000), rule('1', 'drop', 'drop'));
    const second = hearing.expect(id);
    say(packet('2', OWN, 50000), rule('2', 'reject', 'drop'));
    assert.deepEqual([first.decided?.text, second.decided?.text], ['drop', 'reject']);
  });

  it('is waited for until there is enough, or nothing has come for a while', async () => {
    const { hearing, say, clock } = await listen();
    await hearing.settle(() => true, 200);
    const now = (): number => clock.ms;
    assert.equal(now(), 0);
    await hearing.settle(() => false, 200);
    assert.ok(now() >= 200 && now() < 210);
    const from = now();
    let lines = 0;
    clock.onSleep = () => {
      if (lines < 30 && (lines += 1)) say(packet(String(lines), OWN, 50000));
    };
    await hearing.settle(() => false, 40);
    assert.ok(now() - from >= 60 + 38 && now() - from < 120, `${now() - from}`);
  });
});

describe('the rules that switch the trace on', () => {
  it('stand before all others, and at the edge only where rules stand there', () => {
    const plain = traceScript('table inet filter {\n}\n', 'eth0');
    assert.doesNotMatch(plain, /netdev/);
    assert.match(plain, /hook prerouting priority -400;/);
    assert.match(plain, /hook output priority -400;/);
    const edge =
      /table netdev ftp_passive_twin \{\n\tchain edge \{\n\t\ttype filter hook ingress device "ens3" /;
    assert.match(traceScript('table netdev early {\n}\n', 'ens3'), edge);
    assert.match(
      traceScript('table inet f {\n\t\ttype filter hook ingress device "ens3" priority 0;', 'ens3'),
      edge,
    );
  });
});
