/**
 * Opens a twin, asks it something, says that it did, and then holds it until it is killed; or says what stopped it.
 * Called with `busy` it says so before it asks, and asks for long. One JSON line on its output.
 */
import { toProblem } from '../../src/core/problem.ts';
import { openRealTwin } from '../engine/twins.ts';

/** Each port has to be asked alone, for half of them nobody answers, and no rule says so. */
const SLOW = `table inet f {
  chain c {
    type filter hook prerouting priority -500; policy accept;
    tcp dport & 1 == 1 drop
  }
}
`;
const LINKS = [{ name: 'eth0', addresses: ['10.99.0.1/24'] }];

const say = (message: unknown): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

const [, , end, busy] = process.argv;
openRealTwin(busy === undefined ? '' : SLOW, LINKS, end).then(
  async (twin) => {
    if (busy !== undefined) {
      say({ asking: true });
      say({ asked: await twin.ask([20_000, 23_000], ['ipv4', 'ipv6']) });
    }
    say({ reaches: await twin.ask([50_000, 50_001], ['ipv4']) });
    setInterval(() => undefined, 60_000);
  },
  (error: unknown) => {
    const { code, message } = toProblem(error);
    say({ code, message });
  },
);
