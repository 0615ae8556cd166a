import type { RequestHandler } from 'express';
import { isIpv4, isIpv6 } from '../../core/address.ts';
import { phrase } from '../../core/phrase.ts';
import { Problem } from '../../core/problem.ts';
import { parsePorts } from '../../core/range.ts';
import type { ReachQuestion } from '../../engine/asked.ts';
import type { RouteParts } from '../app.ts';
import { callerOf } from '../caller.ts';
import { field } from '../guard.ts';
import { openPage, sendPage } from '../opening.ts';
import { reachView } from '../view/reach.ts';

/** The way of a packet through this server's firewall, for any port and any client. */
export function reachPage({ desk, views }: RouteParts): RequestHandler {
  return async (request, response) => {
    const [port, from] = [field(request.query, 'port').trim(), field(request.query, 'from').trim()];
    const frame = {
      title: phrase`The way of a packet`,
      here: 'reach',
      caller: callerOf(request),
      port,
      from,
    };
    const question = port === '' ? null : questionOf(port, from);
    if (question instanceof Problem) {
      response.status(400).send(views('reach', { ...frame, wrong: question.message, found: null }));
      return;
    }
    openPage(views, request, response, frame);
    const found = question && reachView(question, await desk.reach(question));
    sendPage(response, views('reach', { ...frame, wrong: null, found }));
  };
}

function questionOf(port: string, from: string): ReachQuestion | Problem {
  try {
    if (from !== '' && !isIpv4(from) && !isIpv6(from))
      return new Problem(
        'invalid',
        phrase`"${from}" is not an address: write an IPv4 or IPv6 address, or nothing.`,
      );
    return { ports: parsePorts(port), from: from === '' ? null : from };
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}
