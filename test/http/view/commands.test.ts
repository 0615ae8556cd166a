import assert from 'node:assert/strict';
import { commandsIn } from '../../../src/http/view/commands.ts';

describe('the commands in a sentence', () => {
  for (const [sentence, commands] of [
    ['Set up passive FTP.', []],
    [
      'Set up passive FTP again, or run "ftp-passive ensure"; "ftp-passive watch on" does that by itself.',
      ['ftp-passive ensure', 'ftp-passive watch on'],
    ],
    [
      'Keep it: ftp-passive confirm r-1. Put it back now: ftp-passive undo r-1.',
      ['ftp-passive confirm r-1', 'ftp-passive undo r-1'],
    ],
    [
      'run /usr/local/cpanel/scripts/build_cpnat before; /usr/local/cpanel/scripts/build_cpnat asks for it.',
      ['/usr/local/cpanel/scripts/build_cpnat'],
    ],
    [
      'else reserve them (sysctl net.ipv4.ip_local_reserved_ports=49152-60999).',
      ['sysctl net.ipv4.ip_local_reserved_ports=49152-60999'],
    ],
    ['systemctl enable iptables ip6tables', ['systemctl enable iptables ip6tables']],
    ['Set IPV6=yes in /etc/default/ufw and run "ufw reload", or not.', ['ufw reload']],
    ['Set DEVEL_MODE="0" in /etc/apf/conf.apf and run "apf -r".', ['apf -r']],
  ] as const) {
    it(`are ${commands.length === 0 ? 'none' : commands.join(' and ')}: ${sentence}`, () => {
      assert.deepEqual(commandsIn(sentence), commands);
    });
  }
});
