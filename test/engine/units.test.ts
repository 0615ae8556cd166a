import assert from 'node:assert/strict';
import { readUnits } from '../../src/engine/units.ts';

const block = (active: string, enabled: string): string =>
  `ActiveState=${active}\nUnitFileState=${enabled}\n`;

/** What is read of these units when systemctl prints this. */
async function read(
  units: readonly string[],
  stdout: string,
): Promise<{ told: unknown; argv: readonly string[] }> {
  let argv: readonly string[] = [];
  const { active, enabled } = await readUnits((given) => {
    argv = given;
    return Promise.resolve({
      ...{ argv, code: 0, signal: null, stdout, stderr: '' },
      ...{ missing: false, timedOut: false, ms: 1 },
    });
  }, units);
  return { told: [[...active], [...enabled]], argv };
}

describe('units', () => {
  it('are asked for all at once', async () => {
    const { argv } = await read(['a.service', 'b.service'], '');
    assert.deepEqual(argv, [
      '/usr/bin/systemctl',
      'show',
      '--property=ActiveState,UnitFileState',
      'a.service',
      'b.service',
    ]);
    assert.deepEqual((await read([], '')).argv, []);
  });

  it('are told by their place in the answer', async () => {
    const stdout = [
      block('active', 'enabled'),
      block('inactive', 'disabled'),
      block('activating', 'enabled-runtime'),
      block('failed', 'alias'),
      block('reloading', 'masked'),
      block('inactive', 'generated'),
      block('deactivating', 'static'),
      block('inactive', ''),
    ].join('\n');
    const units = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    assert.deepEqual((await read(units, stdout)).told, [
      ['a', 'c', 'e'],
      ['a', 'c', 'd', 'f'],
    ]);
  });

  it('are known in whatever order their properties come', async () => {
    const stdout = 'UnitFileState=enabled\nActiveState=active\n';
    assert.deepEqual((await read(['a'], stdout)).told, [['a'], ['a']]);
  });

  it('are none where systemd says nothing', async () => {
    assert.deepEqual((await read(['a', 'b'], '')).told, [[], []]);
  });
});
