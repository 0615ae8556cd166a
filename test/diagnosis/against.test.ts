import assert from 'node:assert/strict';
import type { PortRange } from '../../src/core/range.ts';
import type { Status } from '../../src/core/status.ts';
import { diagnoseAgainst } from '../../src/diagnosis/against.ts';
import type { Confirmed } from '../../src/diagnosis/confirm.ts';
import { logOf } from './cases.ts';
import { blocked, RIGHT, same, server } from './server.ts';

/** What is asked of a server, and what comes of it. `moved`: how it stands when asked about another range. */
async function asked(
  file: string,
  status: Status,
  moved: Status = status,
): Promise<{ found: Confirmed; ranges: (PortRange | undefined)[] }> {
  const ranges: (PortRange | undefined)[] = [];
  const ask = (range?: PortRange): Promise<Status> => {
    ranges.push(range);
    return Promise.resolve(range === undefined ? status : moved);
  };
  return { found: await diagnoseAgainst(logOf(file), ask, String), ranges };
}

describe('a diagnosis against a server', () => {
  const moved: PortRange = [30000, 60000];

  it('asks the firewall about the range that the FTP server uses, where that is not the wanted one', async () => {
    const reach = blocked([30000, 49151], 'policy drop');
    const here = server({ range: same(moved) });
    const { found, ranges } = await asked('curl-proftpd-exhausted', here, server({ reach }));
    assert.deepEqual(ranges, [undefined, moved]);
    assert.equal(found.cause, 'range-mismatch');
    assert.match(found.fact ?? '', /drops 30000-49151/);
  });

  it('asks once where the wanted range is in use, or the log is of no firewall', async () => {
    assert.deepEqual((await asked('lftp-pasv-drop', RIGHT)).ranges, [undefined]);
    assert.deepEqual((await asked('curl-tls-required', server({ range: same(moved) }))).ranges, [undefined]);
    assert.deepEqual((await asked('smtp', server({ range: same(moved) }))).ranges, [undefined]);
    const silent = server({ range: same(moved), reach: {} });
    assert.deepEqual((await asked('lftp-pasv-drop', silent)).ranges, [undefined]);
  });

  it('keeps what the log shows where the server gives no answer', async () => {
    const refuse = (): Promise<Status> => Promise.reject(new Error('gone'));
    const found = await diagnoseAgainst(logOf('lftp-pasv-drop'), refuse, () => 'It is gone.');
    assert.equal(found.cause, 'data-blocked');
    assert.equal(found.fact, 'This server could not be asked: It is gone.');
  });
});
