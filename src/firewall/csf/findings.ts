import type { Finding } from '../../core/finding.ts';
import { phrase } from '../../core/phrase.ts';
import { toProblem } from '../../core/problem.ts';
import type { FirewallFacts, Question } from '../firewall.ts';
import { checkLists, isOn, readConf, type Conf } from './conf.ts';
import { CONF, FAILED, textOf } from './files.ts';

const FIRST_LINES = 300;
const RESTART = phrase`then run csf -r`;

/** What an administrator should know of this CSF. */
export function findings(facts: FirewallFacts, question: Question): Finding[] {
  const text = textOf(facts, CONF);
  if (text === undefined) return [];
  return [ENDED, ...failure(facts), ...settings(text, question)];
}

const ENDED: Finding = {
  id: 'csf-end-of-life',
  level: 'info',
  title: phrase`The makers of CSF have given it up`,
  fact: phrase`ConfigServer ended CSF on 31 August 2025; successors carry it on under the same name.`,
  fix: phrase`See that csf -v names one that still gets security fixes.`,
};

function failure(facts: FirewallFacts): Finding[] {
  const text = textOf(facts, FAILED);
  if (text === undefined) return [];
  return [
    {
      id: 'csf-error',
      level: 'bad',
      title: phrase`CSF could not start, so its rules are not in force`,
      fact: `${FAILED}: ${text.trim().slice(0, FIRST_LINES) || phrase`empty`}`,
      fix: phrase`Correct what it names, remove ${FAILED}, ${RESTART}.`,
    },
  ];
}

function settings(text: string, question: Question): Finding[] {
  try {
    const conf = readConf(text);
    checkLists(conf);
    return modes(conf, question);
  } catch (thrown) {
    return [
      {
        id: 'csf-conf',
        level: 'bad',
        title: phrase`CSF cannot start with its settings any more`,
        fact: toProblem(thrown).message,
        fix: phrase`Correct ${CONF} before CSF is restarted.`,
      },
    ];
  }
}

function modes(conf: Conf, { families }: Question): Finding[] {
  const minutes = conf.get('TESTING_INTERVAL') ?? '5';
  const all: readonly (Finding & { readonly when: boolean })[] = [
    {
      when: isOn(conf, 'TESTING'),
      id: 'csf-testing',
      level: 'warn',
      title: phrase`CSF is in testing mode: it drops its own rules again and again`,
      fact: phrase`TESTING = "1": every ${minutes} minutes the firewall is flushed, and then everything is let in.`,
      fix: phrase`Set TESTING = "0" in ${CONF}, ${RESTART}.`,
    },
    {
      when: isOn(conf, 'LFDSTART'),
      id: 'csf-lfdstart',
      level: 'info',
      title: phrase`CSF leaves its restarts to lfd`,
      fact: phrase`LFDSTART = "1": after csf -r the old rules stay for some seconds, and for good where lfd does not run.`,
      fix: '',
    },
    {
      when: !isOn(conf, 'IPV6') && families.includes('ipv6'),
      id: 'csf-ipv6-off',
      level: 'info',
      title: phrase`CSF does not guard IPv6`,
      fact: phrase`IPV6 is not "1" in ${CONF}, so CSF makes no rules with ip6tables, and TCP6_IN has no effect.`,
      fix: '',
    },
  ];
  return all.flatMap(({ when, ...finding }) => (when ? [finding] : []));
}
