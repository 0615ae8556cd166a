import { createHash, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { rememberAnswers, type Note } from './engine/answers.ts';
import { readRemembered } from './engine/remembered.ts';
import type { EnginePorts } from './engine/survey.ts';
import { csf } from './firewall/csf/csf.ts';
import { firewalld } from './firewall/firewalld/firewalld.ts';
import { iptables } from './firewall/iptables/iptables.ts';
import { nftables } from './firewall/nftables/nftables.ts';
import { ufw } from './firewall/ufw/ufw.ts';
import { proftpd } from './ftp/proftpd.ts';
import { pureftpd } from './ftp/pureftpd.ts';
import { keptFor } from './runs/basis.ts';
import type { Product } from './runs/product.ts';
import { auditedRunner } from './runs/audited.ts';
import { openBook } from './runs/book.ts';
import { openGrants } from './runs/grants.ts';
import { openRunner } from './runs/runner.ts';
import { openTail } from './runs/tail.ts';
import { openAudit, openJournal } from './system/audit-log.ts';
import { exclusiveBy } from './system/exclusive.ts';
import { deadManWith } from './system/dead-man.ts';
import { dial } from './system/dial.ts';
import { runCommand } from './system/exec.ts';
import { files } from './system/files.ts';
import { COLUMNS, prepareTerminals, ROWS } from './system/pty.ts';
import { rootOnly } from './system/root-only.ts';
import { openShelf } from './system/shelf.ts';
import { openOutside } from './wiring-outside.ts';
import { rulesPorts } from './wiring-ports.ts';

/** All that the product keeps, readable by root alone. */
export const STATE = '/var/lib/whm-ftp-passive';
const SETTINGS = `${STATE}/settings.json`;
/** In memory and gone with a boot, since another kernel may answer otherwise; install.sh removes it. */
export const ANSWERS = '/run/whm-ftp-passive/answers.json';

/**
 * The product with its real effects: the one place where the parts meet.
 * @param answers where the answers of twins are kept
 */
export function openProduct(answers: Note): Product {
  const launcher = fileURLToPath(new URL('../plugin/bin/ftp-passive', import.meta.url));
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const engine: EnginePorts = {
    ...rulesPorts,
    remember: rememberAnswers({ note: answers, clock: rulesPorts.clock, hash }),
    ftpServers: [pureftpd, proftpd],
    keepers: [csf, firewalld, ufw],
    rulebooks: [iptables, nftables],
    settingsPath: SETTINGS,
    dial,
    hash,
    randomPassword: () => randomBytes(24).toString('base64url'),
  };
  const shelf = openShelf(STATE);
  const book = openBook(shelf);
  const tail = openTail(shelf, book);
  const paths = { done: `${STATE}/audit.jsonl`, asked: `${STATE}/asked.jsonl` };
  const audit = openAudit(paths, openJournal(runCommand));
  const runner = openRunner({
    engine,
    shelf,
    book,
    size: { columns: COLUMNS, rows: ROWS },
    deadMan: deadManWith(launcher, `${STATE}/armed`, runCommand),
    newRunId,
    prepareTerminals,
    grew: tail.grew,
  });
  const product: Omit<Product, 'outside'> = {
    engine,
    book,
    tail,
    runner: auditedRunner(runner, audit),
    audit,
    grants: openGrants(
      { run: runCommand, files: rootOnly(files), alone: exclusiveBy(`${STATE}/grants.lock`) },
      `${STATE}/grants.json`,
    ),
    watch: {
      state: `${STATE}/watch.json`,
      notify: fileURLToPath(new URL('../plugin/bin/notify', import.meta.url)),
      afterUpdate: fileURLToPath(new URL('../plugin/bin/after-update', import.meta.url)),
    },
    async remembered() {
      const [file, runs] = await Promise.all([files.read(SETTINGS), book.list()]);
      const { settings, livePort } = readRemembered(SETTINGS, file?.text ?? null);
      return { settings: { ...settings, ...keptFor(runs) }, livePort };
    },
  };
  return { ...product, outside: openOutside(product, STATE) };
}

/** Names sort by time: `20261122T102233Z-1a2b3c`. */
function newRunId(): string {
  const now = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  return `${now}-${randomBytes(3).toString('hex')}`;
}
