import assert from 'node:assert/strict';
import type { Status } from '../../../src/core/status.ts';
import { modesOf, type ModePicture } from '../../../src/http/view/modes.ts';
import { pathOf } from '../../../src/http/view/path.ts';
import { BROKEN_STATUS, GOOD_STATUS } from '../samples.ts';

function passiveOf(status: Status): ModePicture {
  const [passive] = modesOf(status, pathOf(status));
  assert.ok(passive);
  return passive;
}

const BLOCKED: Status = { ...GOOD_STATUS, firewall: BROKEN_STATUS.firewall };

describe('the pictures of the modes', () => {
  it('name the address and the ports that this server tells clients', () => {
    const { texts, says } = passiveOf(GOOD_STATUS);
    const drawn = texts.map(({ text }) => text);
    assert.ok(drawn.includes('2. “come to 203.0.113.10”'), drawn.join());
    assert.ok(drawn.includes('3. the file, port of 49152-65534'), drawn.join());
    assert.match(says, /This server lets the client in there\.$/);
  });

  it('show the local address where that is what clients are told', () => {
    const { says, marks } = passiveOf(BROKEN_STATUS);
    assert.match(says, /“come to 10\.0\.0\.5, to a port of 30000-50000”/);
    assert.match(says, /That address leads nowhere from the internet/);
    assert.equal(marks.length, 1);
  });

  it('end the connection at the firewall that blocks it, and nowhere when nothing does', () => {
    assert.match(passiveOf(BLOCKED).says, /This server’s firewall keeps the client out/);
    assert.deepEqual(passiveOf(GOOD_STATUS).marks, []);
  });

  it('claim nothing of what was not seen', () => {
    const unknown: Status = { ...GOOD_STATUS, firewall: { active: 'none', others: [], reach: {} } };
    assert.match(passiveOf(unknown).says, /is not known\.$/);
    const [, active] = modesOf(GOOD_STATUS, pathOf(GOOD_STATUS));
    assert.equal(active?.marks.length, 1);
  });
});
