import type { Finding } from '../core/finding.ts';
import { disagreements } from '../core/layer.ts';
import { phrase } from '../core/phrase.ts';
import type { Settings } from '../core/settings.ts';
import type { Status } from '../core/status.ts';
import { visible } from '../core/visible.ts';

const WORDS = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/** What a monitoring system hears, as the interface of monitoring plugins wants it: one line and one of four codes. */
export interface CheckAnswer {
  readonly code: 0 | 1 | 2 | 3;
  readonly document: Record<string, unknown>;
  readonly line: string;
}

/** Names the lowest layer that is not as wanted, and those above it that are not either. */
export function checkAnswer(status: Status, settings: Settings): CheckAnswer {
  const level = (['bad', 'warn'] as const).find((each) => status.findings.some((one) => one.level === each));
  const code = status.ok === null ? 3 : level === undefined ? 0 : level === 'bad' ? 2 : 1;
  const state = WORDS[code];
  const [first, ...others] = level === undefined ? [] : disagreements(status, settings, level);
  const worst = status.findings.filter((each) => each.level === level);
  // What is about a run is told first: it may be why the layers are as they are, or they change with it by themselves.
  const loose = worst.find(({ id }) => id.startsWith('run-')) ?? (first === undefined ? worst[0] : undefined);
  const layers = [...(first === undefined ? [] : [first]), ...others].map(({ layer, finding }) => ({
    layer,
    finding: finding.id,
  }));
  const finding = loose ?? first?.finding ?? null;
  const layer = loose === undefined ? (first?.layer ?? null) : null;
  const rest = layers.map((each) => each.layer).filter((each) => each !== layer);
  return {
    code,
    document: { state, layer, finding, layers },
    line: `FTP-PASSIVE ${state}: ${finding === null ? said(state) : sentence(layer, finding)}${rest.length === 0 ? '' : phrase` Also: ${rest.join(', ')}.`}\n`,
  };
}

function said(state: string): string {
  return state === 'UNKNOWN'
    ? phrase`it could not be told whether passive FTP works`
    : phrase`passive FTP is set up right`;
}

/** A bar would begin the figures of a monitoring plugin, a line break its long text. */
function sentence(layer: string | null, { title, fact }: Finding): string {
  const text = `${layer === null ? '' : `${layer}: `}${title}. ${fact}`;
  return visible(text.replaceAll('|', '/').replaceAll(/\s+/g, ' ').trim());
}
