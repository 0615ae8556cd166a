import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

/** The checkout's root. */
export const CHECKOUT = dirname(dirname(import.meta.dirname));
/** Where the sandbox keeps what may be kept between runs. */
export const BUILD = `${CHECKOUT}/.build`;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string;
  /** After so many milliseconds the command is killed. Without it: 60 s. */
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A computer of the lab: one first process with namespaces of its own, gone with this process at the latest. */
export interface Machine {
  readonly name: string;
  /** The first process, as the host numbers it. */
  readonly pid: number;
  /** What to write before an argv to run it on this machine: clean environment, cwd `/`. */
  readonly enter: readonly string[];
  /** The machine's root as the host can read it. Absolute symbolic links in it lead to the host's root. */
  readonly root: string;
  /** All that it has written to its disk and that no host had before, as a tree that the host can read. */
  readonly disk: string;
  run(argv: readonly string[], options?: RunOptions): Promise<Ended>;
  spawn(argv: readonly string[], options?: { env?: Readonly<Record<string, string>> }): ChildProcess;
  /** Cuts the power. What was written stays on its ground. */
  stop(): Promise<void>;
}

/** The disks of machines: a tmpfs in a mount namespace of its own, so the host never sees it. */
export interface Ground {
  readonly pid: number;
  readonly path: string;
  stop(): Promise<void>;
}

/** A daemon that a command left behind may hold its output for ever: after the exit it gets a moment only. */
const SILENCE_MS = 200;

/** A process started like this dies when the one that started it does, also after SIGKILL. */
const DIE_WITH_ME = ['setpriv', '--pdeathsig', 'KILL', '--'];

const CLEAN = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  TERM: 'xterm-256color',
};

/** Starts the holder of a tmpfs on which machines keep their files from one power cycle to the next. */
export async function holdGround(): Promise<Ground> {
  const path = `${BUILD}/ground`;
  mkdirSync(path, { recursive: true });
  const script = 'mount -t tmpfs -o mode=0755 tmpfs "$1"; echo "ready $$"; exec sleep infinity';
  const holder = await start(['unshare', '--mount', '--', 'sh', '-ec', script, 'ground', path]);
  return { pid: holder.pid, path, stop: holder.stop };
}

/**
 * Switches a machine on. A second machine of the same name on the same ground finds the files of the first.
 * @throws Error with what the machine said when it could not start
 */
export async function startMachine(ground: Ground, name: string): Promise<Machine> {
  const { pid, stop } = await start([
    ...['nsenter', '--target', String(ground.pid), '--mount', '--'],
    ...['unshare', '--mount', '--net', '--pid', '--uts', '--ipc', '--kill-child', '--'],
    ...['sh', `${import.meta.dirname}/machine.sh`, name, ground.path, ...elsewhere()],
  ]);
  const enter = enterPrefix(pid);
  return {
    name,
    pid,
    enter,
    root: `/proc/${pid}/root`,
    disk: `/proc/${ground.pid}/root${ground.path}/${name}/upper`,
    run: (argv, options = {}) => finish(spawn0([...enter, ...setEnv(options.env), ...argv]), argv, options),
    spawn: (argv, options = {}) => spawn0([...enter, ...setEnv(options.env), ...argv]),
    stop,
  };
}

/** Runs a command on the host to its end. @throws Error when it does not end with code 0 */
export async function runOnHost(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  return ok(
    finish(spawn0([...DIE_WITH_ME, ...argv], { ...process.env, ...options.env }), argv, options),
    argv,
  );
}

/** The standard output of a command that must succeed. @throws Error with its words when it does not */
export async function ok(ending: Promise<Ended>, argv: readonly string[] = []): Promise<string> {
  const { code, signal, stdout, stderr } = await ending;
  if (code === 0) return stdout;
  throw new Error(
    `${argv.join(' ') || 'command'}: ${signal ?? `exit ${code ?? '?'}`}: ${stderr.trim() || stdout.trim()}`,
  );
}

function enterPrefix(pid: number): string[] {
  const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid'];
  const environment = Object.entries(CLEAN).map(([name, value]) => `${name}=${value}`);
  return [
    'nsenter',
    '--target',
    String(pid),
    ...namespaces,
    '--',
    ...DIE_WITH_ME,
    'env',
    '-i',
    ...environment,
  ];
}

function setEnv(env: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}

/** Paths that machines need and do not see: they lie on another file system, or where a machine has a room of its own. */
function elsewhere(): string[] {
  const device = statSync('/').dev;
  for (const path of ['/etc', '/usr', '/var']) {
    if (statSync(path).dev !== device)
      throw new Error(`The sandbox needs ${path} on the same file system as /.`);
  }
  const node = dirname(dirname(realpathSync(process.execPath)));
  return [CHECKOUT, node].filter((path) => statSync(path).dev !== device || /^\/(tmp|run|dev)\//.test(path));
}

function spawn0(argv: readonly string[], env: NodeJS.ProcessEnv = CLEAN): ChildProcess {
  const [file = '', ...rest] = argv;
  // In a session of its own, a Ctrl-C on the terminal is this process's affair alone.
  return spawn(file, rest, { cwd: '/', env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Starts a process that prints `ready PID` and stays. */
async function start(argv: readonly string[]): Promise<{ pid: number; stop: () => Promise<void> }> {
  const child = spawn0([...DIE_WITH_ME, ...argv]);
  child.stdin?.end();
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const gone = once(child, 'close');
  gone.catch(() => undefined);
  let pid = 0;
  if (child.stdout !== null) {
    for await (const line of createInterface({ input: child.stdout })) {
      pid = Number(/^ready (\d+)$/.exec(line)?.[1] ?? 0);
      if (pid !== 0) break;
    }
  }
  if (pid === 0) throw new Error(`A machine did not start: ${complaint.trim()}`);
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
    while (runs(pid)) await delay(5);
  };
  return { pid, stop };
}

/** Whether a process is still there and has not yet ended; a first process ends after all others of its machine. */
export function runs(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/**
 * Kills the command itself, so that nsenter collects it. Killing nsenter would leave the command's remains to the
 * host's first process, which in a container may never collect them.
 */
function killInside(child: ChildProcess): void {
  const { pid = 0 } = child;
  const inside = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  for (const each of inside === '' ? [pid] : inside.split(' ').map(Number)) process.kill(each, 'SIGKILL');
}

/** Resolves when nothing more comes; a test that was busy with something else takes in first what is there. */
async function silence(heard: () => number): Promise<void> {
  for (let before = -1; before !== heard();) {
    before = heard();
    await delay(SILENCE_MS, undefined, { ref: false });
    await turn();
  }
}

async function finish(child: ChildProcess, argv: readonly string[], options: RunOptions): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A command may leave before it has read everything.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.stdin ?? '');
  const timer = setTimeout(() => {
    stderr += `${argv.join(' ')}: killed after its time\n`;
    killInside(child);
  }, options.timeoutMs ?? 60_000);
  try {
    // A daemon that the command left behind may hold the pipes for ever: after the exit they get a moment only.
    const closed = once(child, 'close');
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    await Promise.race([closed, silence(() => stdout.length + stderr.length)]);
    return { code, signal, stdout, stderr };
  } finally {
    clearTimeout(timer);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}
