// Mocha's own report for people, and at the end the three numbers that script/test adds up, with what failed: of a long
// log one often has only the end.
import { writeFileSync } from 'node:fs';
import mocha from 'mocha';

const { EVENT_RUN_END, EVENT_TEST_FAIL } = mocha.Runner.constants;

export default class extends mocha.reporters.Spec {
  /** Writes `PASSED FAILED SKIPPED` to the file that TEST_COUNTS names, and below it each failure. */
  constructor(runner, options) {
    super(runner, options);
    const failed = [];
    runner.on(EVENT_TEST_FAIL, (test, error) => {
      failed.push(`failed: ${test.fullTitle()} (${test.file})\n${error.stack ?? error}\n`.slice(0, 4000));
    });
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats;
      writeFileSync(process.env.TEST_COUNTS, `${passes} ${failures} ${pending}\n${failed.join('\n')}`);
      // A test that stops in its middle may leave something open, which would keep the process for ever.
      if (failures > 0) setTimeout(() => process.exit(1), 10_000).unref();
    });
  }
}
