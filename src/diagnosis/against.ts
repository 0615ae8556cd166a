import { coversRange, type PortRange } from '../core/range.ts';
import type { Status } from '../core/status.ts';
import { confirm, unconfirmed, type Confirmed } from './confirm.ts';
import { diagnose, type Diagnosis } from './diagnose.ts';

/**
 * What a client's log shows, held against this server.
 * @param ask how the server stands; with a range the firewall is asked about that one
 * @param refusal why the server could not be asked, in one sentence; throws what is no answer
 */
export async function diagnoseAgainst(
  log: string,
  ask: (range?: PortRange) => Promise<Status>,
  refusal: (error: unknown) => string,
): Promise<Confirmed> {
  const diagnosis = diagnose(log);
  const whole = async (): Promise<Status> => {
    const status = await ask();
    const unasked = rangeUnasked(diagnosis, status);
    return unasked === null ? status : { ...status, firewall: (await ask(unasked)).firewall };
  };
  return whole().then(
    (status) => confirm(diagnosis, status),
    (error: unknown) => unconfirmed(diagnosis, refusal(error)),
  );
}

/** The range that the FTP server uses, where it is another than the firewall was asked about and the log needs it. */
function rangeUnasked({ wants, alternatives }: Diagnosis, { ftp, firewall }: Status): PortRange | null {
  const range = ftp.range.live ?? ftp.range.rendered;
  if (range === null || (wants !== 'reach' && !alternatives.some(({ cause }) => cause === 'data-blocked')))
    return null;
  const told = Object.values(firewall.reach).filter(({ method }) => method === 'twin');
  const asked = told.every(({ open, blocked }) =>
    coversRange([...open, ...blocked.map((each) => each.range)], range),
  );
  return asked ? null : range;
}
