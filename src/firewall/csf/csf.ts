import { phrase } from '../../core/phrase.ts';
import { Problem, toProblem } from '../../core/problem.ts';
import type { PortRange } from '../../core/range.ts';
import type { Deed, FirewallFacts, Keeper, Opening, Question, Standing } from '../firewall.ts';
import { letIn, letsIn, ours, takeOut, type Allowance } from './allowance.ts';
import { inForce, makes, ruleFor } from './chains.ts';
import { additionWords, backUp, change, removalWords, restart } from './deeds.ts';
import { CONF, DISABLED, FAILED, textOf } from './files.ts';
import { findings } from './findings.ts';
import { MEMORY, readMemory } from './memory.ts';

/** CSF: out of one file of settings it makes iptables rules, and it flushes whatever rules others have put beside them. */
export const csf: Keeper = {
  name: 'csf',
  files: [CONF, DISABLED, FAILED, MEMORY],
  units: ['csf.service', 'lfd.service', 'firewalld.service'],
  standing,
  findings,
  owns: (place, { chains }) => inForce(chains, place.family) && makes(place, chains),
  refusal,
  keeps: (facts, question) => unlessBroken(() => letsIn(allowance(facts).conf, question), null),
  open,
  opened: (facts) => unlessBroken(() => ours(allowance(facts)), []),
  close,
};

/** A CSF that could not start is still in charge: nobody else should be, and it has a reason to tell. */
function standing(facts: FirewallFacts): Standing {
  if (textOf(facts, CONF) === undefined) return 'absent';
  if (textOf(facts, DISABLED) !== undefined) return 'inactive';
  return textOf(facts, FAILED) !== undefined || inForce(facts.chains, 'ip') ? 'active' : 'inactive';
}

function refusal(facts: FirewallFacts, question: Question): string | null {
  if (facts.active.has('firewalld.service')) {
    return phrase`CSF and firewalld run both, and a restart of CSF then drops its own rules: stop and mask firewalld, or remove CSF.`;
  }
  if (textOf(facts, FAILED) !== undefined) {
    return phrase`CSF does nothing while ${FAILED} is there: correct what it names, remove it and run csf -r.`;
  }
  if (textOf(facts, DISABLED) !== undefined) return phrase`CSF is switched off: run csf -e first.`;
  if (!inForce(facts.chains, 'ip')) return phrase`CSF’s rules are not in force: start it with csf -r first.`;
  try {
    letIn(allowance(facts), question);
    return null;
  } catch (thrown) {
    return toProblem(thrown).message;
  }
}

function open(facts: FirewallFacts, question: Question, live: boolean): Opening {
  const now = allowance(facts);
  const then = letIn(now, question);
  return {
    trial: question.families
      .map((family) => (family === 'ipv4' ? 'ip' : 'ip6'))
      .filter((family) => inForce(facts.chains, family))
      .flatMap((family) => ruleFor(question.range, family, facts.chains)),
    deeds: [
      ...(then.conf === now.conf ? [] : [...backUp(), ...change(then, ...additionWords(question.range))]),
      ...(then.conf === now.conf && !live ? [] : [restart(then.conf)]),
    ],
  };
}

/** By then `open` has been done, with the same question and for the same facts. */
function close(facts: FirewallFacts, ranges: readonly PortRange[], question: Question): Deed[] {
  const before = allowance(facts);
  const opened = letIn(before, question);
  // What is taken out may have been what lets the new range in.
  const then = letIn(takeOut(opened, ranges), question);
  if (then.conf === opened.conf) return [];
  return [
    ...(opened.conf === before.conf ? backUp() : []),
    ...change(then, ...removalWords(ranges)),
    restart(then.conf),
  ];
}

/** @throws Problem `not-found` */
function allowance(facts: FirewallFacts): Allowance {
  const conf = textOf(facts, CONF);
  if (conf === undefined)
    throw new Problem('not-found', phrase`${CONF} could not be read: install CSF, or make it readable.`);
  return { conf, added: readMemory(textOf(facts, MEMORY)) };
}

function unlessBroken<T>(answer: () => T, otherwise: T): T {
  try {
    return answer();
  } catch {
    return otherwise;
  }
}
