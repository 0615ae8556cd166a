/**
 * Opens a twin, asks it something, says that it did, and then holds it until it is killed; or says what stopped it.
 * One JSON line on its output.
 */
import { toProblem } from '../../src/core/problem.ts';
import { openRealTwin } from '../engine/twins.ts';

const LINKS = [{ name: 'eth0', addresses: ['10.99.0.1/24'] }];

const say = (message: unknown): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

openRealTwin('', LINKS, process.argv[2]).then(
  async (twin) => {
    say({ reaches: await twin.ask([50_000, 50_001], ['ipv4']) });
    setInterval(() => undefined, 60_000);
  },
  (error: unknown) => {
    const { code, message } = toProblem(error);
    say({ code, message });
  },
);
