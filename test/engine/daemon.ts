import type { Control, Data, Dial } from '../../src/ftp/dial.ts';
import { readDirective } from '../../src/core/conf.ts';

/** A running Pure-FTPd: it serves by the file as it was when it started. */
export interface Daemon {
  running: boolean;
  pid: number;
  startedMs: number;
  conf: string;
  /** What it answers instead of the usual, by verb. */
  words?: Readonly<Record<string, string>>;
  /** Whether it takes no login without TLS. */
  tlsOnly?: boolean;
}

/** What was uploaded comes back; a listing has five bytes. */
function dataOf(kept: { last: Uint8Array; verb: string }): Data {
  return {
    secure: () => Promise.resolve(),
    all: () => Promise.resolve(kept.verb === 'RETR' ? kept.last : new Uint8Array(5)),
    send(bytes) {
      kept.last = bytes;
      return Promise.resolve();
    },
    close: () => undefined,
  };
}

/** Connections to the daemon: it tells ports of its range in turn, and sends a listing of five bytes. */
export function fakeDial(daemon: Daemon, host: string, further: readonly string[] = []): Dial {
  return {
    pause: () => Promise.resolve(),
    control(to, port) {
      if (!daemon.running || (to !== host && !to.includes(':') && !further.includes(to)) || port !== 21)
        return Promise.reject(new Error('connect ECONNREFUSED'));
      return Promise.resolve(controlTo(daemon, to));
    },
  };
}

function controlTo(daemon: Daemon, host: string): Control {
  const replies = ['220 Welcome'];
  const told = readDirective(daemon.conf, 'ForcePassiveIP').at(-1);
  const [low = 1024] = (readDirective(daemon.conf, 'PassivePortRange').at(-1) ?? '1024 65535')
    .split(' ')
    .map(Number);
  let next = low;
  const kept = { last: new Uint8Array(), verb: '' };
  let entered = false;
  let secured = false;
  const answers: Readonly<Record<string, () => readonly string[]>> = {
    USER: () => ['331 Password required'],
    PASS: () => {
      entered = true;
      return ['230 OK'];
    },
    AUTH: () => ['234 AUTH TLS OK.'],
    PBSZ: () => ['200 PBSZ=0'],
    PROT: () => ['200 Data protection level set to "private"'],
    PASV: () => [
      `227 Entering Passive Mode (${(told ?? host).replaceAll('.', ',')},${next >> 8},${next++ & 255})`,
    ],
    EPSV: () => [`229 Extended Passive mode OK (|||${next++}|)`],
    LIST: () => ['150 Accepted', '226 Done'],
    TYPE: () => ['200 Binary'],
    STOR: () => ['150 Accepted', '226 Done'],
    RETR: () => ['150 Accepted', '226 Done'],
    DELE: () => ['250 Deleted'],
    QUIT: () => ['221 Bye'],
  };
  return {
    reply() {
      const text = replies.shift();
      if (text === undefined) return Promise.reject(new Error('no answer for 10 seconds'));
      return Promise.resolve({ code: Number(text.slice(0, 3)), text });
    },
    send(line) {
      kept.verb = line.split(' ')[0] ?? '';
      const refusal: Readonly<Record<string, string>> =
        daemon.tlsOnly === true && !secured ? { USER: '421 Please reconnect using TLS.' } : {};
      const word = refusal[kept.verb] ?? daemon.words?.[kept.verb];
      const early = !entered && ['PASV', 'EPSV'].includes(kept.verb);
      replies.push(
        ...(word !== undefined
          ? [word]
          : early
            ? ["530 You aren't logged in"]
            : (answers[kept.verb]?.() ?? ['500 Unknown command'])),
      );
    },
    secure() {
      secured = true;
      return Promise.resolve({ protocol: 'TLSv1.3', subject: 'CN=server.example.com' });
    },
    data: () => Promise.resolve(dataOf(kept)),
    close: () => undefined,
  };
}
