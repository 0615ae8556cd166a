import type { Action } from '../../core/grants.ts';
import type { ResellerStanding } from '../../runs/grants.ts';

const ACTION_WORDS: Readonly<Record<Action, string>> = {
  setup: 'set up passive FTP with root’s settings',
};

/** A reseller as a row of the settings page. `action`: what the button would grant; empty where there is no button. */
export interface ResellerRow {
  readonly reseller: string;
  readonly privilege: string;
  readonly may: string;
  readonly action: Action | '';
  readonly granted: boolean;
}

export function resellerRow({ reseller, privilege, actions }: ResellerStanding): ResellerRow {
  const granted = actions.map((action) => ACTION_WORDS[action]).join(', ');
  return {
    reseller,
    privilege: { all: 'all privileges', yes: 'yes', no: 'no', gone: 'is no reseller any more' }[privilege],
    may: privilege === 'all' ? 'everything, like root' : mayWords(privilege, granted),
    action: privilege === 'all' || privilege === 'gone' || actions.length > 0 ? '' : 'setup',
    granted: actions.length > 0,
  };
}

/** A grant without the privilege opens nothing. */
function mayWords(privilege: ResellerStanding['privilege'], granted: string): string {
  if (privilege === 'yes') return granted === '' ? 'look at the status' : `look at the status, ${granted}`;
  return granted === '' ? 'nothing' : `nothing; with WHM’s privilege: ${granted}`;
}
