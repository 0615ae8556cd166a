import type { FileFact, FileFacts } from '../../src/core/file.ts';
import { readStore } from '../../src/core/store.ts';
import { fact, type NatMap } from './cpanel.ts';

export const PROFTPD = {
  local: '/var/cpanel/conf/proftpd/local',
  main: '/var/cpanel/conf/proftpd/main',
  conf: '/etc/proftpd.conf',
} as const;

type Values = Record<string, string | null>;

const DEFAULTS: Values = { PassivePorts: '49152 65534', TimeoutIdle: '600' };
/** The keys that are rendered; others stay in the stores. */
const SERVER_KEYS = ['MasqueradeAddress', 'TimeoutIdle', 'MaxInstances'];

/**
 * What cPanel reportedly does for ProFTPD: `local` over `main` over the first line of each key in the file over
 * defaults, kept in `main`; the ports inside `<Global>` only, the rest at server level. A null leaves the line that is
 * there, and gives a missing one no value. Where NAT maps the main address and no line tells one, one is added.
 */
export function renderProftpd(files: FileFacts, nat: NatMap, now: number): Map<string, FileFact | null> {
  const conf = files.get(PROFTPD.conf)?.text ?? '<Global>\n</Global>\n';
  const local = storeValues(files, PROFTPD.local);
  const merged: Values = { ...DEFAULTS, ...firstLines(conf), ...storeValues(files, PROFTPD.main), ...local };
  const main = Object.entries(merged).map(([key, value]) => `${key}: ${value ?? '~'}\n`);
  const after = new Map(files);
  after.set(PROFTPD.main, fact(PROFTPD.main, `---\n${main.join('')}`, now));
  after.set(`${PROFTPD.main}.cache`, fact(`${PROFTPD.main}.cache`, JSON.stringify(merged), now));
  after.set(`${PROFTPD.local}.cache`, fact(`${PROFTPD.local}.cache`, JSON.stringify(local), now));
  after.set(PROFTPD.conf, fact(PROFTPD.conf, edit(conf, merged, nat), now));
  return after;
}

function storeValues(files: FileFacts, path: string): Values {
  const [file, cache] = [files.get(path), files.get(`${path}.cache`)];
  if (file && cache && cache.mtimeMs >= file.mtimeMs) return JSON.parse(cache.text) as Values;
  const store = readStore(file?.text ?? '');
  return store.ok ? Object.fromEntries(store.values) : {};
}

function firstLines(conf: string): Values {
  const values: Values = {};
  for (const key of ['PassivePorts', ...SERVER_KEYS]) {
    const [, value] = new RegExp(`^[ \\t]*${key}[ \\t]+"?([^"#\\n]*[^"#\\s])`, 'im').exec(conf) ?? [];
    if (value !== undefined) values[key] = value;
  }
  return values;
}

function edit(conf: string, values: Values, nat: NatMap): string {
  const lines = conf.replace(/\n$/, '').split('\n');
  const range = `  PassivePorts ${values['PassivePorts'] ?? ''}`;
  const opening = lines.findIndex((line) => /^\s*<Global>/i.test(line));
  if (opening >= 0) {
    const closing = lines.findIndex((line) => /^\s*<\/Global>/i.test(line));
    const own = lines.findIndex(
      (line, index) => index > opening && index < closing && /^\s*PassivePorts\b/i.test(line),
    );
    lines.splice(own < 0 ? opening + 1 : own, own < 0 ? 0 : 1, range);
  }
  for (const key of SERVER_KEYS.filter((each) => each in values))
    setAtServer(lines, key, values[key] ?? null);
  if (nat.public !== '' && atServer(lines, 'MasqueradeAddress') < 0)
    lines.push(`MasqueradeAddress ${nat.public}`);
  return `${lines.join('\n')}\n`;
}

function setAtServer(lines: string[], key: string, value: string | null): void {
  const own = atServer(lines, key);
  if (own >= 0) {
    if (value !== null) lines[own] = `${key} ${value}`;
    return;
  }
  const host = lines.findIndex((line) => /^\s*<VirtualHost\b/i.test(line));
  lines.splice(host < 0 ? lines.length : host, 0, `${key} ${value ?? ''}`);
}

function atServer(lines: readonly string[], key: string): number {
  let depth = 0;
  return lines.findIndex((line) => {
    if (/^\s*<\//.test(line)) depth--;
    else if (/^\s*</.test(line)) depth++;
    return depth === 0 && new RegExp(`^\\s*${key}\\b`, 'i').test(line);
  });
}
