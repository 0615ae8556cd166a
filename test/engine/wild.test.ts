import assert from 'node:assert/strict';
import type { FileFact, FileFacts } from '../../src/core/file.ts';
import { applyPlan } from '../../src/engine/apply.ts';
import { makePlan } from '../../src/engine/planning.ts';
import { statusOf } from '../../src/engine/findings.ts';
import { survey } from '../../src/engine/survey.ts';
import { takeBack } from '../../src/engine/undo.ts';
import { NO_NAT } from '../ftp/cpanel.ts';
import { DIALECTS, foundFiles, spoken, type Dialect } from '../ftp/dialects.ts';
import { WILD, type Row } from '../ftp/wild.ts';
import { exits } from './applying.ts';
import { fakeDial } from './daemon.ts';
import { openLog } from './log.ts';
import {
  LOCAL_ADDRESS,
  PUBLIC_ADDRESS,
  RESTART,
  settings,
  SETUP,
  startServer,
  type Server,
} from './server.ts';

const PROFTPD = '/usr/sbin/proftpd';

/** A server of either kind with a row's files, and cPanel and daemon that work on them. */
function serverOf(row: Row, dialect: Dialect): Server {
  const nat = row.wish.address === null ? NO_NAT : { local: LOCAL_ADDRESS, public: PUBLIC_ADDRESS };
  const server = startServer({
    nat: nat !== NO_NAT,
    conf: null,
    config: `ftpserver=${dialect.server.name}\n`,
  });
  const { disk, daemon, programs } = server;
  const { now } = server.ports.clock;
  const files = foundFiles(row, dialect);
  const inTime = [...files.values()].filter((each) => each !== null).sort((a, b) => a.mtimeMs - b.mtimeMs);
  for (const { path, text } of inTime) disk.put(path, text, 0o644);
  const facts = async (): Promise<FileFacts> => {
    const read = async (path: string): Promise<[string, FileFact | null]> => [
      path,
      await disk.files.read(path),
    ];
    return new Map(await Promise.all(dialect.server.files.map(read)));
  };
  const start = async (): Promise<void> => {
    const { range, passiveAddress } = dialect.server.read(await facts(), null);
    const [low, high] = range.rendered ?? [1024, 65535];
    const address = passiveAddress.rendered === null ? '' : `ForcePassiveIP ${passiveAddress.rendered}\n`;
    const conf = `PassivePortRange ${low} ${high}\n${address}`;
    Object.assign(daemon, { running: true, pid: daemon.pid + 1, startedMs: now(), conf });
  };
  programs.set(PROFTPD, exits(0));
  programs.set(RESTART, async (argv) => {
    await start();
    return exits(0)(argv);
  });
  programs.set(SETUP, async (argv) => {
    assert.deepEqual(argv.slice(1), [dialect.server.name, '--force']);
    const rendered = dialect.render(await facts(), nat, 0);
    for (const fact of rendered.values()) {
      if (fact !== null && fact.text !== disk.text(fact.path)) disk.put(fact.path, fact.text);
    }
    await start();
    return exits(0)(argv);
  });
  Object.assign(daemon, { startedMs: now(), conf: '' });
  const listening = { program: dialect.server.process, address: '0.0.0.0', port: 21 };
  const ports = {
    ...server.ports,
    ftpServers: [dialect.server],
    dial: fakeDial(daemon, nat === NO_NAT ? PUBLIC_ADDRESS : LOCAL_ADDRESS),
    host: {
      ...server.ports.host,
      sockets: () =>
        Promise.resolve({
          listening: [{ ...listening, pid: daemon.pid, startedMs: daemon.startedMs }],
          open: [],
        }),
    },
  };
  return { ...server, ports };
}

for (const dialect of DIALECTS) {
  describe(`a run for ${dialect.server.title}`, () => {
    for (const row of WILD) {
      it(`sets up and puts back, byte for byte: ${spoken(row.store, dialect)}`, async () => {
        const server = serverOf(row, dialect);
        const { range, address } = row.wish;
        const wanted = settings({ range, passiveAddress: address ?? 'none', only: 'ftp' });
        const before = server.disk.snapshot();
        const log = openLog();
        const plan = await makePlan(server.ports, wanted);
        const ending = await applyPlan(server.ports, plan, wanted, log, new AbortController().signal);
        assert.equal(ending.state, 'done', JSON.stringify(ending));

        const { ftp, findings } = statusOf(await survey(server.ports, wanted), wanted);
        assert.deepEqual(ftp.range.live, range);
        assert.equal(ftp.passiveAddress.live, address);
        assert.deepEqual(
          findings.filter(({ level }) => level === 'bad' || level === 'warn'),
          [],
        );
        const again = await makePlan(server.ports, wanted);
        assert.deepEqual(again.steps, []);

        assert.equal(await takeBack(server.ports, plan, log.entries, openLog('u1')), null);
        assert.deepEqual(server.disk.snapshot(), before);
      });
    }
  });
}

describe('a plan for ProFTPD', () => {
  const dialect = DIALECTS.find(({ server }) => server.name === 'proftpd') ?? assert.fail();
  const row: Row = { store: 'none', wish: { range: [50000, 60000], address: null } };
  const wanted = settings({ range: [50000, 60000], passiveAddress: 'none', only: 'ftp' });

  it('asks ProFTPD whether it accepts the file before anything restarts', async () => {
    const { steps } = await makePlan(serverOf(row, dialect).ports, wanted);
    const commands = steps.flatMap((step) => ('command' in step ? [step.command] : []));
    assert.deepEqual(commands, [
      [PROFTPD, '-t', '-c', '/etc/proftpd.conf'],
      [SETUP, 'proftpd', '--force'],
    ]);
  });

  it('ends with everything put back, and nothing restarted, when ProFTPD refuses the file', async () => {
    const server = serverOf(row, dialect);
    const before = server.disk.snapshot();
    server.programs.set(PROFTPD, exits(1, { stderr: 'fatal: unknown configuration directive' }));
    const plan = await makePlan(server.ports, wanted);
    const ending = await applyPlan(server.ports, plan, wanted, openLog(), new AbortController().signal);
    assert.equal(ending.state, 'undone');
    assert.match(JSON.stringify(ending), /unknown configuration directive/);
    assert.deepEqual(server.disk.snapshot(), before);
    assert.deepEqual(
      server.calls.filter((call) => call.startsWith(SETUP) || call.startsWith(RESTART)),
      [],
    );
  });
});
