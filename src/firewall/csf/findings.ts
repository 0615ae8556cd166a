import type { Finding } from '../../core/finding.ts';
import { toProblem } from '../../core/problem.ts';
import type { FirewallFacts, Question } from '../firewall.ts';
import { checkLists, isOn, readConf, type Conf } from './conf.ts';
import { CONF, FAILED, textOf } from './files.ts';

const FIRST_LINES = 300;
const RESTART = 'then run csf -r';

/** What an administrator should know of this CSF. */
export function findings(facts: FirewallFacts, question: Question): Finding[] {
  const text = textOf(facts, CONF);
  if (text === undefined) return [];
  return [ENDED, ...failure(facts), ...settings(text, question)];
}

const ENDED: Finding = {
  id: 'csf-end-of-life',
  level: 'info',
  title: 'The makers of CSF have given it up',
  fact: 'ConfigServer ended CSF on 31 August 2025; successors carry it on under the same name.',
  fix: 'See that csf -v names one that still gets security fixes.',
};

function failure(facts: FirewallFacts): Finding[] {
  const text = textOf(facts, FAILED);
  if (text === undefined) return [];
  return [
    {
      id: 'csf-error',
      level: 'bad',
      title: 'CSF could not start, so its rules are not in force',
      fact: `${FAILED}: ${text.trim().slice(0, FIRST_LINES) || 'empty'}`,
      fix: `Correct what it names, remove ${FAILED}, ${RESTART}.`,
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
        title: 'CSF cannot start with its settings any more',
        fact: toProblem(thrown).message,
        fix: `Correct ${CONF} before CSF is restarted.`,
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
      title: 'CSF is in testing mode: it drops its own rules again and again',
      fact: `TESTING = "1": every ${minutes} minutes the firewall is flushed, and then everything is let in.`,
      fix: `Set TESTING = "0" in ${CONF}, ${RESTART}.`,
    },
    {
      when: isOn(conf, 'LFDSTART'),
      id: 'csf-lfdstart',
      level: 'info',
      title: 'CSF leaves its restarts to lfd',
      fact: 'LFDSTART = "1": after csf -r the old rules stay for some seconds, and for good where lfd does not run.',
      fix: '',
    },
    {
      when: !isOn(conf, 'IPV6') && families.includes('ipv6'),
      id: 'csf-ipv6-off',
      level: 'info',
      title: 'CSF does not guard IPv6',
      fact: `IPV6 is not "1" in ${CONF}, so CSF makes no rules with ip6tables, and TCP6_IN has no effect.`,
      fix: '',
    },
  ];
  return all.flatMap(({ when, ...finding }) => (when ? [finding] : []));
}
