import assert from 'node:assert/strict';
import { actionsOf, grantsText, parseAction, parseGrants, parseReseller } from '../../src/core/grants.ts';
import { Problem } from '../../src/core/problem.ts';

const PATH = '/var/lib/whm-ftp-passive/grants.json';
const RITA = { reseller: 'rita', actions: ['setup'], gavePrivilege: false } as const;

const isProblem =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof Problem && error.code === code;

describe('grants', () => {
  it('are read as they were written', () => {
    assert.deepEqual(parseGrants(PATH, grantsText([RITA])), [RITA]);
    assert.deepEqual(parseGrants(PATH, null), []);
  });

  it('are for the very name', () => {
    assert.deepEqual(actionsOf([RITA], 'rita'), ['setup']);
    for (const other of ['Rita', 'rit', 'rita2', '', '__proto__', 'constructor', 'toString'])
      assert.deepEqual(actionsOf([RITA], other), [], other);
  });

  it('are none of a file that is not as this program writes it', () => {
    const whole = grantsText([RITA]);
    const others = [
      '',
      'null',
      '[]',
      whole.slice(0, -5),
      whole.replace('"setup"', '"everything"'),
      whole.replace('"setup"', ''),
      whole.replace('"rita"', '"ri ta"'),
      whole.replace('"reseller"', '"user"'),
      whole.replace('"gavePrivilege"', '"more": 1, "gavePrivilege"'),
      grantsText([RITA, RITA]),
      '{"grants": {"rita": ["setup"]}}',
    ];
    for (const text of others) assert.throws(() => parseGrants(PATH, text), isProblem('unsupported'), text);
  });

  it('are of a closed list, and for users of WHM but not root', () => {
    assert.equal(parseAction('setup'), 'setup');
    for (const action of ['', 'Setup', 'undo', 'all', 'setup ', 'toString'])
      assert.throws(() => parseAction(action), isProblem('invalid'), action);
    for (const name of ['rita', 'rita.2', 'r', 'a@b']) assert.equal(parseReseller(name), name);
    for (const name of [
      '',
      'root',
      '-rita',
      '--revoke',
      'ri ta',
      'rita\n',
      'rita:all',
      'rita,all',
      '../x',
      'ä',
    ])
      assert.throws(() => parseReseller(name), isProblem('invalid'), name);
  });
});
