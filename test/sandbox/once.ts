import { ADDRESS } from './lab.ts';
import type { Sandbox } from './sandbox.ts';
import { type FtpAnswer, type Met, type PassiveAnswer, probe, transfer } from './transfer.ts';
import { type Browser, logIn } from './whm/browser.ts';

type Say = (line: string) => void;

const PAGE = '/cgi/ftp_passive/index.cgi';

/**
 * The main job without a browser: the transfer fails, the plugin's page is used through WHM, the transfer succeeds.
 * @returns whether all of that was so
 */
export async function mainJob(sandbox: Sandbox, say: Say): Promise<boolean> {
  say('Before');
  if (!(await failsBefore(sandbox, say))) {
    say('\nPassive FTP works already, so there is nothing to show.');
    return false;
  }

  say('\nThe page in WHM');
  const [root] = sandbox.users;
  if (root === undefined) throw new Error('The sandbox has no root.');
  const browser = await logIn(sandbox.url, root);
  const applied = await applyOn(browser, say);

  say('\nAfter');
  const works = await worksAfter(sandbox, say);
  const proven = applied && works;
  say(`\n${proven ? 'Passive FTP did not work before, and works now.' : 'The main job was not proven.'}`);
  return proven;
}

async function failsBefore({ client }: Sandbox, say: Say): Promise<boolean> {
  const found = await probe(client);
  for (const line of described(found)) say(`  ${line}`);
  const { ok, why } = await transfer(client, 'curl', 'PASV');
  say(`  curl, PASV, 1 MiB: ${ok ? 'transferred' : `failed: ${why}`}`);
  return !ok && found.pasv?.data !== 'open';
}

async function worksAfter({ client }: Sandbox, say: Say): Promise<boolean> {
  const found = await probe(client);
  for (const line of described(found)) say(`  ${line}`);
  let all = found.pasv?.address === ADDRESS.public && found.pasv.data === 'open';
  // One judge after the other: a server takes so many connections from one address only.
  for (const judge of ['curl', 'lftp'] as const) {
    const done = await Promise.all(
      EVERY.map(async (each) => ({
        each,
        came: await transfer(client, judge, each.mode, each.host, { tls: each.tls }),
      })),
    );
    for (const { each, came } of done) {
      all &&= came.ok;
      const sums = `sha256 up ${came.sent.slice(0, 16)}…, down ${came.received?.slice(0, 16) ?? '-'}…`;
      say(
        `  ${judge}, ${each.name}, 1 MiB up and down: ${came.ok ? `equal, ${sums}` : `failed: ${came.why}`}`,
      );
    }
  }
  return all;
}

/** Every way to ask for a data connection: the two modes over IPv4, EPSV over IPv6, each plain and with TLS. */
const EVERY = (['FTP', 'FTPS'] as const).flatMap((protocol) =>
  (
    [
      ['PASV', 'IPv4', ADDRESS.public],
      ['EPSV', 'IPv4', ADDRESS.public],
      ['EPSV', 'IPv6', ADDRESS.ipv6],
    ] as const
  ).map(([mode, family, host]) => ({
    name: `${protocol}, ${mode}, ${family}`,
    tls: protocol === 'FTPS',
    mode,
    host,
  })),
);

function described({ pasv, epsv }: FtpAnswer): string[] {
  return [pasv, epsv].flatMap((answer) => (answer === null ? [] : [answer.reply, `  ${verdict(answer)}`]));
}

function verdict({ address, port, data }: PassiveAnswer): string {
  if (address === null || port === null || data === null) return 'The server names no port.';
  const isPrivate = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address);
  if (isPrivate) return `${address} is a private address: nobody on the internet can connect to it.`;
  return `Data connection to ${address} port ${port}: ${WORDS[data]}.`;
}

const WORDS: Record<Met, string> = {
  open: 'open',
  refused: 'nobody listens there',
  unreachable: 'blocked, a firewall refuses it',
  timeout: 'blocked, no answer within 4 s',
};

async function applyOn(browser: Browser, say: Say): Promise<boolean> {
  // Both take their time, so they are asked for at once.
  const [status, plan] = await Promise.all([page(browser, 'status'), page(browser, 'plan')]);
  say(`  GET ?r=status: 200, ${status.length} characters`);
  for (const finding of findings(status)) say(`    ${finding}`);
  say(`  GET ?r=plan: 200, ${plan.length} characters`);
  const form = formOf(plan);
  const { status: code, headers, body } = await browser.post(`${PAGE}?r=apply`, form);
  const run = /[?&]r=runs\/([\w-]+)/.exec(headers.location ?? '')?.[1];
  say(`  POST ?r=apply: ${code}${run === undefined ? '' : `, run ${run}`}`);
  if (run === undefined) throw new Error(`The page did not start a run: ${text(body).slice(0, 500)}`);
  return follow(browser, run, say);
}

async function page(browser: Browser, which: 'status' | 'plan'): Promise<string> {
  const { status, body } = await browser.get(`${PAGE}?r=${which}`);
  if (status !== 200)
    throw new Error(`WHM answers ${status} to ${PAGE}?r=${which}: ${text(body).slice(0, 500)}`);
  return body;
}

/** Follows a run's recording, as the page does, to its end. @returns whether it was done */
async function follow(browser: Browser, run: string, say: Say): Promise<boolean> {
  let kept = '';
  let offset = 0;
  let ended: string | undefined;
  for (const deadline = Date.now() + 300_000; ended === undefined && Date.now() < deadline;) {
    for await (const chunk of browser.stream(`${PAGE}?r=runs/${run}/events&offset=${offset}`)) {
      offset += chunk.length;
      const lines = `${kept}${chunk.toString('latin1')}`.split('\n');
      kept = lines.pop() ?? '';
      for (const line of lines) {
        const event = JSON.parse(Buffer.from(line, 'latin1').toString()) as unknown;
        if (!Array.isArray(event)) continue;
        const [, kind, value] = event as [number, string, string];
        if (kind === 'm') say(`  [${value}]`);
        if (kind === 'o') for (const row of value.split(/\r?\n/)) if (row.trim() !== '') say(`    ${row}`);
        if (kind === 'm' && value.startsWith('run ')) ended = value;
      }
    }
  }
  return ended?.startsWith('run done') ?? false;
}

/** The hidden fields of the form that runs the plan. @throws Error when the page has none */
export function formOf(html: string, action = 'apply'): Record<string, string> {
  const form = new RegExp(`<form[^>]*action="\\?r=${action}"[^>]*>(.*?)</form>`, 's').exec(html)?.[1];
  if (form === undefined) throw new Error(`The page shows no plan to apply: ${text(html).slice(0, 500)}`);
  const inputs = form.matchAll(/<input[^>]*\bname="([^"]*)"[^>]*\bvalue="([^"]*)"/g);
  return Object.fromEntries([...inputs].map(([, name = '', value = '']) => [name, plain(value)]));
}

/** What the status page says is wrong. */
function findings(html: string): string[] {
  const found = html.matchAll(/<li class="finding level-(?:bad|warn)">(.*?)<\/li>/gs);
  return [...found].map(([, finding = '']) => text(finding));
}

function text(html: string): string {
  return plain(
    html
      .replace(/<(style|script)\b.*?<\/\1>/gs, ' ')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}

function plain(html: string): string {
  const named: Record<string, string> = {
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    '#x27': "'",
    '#39': "'",
    '#x3D': '=',
    '#x60': '`',
  };
  return html.replace(/&([#\w]+);/g, (whole, name: string) => named[name] ?? whole);
}
