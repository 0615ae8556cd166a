import { phrase } from '../core/phrase.ts';
import type { Plan } from '../core/plan.ts';
import { Problem } from '../core/problem.ts';
import { formatRange } from '../core/range.ts';
import type { Settings } from '../core/settings.ts';
import { statusOf } from './findings.ts';
import { planFirewall, type FirewallDrafts } from './firewall-plan.ts';
import { ftpDrafts } from './ftp-plan.ts';
import { planNotes } from './plan-notes.ts';
import { rememberChange } from './remembered.ts';
import { checkStep, writeStep, type Draft } from './steps.ts';
import { survey, type EnginePorts, type Survey } from './survey.ts';

const NO_FIREWALL_STEPS: FirewallDrafts = { open: [], close: [] };

/** Reads the server and says what apply would do. Nothing is changed. */
export async function makePlan(ports: EnginePorts, settings: Settings): Promise<Plan> {
  return planFor(ports, await survey(ports, settings), settings);
}

/**
 * The steps in the order that never advertises a closed port: open, write, restart, prove, and only then close what
 * an earlier range had opened.
 * @throws Problem when a person has to decide or repair something first
 */
export async function planFor(ports: EnginePorts, found: Survey, settings: Settings): Promise<Plan> {
  const firewall = settings.only === 'ftp' ? NO_FIREWALL_STEPS : await firewallDrafts(ports, found, settings);
  const ftp = isAboutFtp(settings) ? await ftpDrafts(ports, found, settings) : [];
  const remember = settings.only === 'live' ? [] : await rememberDrafts(ports, settings);
  const proof = ftp.length > 0 || firewall.open.length > 0 ? proofDrafts(settings, ftp.length > 0) : [];
  const drafts = [
    ...firewall.open,
    ...ftp,
    ...proof,
    ...remember,
    ...firewall.close,
    ...closedProof(firewall, settings),
  ];
  const steps = drafts.map((draft, index) => ({ ...draft, id: `s${index + 1}` }));
  // How passive FTP stands says nothing about the port of live output.
  const status = settings.only === 'live' ? [] : statusOf(found, settings).findings;
  const notes = [...planNotes(found, ftp), ...status.filter(({ level }) => level !== 'good')];
  const id = ports.hash(JSON.stringify({ steps, settings })).slice(0, 16);
  return { id, empty: steps.length === 0, steps, notes };
}

function isAboutFtp({ only }: Settings): boolean {
  return only !== 'firewall' && only !== 'live';
}

async function firewallDrafts(
  ports: EnginePorts,
  found: Survey,
  settings: Settings,
): Promise<FirewallDrafts> {
  const { active } = found.charge;
  if (settings.firewall !== 'auto' && active !== 'none' && active !== settings.firewall) {
    throw new Problem(
      'unsupported',
      phrase`${settings.firewall} was named, but ${active} is in charge of the firewall here; write --firewall auto.`,
    );
  }
  return planFirewall(ports, found, settings);
}

/** What is closed last must not have been what let the range in. */
function closedProof({ close }: FirewallDrafts, settings: Settings): Draft[] {
  return close.length === 0 ? [] : [reachDraft(settings, phrase`still lets`)];
}

function reachDraft(settings: Settings, lets: string): Draft {
  const why = phrase`A fresh copy of the rules now in force is asked with real connections.`;
  return checkStep('probe', phrase`The firewall ${lets} ${formatRange(settings.range)} in`, why, {
    ask: 'reach',
  });
}

async function rememberDrafts(ports: EnginePorts, settings: Settings): Promise<Draft[]> {
  const path = ports.settingsPath;
  const file = await ports.files.read(path);
  const change = rememberChange(path, file?.text ?? null, settings);
  return change === null ? [] : [writeStep(new Map([[path, file]]), change)];
}

function proofDrafts(settings: Settings, ftp: boolean): Draft[] {
  const drafts: Draft[] = [];
  if (ftp) {
    const why = phrase`PASV and EPSV with the address and ports told, and a listing each, with a login made for this test and removed after it.`;
    drafts.push(checkStep('probe', phrase`Talk to the FTP server as a client`, why, { ask: 'transfer' }));
  }
  if (settings.only !== 'ftp') drafts.push(reachDraft(settings, phrase`lets`));
  return drafts;
}
