import { linesOf, type Line } from './lines.ts';
import type { Attempt, Failure, Log, Mode, Session } from './log.ts';
import { remarkOf, type Remark } from './remarks.ts';
import { shapeOf, type Client, type Shape } from './shapes.ts';
import { toldByEpsv, toldByPasv } from './told.ts';

type Draft<T> = { -readonly [K in keyof T]: T[K] };

const TRANSFERS = /^(?:LIST|NLST|MLSD|RETR|STOR|STOU|APPE)\b/;
const CONTROL_PORT = 21;
/** Seconds after which a failure of unknown words must have been a wait for an answer. */
const PATIENCE = 5;

/** A few lines tell this program from those that look like it, and every client has lines that could be bare. */
const WEIGHTS: Partial<Record<Client, number>> = { 'Windows ftp': 1000, transcript: 0.01 };

/** Reads a log line by line, as the conversation that it was. */
export function readLog(log: string): Log {
  const lines = linesOf(log);
  const readers = new Map<string, Reader>();
  const votes = new Map<Client, number>();
  for (const line of lines) {
    const shape = shapeOf(line.text);
    const vote = shape.client ?? (shape.kind === 'loose' ? null : 'transcript');
    if (vote !== null) votes.set(vote, (votes.get(vote) ?? 0) + (WEIGHTS[vote] ?? 1));
    const reader = readers.get(shape.thread) ?? createReader();
    readers.set(shape.thread, reader);
    reader.take(line, shape);
  }
  const [client = null] = [...votes].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const ends = [...readers.values()].map((reader) => reader.end());
  const found = {
    sessions: ends.flatMap(({ sessions }) => sessions),
    attempts: ends.flatMap(({ attempts }) => attempts).sort((a, b) => a.ask.number - b.ask.number),
    sftp: ends.some(({ sftp }) => sftp),
  };
  const talks = found.attempts.length > 0 || found.sessions.some(({ greeted }) => greeted);
  return { client: client === 'transcript' && !talks ? null : client, lines, ...found };
}

interface Reader {
  take(line: Line, shape: Shape): void;
  end(): Pick<Log, 'sessions' | 'attempts' | 'sftp'>;
}

function createReader(): Reader {
  const sessions: Draft<Session>[] = [];
  const attempts: Draft<Attempt>[] = [];
  let pending: Draft<Attempt> | null = null;
  let asked = '';
  let secure = false;
  let sftp = false;
  let heard: number | null = null;

  const session = (): Draft<Session> => sessions.at(-1) ?? connect(null, null);

  function connect(address: string | null, port: number | null): Draft<Session> {
    settle();
    secure = false;
    asked = '';
    const fresh: Draft<Session> = {
      address,
      port,
      tried: false,
      server: null,
      greeted: false,
      login: 'unknown',
      failure: null,
    };
    sessions.push(fresh);
    return fresh;
  }

  /** An attempt of which no end was seen, though the client went on to move data, ended in silence. */
  function settle(): void {
    if (pending !== null && isOpen(pending) && (pending.transfer ?? pending.dialled) !== null)
      pending.failure = { how: 'silence', line: pending.transfer ?? pending.dialled?.line ?? pending.ask };
    pending = null;
  }

  function attempt(mode: Mode, ask: Line): Draft<Attempt> {
    settle();
    const fresh: Draft<Attempt> = {
      ...{ mode, session: session(), secure, ask, told: null, denied: null, replaced: null, dialled: null },
      ...{ opened: null, transfer: null, begun: null, done: null, refusal: null, failure: null },
    };
    attempts.push(fresh);
    pending = fresh;
    return fresh;
  }

  function command(line: Line, text: string, client: Client | null): void {
    session();
    asked = (/^[A-Z@]+/.exec(text)?.[0] ?? '').replace('P@SW', 'PASV');
    if (/^PROT\b/.test(text)) secure = /^PROT P/.test(text);
    if (asked === 'PASV') attempt('pasv', line);
    else if (asked === 'EPSV' && !/ALL/.test(text)) attempt('epsv', line);
    else if (asked === 'PORT' || asked === 'EPRT') attempt('active', line);
    else if (TRANSFERS.test(text)) {
      // By default some clients leave out the question for the port.
      const quiet = client === 'FileZilla' || client === 'WinSCP';
      if (pending?.transfer === null) pending.transfer = line;
      // This one connects first and says nothing of it.
      if (client === 'Python ftplib' && pending?.told != null) pending.opened ??= line;
      if (pending === null && quiet) attempt('unknown', line).transfer = line;
    }
  }

  function reply(line: Line, text: string): void {
    const code = Number(text.slice(0, 3));
    const now = session();
    if (/Pure-FTPd/.test(text)) now.server = 'pure-ftpd';
    if (/ProFTPD/.test(text)) now.server = 'proftpd';
    if (text.startsWith('fzSftp')) sftp = true;
    if (text[3] === '-') return;
    if (code === 220 && !/SMTP/.test(text)) {
      if (now.greeted && (asked === '' || asked === 'QUIT')) connect(null, null);
      session().greeted = true;
    }
    if (code === 230 || code === 232) now.login = 'done';
    if (code === 530 && now.login === 'unknown' && asked !== 'AUTH') now.login = 'refused';
    if (code === 200 && /^200 PORT command/i.test(text) && asked !== 'PORT' && asked !== 'EPRT')
      attempt('active', line);
    else if (code === 227)
      (pending?.told === null ? pending : attempt('pasv', line)).told = toldByPasv(line, text);
    else if (code === 229)
      (pending?.told === null ? pending : attempt('epsv', line)).told = toldByEpsv(line, text);
    else if (pending !== null) outcome(pending, line, code);
  }

  function outcome(of: Draft<Attempt>, line: Line, code: number): void {
    const asking = asked === 'PASV' || asked === 'EPSV' || asked === 'PORT' || asked === 'EPRT';
    if (asking && code >= 400 && of.told === null) of.denied ??= { line, code };
    else if (TRANSFERS.test(asked) || of.transfer !== null || of.mode === 'active') {
      if (code < 200) of.begun ??= line;
      else if (code === 226 || code === 250) of.done ??= line;
      else if (code >= 400) of.refusal ??= { line, code };
    }
  }

  function remark(line: Line, said: Remark): void {
    if (said.says === 'connecting' || said.says === 'connected' || said.says === 'dialling') peer(line, said);
    else if (said.says === 'sftp') sftp = true;
    else if (said.says === 'secured') secure = true;
    else if (said.says === 'failed') failed(line, said.how);
    else if (said.says === 'replaced') (pending ?? attempt('pasv', line)).replaced ??= line;
    else if (pending !== null) pending.opened ??= line;
  }

  function peer(
    line: Line,
    { says, address, port }: Extract<Remark, { says: 'connecting' | 'connected' | 'dialling' }>,
  ): void {
    const told = pending?.told?.port ?? null;
    const forData = told !== null && (says === 'dialling' || port === told) && port !== CONTROL_PORT;
    if (pending !== null && forData) {
      if (says === 'connected') pending.opened ??= line;
      else pending.dialled ??= { address, line };
    } else if (says === 'connected' && pending?.dialled != null && pending.failure === null) {
      // curl names the control port when the data connection stands.
      pending.opened ??= line;
    } else if (says === 'connecting' || sessions.length === 0) connect(address, port).tried = true;
    else session().address ??= address;
  }

  function failed(line: Line, how: Failure['how']): void {
    if (pending === null || pending.done !== null || isUnanswered(pending)) {
      session().failure ??= { line, how };
      return;
    }
    // The first word that says how counts; those that follow say that it failed.
    if (pending.failure === null || pending.failure.how === 'other') pending.failure = { line, how };
  }

  return {
    take(line, shape) {
      const waited = shape.at !== null && heard !== null ? (shape.at - heard + 86_400) % 86_400 : 0;
      heard = shape.at ?? heard;
      if (shape.kind === 'command') command(line, shape.text, shape.client);
      else if (shape.kind === 'reply') reply(line, shape.text);
      else {
        const said = remarkOf(shape.text, shape.kind);
        if (said !== null) remark(line, said);
        if (pending?.failure?.line === line && pending.failure.how === 'other' && waited >= PATIENCE)
          pending.failure = { line, how: 'timeout' };
      }
    },
    end() {
      settle();
      return { sessions, attempts, sftp };
    },
  };
}

function isOpen(attempt: Attempt): boolean {
  return (
    attempt.done === null && attempt.refusal === null && attempt.denied === null && attempt.failure === null
  );
}

/** Whether the client does not know yet where the data connection goes. */
function isUnanswered({ mode, told, replaced }: Attempt): boolean {
  return (mode === 'pasv' || mode === 'epsv') && told === null && replaced === null;
}
