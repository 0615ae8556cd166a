import assert from 'node:assert/strict';
import { copy } from '../../src/web/copying.ts';

const SCRIPT = '#!/bin/sh\nset -eu\n';

describe('a text to be copied', () => {
  let selected: number;
  beforeEach(() => (selected = 0));
  const select = (): void => void (selected += 1);

  it('is on the clipboard as it stands on the page, and that is said', async () => {
    const written: string[] = [];
    const said = await copy(SCRIPT, { write: (text) => Promise.resolve(void written.push(text)), select });
    assert.deepEqual([written, selected, said], [[SCRIPT], 0, 'Copied.']);
  });

  it('is selected where the browser refuses, and it is said how to go on', async () => {
    const said = await copy(SCRIPT, { write: () => Promise.reject(new Error('NotAllowedError')), select });
    assert.equal(selected, 1);
    assert.match(said, /is selected now: press Ctrl\+C/);
  });
});
