import assert from 'node:assert/strict';
import { checkAnswer } from '../../src/cli/check.ts';
import type { Finding } from '../../src/core/finding.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import type { Status } from '../../src/core/status.ts';
import { RIGHT } from '../diagnosis/server.ts';

const finding = (id: string, level: Finding['level'], fact = 'A fact.'): Finding => {
  return { id, level, title: `Title of ${id}`, fact, fix: '' };
};

function answer(ok: Status['ok'], ...findings: Finding[]): ReturnType<typeof checkAnswer> {
  return checkAnswer({ ...RIGHT, ok, findings }, DEFAULT_SETTINGS);
}

describe('the answer to a monitoring system', () => {
  it('is OK where nothing is wrong', () => {
    const { code, line, document } = answer(
      true,
      finding('range-right', 'good'),
      finding('range-kernel', 'info'),
    );
    assert.deepEqual([code, line], [0, 'FTP-PASSIVE OK: passive FTP is set up right\n']);
    assert.deepEqual(document, { state: 'OK', layer: null, finding: null, layers: [] });
  });

  it('is CRITICAL and names the lowest layer that is not right, and the others', () => {
    const { code, line, document } = answer(
      false,
      finding('undone-by', 'warn'),
      finding('boot-blocked', 'bad'),
      finding('range-blocked-ipv4', 'bad', '49152-65534 rejected by: a|b\n c.'),
    );
    assert.equal(code, 2);
    assert.equal(
      line,
      'FTP-PASSIVE CRITICAL: firewall now: Title of range-blocked-ipv4. 49152-65534 rejected by: a/b c. Also: firewall after boot.\n',
    );
    assert.equal(document['layer'], 'firewall now');
    assert.deepEqual(document['layers'], [
      { layer: 'firewall now', finding: 'range-blocked-ipv4' },
      { layer: 'firewall after boot', finding: 'boot-blocked' },
    ]);
  });

  it('is WARNING where nothing is worse', () => {
    const { code, line } = answer(false, finding('range-not-kept', 'warn'));
    assert.equal(code, 1);
    assert.match(line, /^FTP-PASSIVE WARNING: stores: Title of range-not-kept\. A fact\.\n$/);
  });

  it('is UNKNOWN where it could not be told, with the reason', () => {
    const { code, line } = answer(null, finding('reach-unknown', 'warn', 'Namespaces are refused.'));
    assert.equal(code, 3);
    assert.match(line, /^FTP-PASSIVE UNKNOWN: firewall now: .*Namespaces are refused\.\n$/);
    assert.equal(answer(null).line, 'FTP-PASSIVE UNKNOWN: it could not be told whether passive FTP works\n');
  });

  it('tells of a run that was cut off before anything else', () => {
    const { line, document } = answer(
      false,
      finding('run-interrupted', 'bad'),
      finding('range-wrong', 'bad'),
    );
    assert.match(line, /^FTP-PASSIVE CRITICAL: Title of run-interrupted\. A fact\. Also: [a-z ]+\.\n$/);
    assert.equal(document['layer'], null);
  });
});
