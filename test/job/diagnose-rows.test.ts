import assert from 'node:assert/strict';
import type { Finding } from '../../src/core/finding.ts';
import type { Status } from '../../src/core/status.ts';
import { CHECKOUT } from '../sandbox/machine.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { ROWS } from './rows/rows.ts';
import { openWorld, type World } from './rows/world.ts';
import { cli, json } from './scene.ts';

interface Document {
  readonly cause: string | null;
  readonly fact: string | null;
  readonly evidence: { readonly line: number; readonly text: string } | null;
  readonly alternatives: readonly { readonly cause: string }[];
}

for (const ftp of ['pure-ftpd', 'proftpd'] as const) {
  describe(`a fault on a server with ${ftp}`, function () {
    this.timeout(90_000);
    let sandbox: Sandbox;
    let world: World;
    let right: Status['findings'];

    before(async () => {
      sandbox = await startSandbox({ ftp, nat: true });
      const applied = await cli(sandbox.server, 'apply', '--yes');
      assert.equal(applied.code, 0, applied.stdout + applied.stderr);
      world = await openWorld(sandbox, ftp);
      right = await findings(world);
      assert.ok(right.every(({ level }) => level === 'good' || level === 'info'));
    });
    afterEach(() => world.mend());
    after(() => sandbox.stop());

    for (const fault of ROWS[ftp]) {
      const { row, what, cause, or, fact, status } = fault;
      const named = status.length === 0 ? '' : `, and ${status.join(' and ')} by status`;
      it(`row ${row}: ${what}: is named ${cause} by diagnose${named}`, async () => {
        const earlier = (await fault.before?.(world)) ?? '';
        await fault.make(world);
        const written = fault.log(world).then((log) => diagnosed(world, earlier + log));
        const [found, now] = await Promise.all([written, findings(world)]);
        const said = `${JSON.stringify(found)}\n${found.log}`;
        assert.equal(found.cause, cause, said);
        assert.match(found.fact ?? '', fact ?? /^/, said);
        assert.ok(or === undefined || found.alternatives.some((each) => each.cause === or), said);
        assert.notEqual(found.evidence, null, said);

        for (const id of status)
          assert.ok(
            now.some((each) => each.id === id && !isIn(right, each)),
            id,
          );
        if (status.length > 0) return;
        // What only the client sees is nothing that this server says of itself.
        const fresh = now.filter(
          (each) => !right.some(({ id, level }) => each.id === id && each.level === level),
        );
        assert.deepEqual(fresh, []);
      });
    }
  });
}

async function findings({ server }: World): Promise<Status['findings']> {
  return (await json(server, 'status')).document.findings;
}

async function diagnosed({ server }: World, log: string): Promise<Document & { readonly log: string }> {
  const verb = [`${CHECKOUT}/plugin/bin/ftp-passive`, 'diagnose', '-', '--json'];
  const { stdout } = await server.run(verb, { stdin: log });
  return { ...(JSON.parse(stdout) as Document), log };
}

function isIn(findings: readonly Finding[], { id, level, fact }: Finding): boolean {
  return findings.some((each) => each.id === id && each.level === level && each.fact === fact);
}
