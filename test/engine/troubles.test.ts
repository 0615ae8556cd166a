import assert from 'node:assert/strict';
import { applyPlan } from '../../src/engine/apply.ts';
import { makePlan } from '../../src/engine/planning.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { Ending } from '../../src/engine/journal.ts';
import { takeBack } from '../../src/engine/undo.ts';
import { conf } from '../ftp/servers.ts';
import { LOCAL } from '../ftp/cpanel.ts';
import { factsOf } from '../firewall/rulesets.ts';
import { openLog } from './log.ts';
import { ofNft, REAL } from './real.ts';
import { RULES, settings, startServer, type Server } from './server.ts';
import { openTwin } from '../../src/engine/twin.ts';
import { findPlacement } from '../../src/engine/placement.ts';
import { nftables } from '../../src/firewall/nftables/nftables.ts';
import type { Settings } from '../../src/core/settings.ts';

const MARK = 'comment "ftp-passive:managed"';

async function apply(
  server: Server,
  some: Partial<Settings> = {},
): Promise<{ plan: Plan; log: ReturnType<typeof openLog>; ending: Ending }> {
  const plan = await makePlan(server.ports, settings(some));
  const log = openLog();
  const ending = await applyPlan(server.ports, plan, settings(some), log, new AbortController().signal);
  return { plan, log, ending };
}

describe('the engine in odd places', () => {
  it('auto leaves an address that only the daemon file has, where NAT is certain and its address is not known', async () => {
    const server = startServer({ conf: conf('nat') });
    server.disk.put('/var/cpanel/cpnat', null);
    const plan = await makePlan(server.ports, settings({ only: 'ftp' }));
    const write = plan.steps.find((step) => step.kind === 'write' && step.path === LOCAL);
    assert.doesNotMatch(write?.kind === 'write' ? (write.after ?? '') : '', /ForcePassiveIP: ~/);
  });

  it('a range that no store has and that is not the default is written into local', async () => {
    const server = startServer({
      nat: false,
      conf: conf('stock').replace('49152 65534', '30000 35000'),
    });
    const plan = await makePlan(server.ports, settings({ only: 'ftp', range: [30000, 35000] }));
    assert.ok(plan.steps.some((step) => step.kind === 'write' && step.path === LOCAL));
  });

  it('a firewall that drops neighbour discovery too can be opened', async () => {
    const rules =
      'table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t\ttcp dport 22 accept\n\t}\n}\n';
    const twin = await openTwin(REAL, ofNft(rules));
    try {
      const question = { range: [49152, 65534], families: ['ipv4', 'ipv6'] } as const;
      const facts = factsOf(ofNft(rules));
      const realm = { keeper: null, rulebooks: [nftables], facts, overridden: null };
      const placed = await findPlacement(realm, twin, question);
      assert.deepEqual(
        placed.rules.map(({ text, before }) => [text, before]),
        [[`meta nfproto ipv4 tcp dport 49152-65534 accept ${MARK}`, null]],
      );
      const { ipv4 } = await twin.ask(question.range, ['ipv4']);
      assert.deepEqual(ipv4?.open, [question.range]);
    } finally {
      await twin.close();
    }
  }).timeout(20_000);

  it('the gate names only ports of the range as still blocked', async () => {
    const server = startServer();
    const plan = await makePlan(server.ports, settings({ only: 'firewall' }));
    server.kernel.load('insert rule inet filter input tcp dport 60000 drop');
    const log = openLog();
    const ending = await applyPlan(server.ports, plan, settings(), log, new AbortController().signal);
    assert.equal(ending.state, 'undone');
    assert.doesNotMatch(ending.problem?.message ?? '', /IPv4 1-20 /);
  });

  it('a proof of reach that could not be had is told as not proven', async () => {
    const later = startServer({
      rules: RULES.replace('\t\treject', `\t\ttcp dport 1024-65535 accept\n\t\treject`),
    });
    const openNamespaces = (): Promise<never> => Promise.reject(new Error('not permitted'));
    const ports = {
      ...later.ports,
      twin: { ...later.ports.twin, openNamespaces },
    };
    const said = openLog();
    const plan = {
      id: 'x',
      empty: false,
      notes: [],
      steps: [
        {
          id: 's1',
          kind: 'probe',
          title: 'T',
          why: 'W',
          undoable: true,
          question: { ask: 'reach' },
        },
      ],
    } as const;
    await applyPlan(ports, plan, settings(), said, new AbortController().signal);
    assert.ok(
      said.said.some((line) => /not permitted/.test(line)),
      said.said.join('; '),
    );
  });

  it('no rule of nftables is planned where iptables-legacy is in force', async () => {
    const server = startServer();
    server.disk.put('/proc/net/ip_tables_names', 'filter\n');
    await assert.rejects(makePlan(server.ports, settings({ only: 'firewall' })));
  });

  it('undo does not call it undone when the rules cannot be read', async () => {
    const server = startServer();
    const { plan, log } = await apply(server, { only: 'firewall' });
    server.programs.set('/usr/sbin/nft', (argv) => {
      return {
        argv,
        code: 1,
        signal: null,
        stdout: '',
        stderr: 'no',
        missing: false,
        timedOut: false,
        ms: 1,
      };
    });
    assert.notEqual(await takeBack(server.ports, plan, log.entries, openLog('u')), null);
  });

  it('two rules of ours side by side come back where they stood', async () => {
    const both = `\t\tmeta nfproto ipv4 tcp dport 30000-35000 accept ${MARK}\n\t\tmeta nfproto ipv6 tcp dport 30000-35001 accept ${MARK}\n\t\treject`;
    const server = startServer({ rules: RULES.replace('\t\treject', both) });
    const before = server.state();
    const { plan, log, ending } = await apply(server, {
      only: 'firewall',
      range: [50000, 51000],
    });
    assert.equal(ending.state, 'done');
    assert.equal(await takeBack(server.ports, plan, log.entries, openLog('u')), null);
    assert.deepEqual(server.state(), before);
  });

  it('sentences end once', async () => {
    const server = startServer({ boot: 'nonsense\n' });
    await assert.rejects(makePlan(server.ports, settings({ only: 'firewall' })), (error: Error) => {
      assert.match(error.message, /nonsense\. Repair it first\.$/);
      return true;
    });
  });
});
