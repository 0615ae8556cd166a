import type { Control, Dial } from '../../src/ftp/probe.ts';
import { readDirective } from '../../src/core/conf.ts';

/** A running Pure-FTPd: it serves by the file as it was when it started. */
export interface Daemon {
  running: boolean;
  pid: number;
  startedMs: number;
  conf: string;
}

/** Connections to the daemon: it tells ports of its range in turn, and sends a listing of five bytes. */
export function fakeDial(daemon: Daemon, host: string): Dial {
  return {
    control(to, port) {
      if (!daemon.running || to !== host || port !== 21)
        return Promise.reject(new Error('connect ECONNREFUSED'));
      return Promise.resolve(controlTo(daemon, host));
    },
    data: () => Promise.resolve({ all: () => Promise.resolve(new Uint8Array(5)), close: () => undefined }),
  };
}

function controlTo(daemon: Daemon, host: string): Control {
  const replies = ['220 Welcome'];
  const told = readDirective(daemon.conf, 'ForcePassiveIP').at(-1);
  const [low = 1024] = (readDirective(daemon.conf, 'PassivePortRange').at(-1) ?? '1024 65535')
    .split(' ')
    .map(Number);
  let next = low;
  const answers: Readonly<Record<string, () => readonly string[]>> = {
    USER: () => ['331 Password required'],
    PASS: () => ['230 OK'],
    PASV: () => [
      `227 Entering Passive Mode (${(told ?? host).replaceAll('.', ',')},${next >> 8},${next++ & 255})`,
    ],
    EPSV: () => [`229 Extended Passive mode OK (|||${next++}|)`],
    LIST: () => ['150 Accepted', '226 Done'],
    QUIT: () => ['221 Bye'],
  };
  return {
    reply() {
      const text = replies.shift();
      if (text === undefined) return Promise.reject(new Error('no answer for 10 seconds'));
      return Promise.resolve({ code: Number(text.slice(0, 3)), text });
    },
    send: (line) => void replies.push(...(answers[line.split(' ')[0] ?? '']?.() ?? ['500 Unknown command'])),
    close: () => undefined,
  };
}
