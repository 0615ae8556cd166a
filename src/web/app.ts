import { phrase } from '../core/phrase.ts';
import { follow } from './carrier.ts';
import { startClock } from './clock.ts';
import { offerCopies } from './copy-buttons.ts';
import { createFeed } from './feed.ts';
import { createLogWriter } from '../runs/lines.ts';
import { createLogView } from './log-view.ts';
import { watchOutside } from './outside.ts';
import { createPace } from './pace.ts';
import { createPoll } from './poll.ts';
import { createReload } from './reload.ts';
import { createScrolling } from './scrolling.ts';
import { createSocket } from './socket.ts';
import { createStepsView } from './steps-view.ts';
import { createStream } from './stream.ts';
import { watchUnconfirmed } from './unconfirmed.ts';

/** The recording's last marker comes a moment before the run's record is closed. */
const RECORD_SETTLES = 500;

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const reload = createReload(sleep);

function start(page: HTMLElement, log: HTMLElement, buttons: HTMLElement): void {
  const { run = '', csrf = '', state, more, age } = page.dataset;
  const running = state === 'running';
  if (!running && more !== '1') {
    // How it ended is what one comes for.
    log.scrollTop = log.scrollHeight;
    return;
  }

  const place = { run, csrf };
  const scrolling = createScrolling(log, buttons);
  const clock = startClock(page, Number(age));
  const carrierWords = page.querySelector('#carrier');
  const say = (words: string): void => {
    if (carrierWords && carrierWords.textContent !== words) carrierWords.textContent = words;
  };

  log.replaceChildren();
  const steps = createStepsView(page);
  const view = createLogView(log, running ? steps : () => undefined);
  const write = createLogWriter(view);
  const pace = createPace(() => {
    view.draw();
    clock.show();
    scrolling.settle();
  });
  const feed = createFeed((events) => {
    for (const event of events) {
      write(event);
      clock.hear(event);
    }
    pace.soon();
  });

  say(phrase`connecting`);
  const poll = createPoll(place, sleep);
  const carriers = running ? [createSocket(place), createStream(place), poll] : [poll];
  void follow({ feed, carriers, say, sleep, now: () => performance.now() }).then(async (end) => {
    clock.stop();
    pace.now();
    if (end === 'refused') {
      say(phrase`WHM does not let this page in any more. The run goes on; log in again to see it.`);
      return;
    }
    say(phrase`The run has ended.`);
    await sleep(RECORD_SETTLES);
    if (running) await reloadOnce(run, say);
  });
}

/** The server's own page is the record. If it still says that the run goes on, reloading on and on would not help. */
async function reloadOnce(run: string, say: (words: string) => void): Promise<void> {
  const key = `ftp-passive:reloaded:${run}`;
  if (sessionStorage.getItem(key) !== null) return;
  sessionStorage.setItem(key, '1');
  await reload(say);
}

const [page, log, buttons] = ['run', 'log', 'log-buttons'].map((id) => document.getElementById(id));
if (page && log && buttons) start(page, log, buttons);

const unconfirmed = document.getElementById('unconfirmed');
if (unconfirmed) watchUnconfirmed(unconfirmed, reload, sleep);

offerCopies();

const outside = document.getElementById('outside');
if (outside) watchOutside(outside, sleep);
