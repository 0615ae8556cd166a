import assert from 'node:assert/strict';
import fc from 'fast-check';
import sinon from 'sinon';
import { startRecording, type Recorder } from '../../src/runs/recording.ts';
import { recordedEvents, recordedOutput } from './recorded.ts';

const STARTED = Date.UTC(2026, 10, 22, 10, 22, 33, 999);

describe('a recording', () => {
  let clock: sinon.SinonFakeTimers;
  let text = '';
  let writes = 0;
  let recorder: Recorder;
  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: 1_000_000, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    text = '';
    writes = 0;
    const write = (more: Buffer): void => {
      text += more.toString();
      writes++;
    };
    recorder = startRecording(write, () => Date.now(), STARTED, { columns: 120, rows: 30 });
  });
  afterEach(() => clock.restore());
  const say = (words: string): void => recorder.output(Buffer.from(words));

  it('begins with the header of an asciicast of version 2', () => {
    assert.deepEqual(JSON.parse(text), {
      version: 2,
      width: 120,
      height: 30,
      timestamp: Math.floor(STARTED / 1000),
    });
    assert.ok(text.endsWith('\n'));
  });

  it('holds one event a line, with seconds since its start', () => {
    clock.tick(1500);
    say('one\r\n');
    clock.tick(250);
    recorder.marker('s1 done: Title');
    clock.tick(250);
    recorder.say('a line');
    assert.deepEqual(recordedEvents(text), [
      [1.5, 'o', 'one\r\n'],
      [1.75, 'm', 's1 done: Title'],
      [2, 'o', 'a line\r\n'],
    ]);
  });

  it('writes what comes quickly together, and the last of it without being asked', () => {
    for (let index = 0; index < 1000; index++) say(`${index}\n`);
    assert.equal(writes, 2);
    clock.tick(10);
    assert.equal(writes, 3);
    assert.equal(recordedOutput(text), Array.from({ length: 1000 }, (_, index) => `${index}\n`).join(''));
    clock.tick(1000);
    assert.equal(writes, 3);
  });

  it('does not keep much back', () => {
    say('first');
    for (let index = 0; index < 100; index++) say('x'.repeat(10_000));
    assert.ok(text.length > 900_000);
  });

  it('puts a marker behind all that came before it', () => {
    say('a');
    say('b');
    recorder.marker('m');
    say('c');
    recorder.flush();
    assert.deepEqual(
      recordedEvents(text).map(([, , words]) => words),
      ['a', 'b', 'm', 'c'],
    );
  });

  it('keeps hostile text as text, a line an event', () => {
    const hostile = '\x1b]0;title\x07\x1b[2J<script>\u2028\u0000"\\\n\r';
    say(hostile);
    recorder.marker('line\nbreak');
    assert.deepEqual(
      recordedEvents(text).map(([, , words]) => words),
      [hostile, 'line\nbreak'],
    );
  });

  it('keeps every character, wherever the program cut its output', () => {
    const cuts = fc.array(fc.nat({ max: 5 }), { maxLength: 200 });
    const words = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(words, cuts, (given, sizes) => {
        let recorded = '';
        const mine = startRecording(
          (more) => (recorded += more.toString()),
          () => Date.now(),
          0,
          { columns: 1, rows: 1 },
        );
        let rest = Buffer.from(`\ufeff${given}`);
        for (const size of sizes) {
          mine.output(rest.subarray(0, size));
          rest = rest.subarray(size);
        }
        mine.output(rest);
        mine.flush();
        assert.equal(recordedOutput(recorded), `\ufeff${given}`);
      }),
      { numRuns: 50 },
    );
  });

  it('joins half a character to nothing that comes after a marker', () => {
    recorder.output(Buffer.from([0x61, 0xe2, 0x82]));
    recorder.marker('s1 failed: cut off');
    recorder.output(Buffer.from([0xac, 0x62]));
    recorder.flush();
    assert.equal(recordedOutput(text), 'a\ufffd\ufffdb');
  });

  it('that is full keeps its beginning, every marker, and the end of what came before each', () => {
    const line = `${'x'.repeat(1000)}\n`;
    recorder.marker('s1 running: Talk');
    for (let index = 0; index < 40_000; index++) say(`${index} ${line}`);
    recorder.marker('s1 failed: It talked');
    recorder.say('# /bin/next');
    say('a few words\n');
    recorder.marker('run failed: It talked');
    assert.ok(text.length > 16 * 1024 * 1024 && text.length < 17 * 1024 * 1024, `${text.length}`);
    const output = recordedOutput(text);
    assert.ok(output.startsWith(`0 ${line}1 ${line}`));
    assert.equal(output.match(/This recording is full/g)?.length, 1);
    const [, left] = /# (\d+) bytes of output are left out here\./.exec(output) ?? [];
    assert.ok(Number(left) > 20_000_000);
    const markers = recordedEvents(text).filter(([, code]) => code === 'm');
    assert.deepEqual(
      markers.map(([, , label]) => label),
      ['s1 running: Talk', 's1 failed: It talked', 'run failed: It talked'],
    );
    assert.ok(output.includes(`39999 ${line}`));
    assert.ok(output.endsWith('# /bin/next\r\na few words\n'));
  });

  it('that has come to its limit does not say so while nothing is left out', () => {
    const piece = 'x'.repeat(64 * 1024);
    let said = 0;
    for (; text.length < 16 * 1024 * 1024; said++) say(piece);
    recorder.marker('s1 done: Just enough');
    assert.equal(recordedOutput(text).length, said * piece.length);
  });

  it('that is full says how much is left out, to the byte', () => {
    const garbage = Buffer.alloc(1024 * 1024);
    for (let index = 0; index < 5; index++) recorder.output(garbage);
    for (let index = 0; index < 5; index++) recorder.output(garbage);
    recorder.marker('s1 done: Garbage');
    const output = recordedOutput(text);
    const [, left] = /# (\d+) bytes of output are left out here\./.exec(output) ?? [];
    const zeros = output.split('\0').length - 1;
    assert.equal(zeros + Number(left), 10 * 1024 * 1024);
    assert.ok(Number(left) > 0);
  });
});
