import assert from 'node:assert/strict';
import { ABSENT, AS_WRITTEN } from '../../src/core/file.ts';
import { placeName, writeStep } from '../../src/engine/steps.ts';
import { fact } from '../ftp/cpanel.ts';

const PATH = '/etc/nftables.conf';
const step = (before: string | null, after: string | null, earlier?: string) => {
  const files = new Map([[PATH, before === null ? null : fact(PATH, before, 1)]]);
  const made = writeStep(files, { path: PATH, after, title: 'T', why: 'W' }, earlier);
  return made.kind === 'write' ? made : assert.fail();
};

describe('a write step', () => {
  it('holds the tag that the file must still have, and the difference', () => {
    const made = step('a\n', 'b\n');
    assert.deepEqual([made.expects, made.before, made.after, made.undoable], ['of a\n', 'a\n', 'b\n', true]);
    assert.match(made.diff, /^-a\n\+b$/m);
  });

  it('of a new file expects that there is none', () => {
    const made = step(null, 'b\n');
    assert.deepEqual([made.expects, made.before], [ABSENT, null]);
    assert.match(made.diff, /^--- \/dev\/null$/m);
  });

  it('that follows another one of the same file expects what that one wrote', () => {
    const made = step('a\n', 'c\n', 'b\n');
    assert.deepEqual([made.expects, made.before], [AS_WRITTEN, 'b\n']);
    assert.match(made.diff, /^-b\n\+c$/m);
  });

  it('that removes a file shows nothing of it', () => assert.equal(step('{"pass":"x"}', null).diff, ''));
});

it('a place is named as nft names it', () => {
  assert.equal(placeName({ family: 'inet', table: 'filter', chain: 'INPUT', text: '' }), 'inet filter INPUT');
});
