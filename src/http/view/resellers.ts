import type { Action } from '../../core/grants.ts';
import { phrase } from '../../core/phrase.ts';
import type { ResellerStanding } from '../../runs/grants.ts';

const ACTION_WORDS: Readonly<Record<Action, string>> = {
  setup: phrase`set up passive FTP with root’s settings`,
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
    privilege: {
      all: phrase`all privileges`,
      yes: phrase`yes`,
      no: phrase`no`,
      gone: phrase`is no reseller any more`,
    }[privilege],
    may: privilege === 'all' ? phrase`everything, like root` : mayWords(privilege, granted),
    action: privilege === 'all' || privilege === 'gone' || actions.length > 0 ? '' : 'setup',
    granted: actions.length > 0,
  };
}

/** A grant without the privilege opens nothing. */
function mayWords(privilege: ResellerStanding['privilege'], granted: string): string {
  if (privilege === 'yes')
    return granted === '' ? phrase`look at the status` : phrase`look at the status, ${granted}`;
  return granted === '' ? phrase`nothing` : phrase`nothing; with WHM’s privilege: ${granted}`;
}
