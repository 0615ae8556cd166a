import assert from 'node:assert/strict';
import { parseArguments } from '../../src/cli/arguments.ts';
import { grant } from '../../src/cli/grant.ts';
import { Problem } from '../../src/core/problem.ts';
import type { AuditEvent } from '../../src/runs/audit.ts';
import type { Grants, ResellerStanding } from '../../src/runs/grants.ts';
import { createFakeGrants } from '../http/fake-grants.ts';

describe('ftp-passive grant', () => {
  let grants: Grants;
  let noted: AuditEvent[];

  beforeEach(() => {
    grants = createFakeGrants({ rita: [], sam: ['setup'] });
    noted = [];
  });

  async function say(...words: string[]): Promise<{ code: number; text: string; document: unknown }> {
    let said = { text: '', document: undefined as unknown };
    const audit = { note: (event: AuditEvent) => void noted.push(event) };
    const code = await grant({ grants, audit }, parseArguments(['grant', ...words]), (document, text) => {
      said = { text: text(), document };
    });
    return { code, ...said };
  }

  const refused = (words: RegExp) => (error: unknown) =>
    error instanceof Problem && error.code === 'invalid' && words.test(error.message);

  it('lists what resellers may do', async () => {
    const { code, text, document } = await say();
    assert.equal(code, 0);
    assert.equal(
      text,
      'rita may look at the status; granted: nothing.\nsam may look at the status; granted: setup.\n',
    );
    assert.deepEqual(document, [
      { reseller: 'rita', privilege: 'yes', actions: [] },
      { reseller: 'sam', privilege: 'yes', actions: ['setup'] },
    ]);
    assert.deepEqual(noted, []);
    grants = createFakeGrants();
    assert.match((await say()).text, /WHM lists no resellers/);
  });

  it('grants and takes back, and the audit hears of it', async () => {
    const given = await say('rita', 'setup');
    assert.deepEqual(given.document, { reseller: 'rita', privilege: 'yes', actions: ['setup'] });
    assert.deepEqual(await grants.of('rita'), ['setup']);
    assert.equal((await say('rita', '--revoke')).text, 'rita may look at the status; granted: nothing.\n');
    assert.deepEqual(await grants.of('rita'), []);
    assert.deepEqual(
      noted.map(({ user, via, action, about, result, deed }) => [user, via, action, about, result, deed]),
      [
        ['root', 'cli', 'grant setup', 'rita', 'done', true],
        ['root', 'cli', 'revoke', 'rita', 'done', true],
      ],
    );
  });

  it('says how each reseller stands', async () => {
    const all: readonly ResellerStanding[] = [
      { reseller: 'a', privilege: 'all', actions: [] },
      { reseller: 'b', privilege: 'no', actions: ['setup'] },
      { reseller: 'c', privilege: 'gone', actions: ['setup'] },
    ];
    grants = { ...grants, list: () => Promise.resolve(all) };
    assert.deepEqual((await say()).text.split('\n'), [
      'a has all privileges in WHM and may do everything.',
      'b is not let in; granted: setup.',
      'c is no reseller of this server; granted: setup.',
      '',
    ]);
  });

  it('refuses what is not clear, and grants nothing then', async () => {
    await assert.rejects(say('rita'), refused(/missing: write ftp-passive grant rita setup, or --revoke/));
    await assert.rejects(say('rita', 'setup', '--revoke'), refused(/said twice/));
    await assert.rejects(say('--revoke'), refused(/--revoke needs a reseller/));
    await assert.rejects(say('rita', 'everything'), refused(/nothing that can be granted: write setup\./));
    await assert.rejects(say('root', 'setup'), refused(/root may do everything already/));
    await assert.rejects(say('rita:all', 'setup'), refused(/not the name of a WHM user/));
    await assert.rejects(say('rita', 'setup', 'more'), refused(/grant does not take "more"/));
    assert.deepEqual([await grants.of('rita'), noted], [[], []]);
  });

  it('tells the audit of what could not be granted', async () => {
    const allow = (): Promise<never> => Promise.reject(new Problem('command-failed', 'WHM did not.'));
    grants = { ...grants, allow };
    await assert.rejects(say('rita', 'setup'), /WHM did not/);
    assert.deepEqual([noted[0]?.result, noted[0]?.deed], ['refused command-failed', undefined]);
  });
});
