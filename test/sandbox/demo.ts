import { setTimeout as delay } from 'node:timers/promises';
import { type DemoOptions, parseDemo } from './demo-options.ts';
import { mainJob } from './once.ts';
import { installPackages } from './packages.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';

const options = parseDemo(process.argv.slice(2));
if ('refusal' in options) {
  console.error(options.refusal);
  process.exit(2);
}
process.exitCode = await demo(options).catch((problem: unknown) => {
  console.error(problem instanceof Error ? problem.message : problem);
  return 1;
});

async function demo(chosen: DemoOptions): Promise<number> {
  const stopped = signalled();
  await installPackages(chosen.sandbox.ftp, (line) => console.error(line));
  const sandbox = await startSandbox({ ...chosen.sandbox, install: true });
  try {
    if (chosen.once) {
      const proven = await Promise.race([
        mainJob(sandbox, (line) => console.log(line)),
        stopped.then(() => null),
      ]);
      return proven === null ? 130 : proven ? 0 : 1;
    }
    console.log(
      chosen.json
        ? JSON.stringify(described(sandbox))
        : inWords(sandbox, chosen.sandbox.ftp === 'proftpd' ? 'ProFTPD' : 'Pure-FTPd'),
    );
    await stopped;
    return 0;
  } finally {
    await sandbox.stop();
  }
}

/** Resolves at the first signal that asks to end. A demo whose terminal is gone ends too. */
async function signalled(): Promise<void> {
  const caught = ['SIGTERM', 'SIGINT', 'SIGHUP'].map(
    (name) => new Promise<void>((resolve) => process.once(name, () => resolve())),
  );
  await Promise.race(caught);
  // Whoever starts it again must not meet it half gone.
  void delay(10_000, undefined, { ref: false }).then(() => process.exit(1));
}

/** The contract: one line with the address and the log-ins, and how to enter each machine. */
function described(sandbox: Sandbox): object {
  return {
    url: sandbox.url,
    users: sandbox.users,
    ftpUser: sandbox.ftpUser,
    livePort: sandbox.livePort,
    enter: { server: sandbox.server.enter, client: sandbox.client.enter, router: sandbox.router.enter },
  };
}

function inWords(sandbox: Sandbox, ftp: string): string {
  const users = sandbox.users.map(
    ({ name, password, acls }) =>
      `  ${name.padEnd(6)} ${password.padEnd(14)} ${acls ? `a reseller with ${acls.join(', ')}` : 'may everything'}`,
  );
  return `
A stand-in for WHM is ready, with a real ${ftp} and a real firewall behind it:

  ${sandbox.url}

Your browser does not know its certificate and will ask. Log in as

${users.join('\n')}

then open FTP Passive Mode in the menu on the left. The customer ${sandbox.ftpUser.name} has FTP with the password
${sandbox.ftpUser.password}. To look around on the server, as root:

  ${sandbox.server.enter.slice(0, sandbox.server.enter.indexOf('--')).join(' ')} -- bash

Ctrl-C ends it and leaves nothing behind.`;
}
