import assert from 'node:assert/strict';
import { phrasesIn, withoutMarks } from '../../script/phrases.mjs';

const idsIn = (source: string): string[] => phrasesIn(source, 'x.ts').map(({ id }) => id);

describe('the marked phrases of a source', () => {
  it('are found wherever they stand, and nothing that is not marked', () => {
    const source = [
      'const title = phrase`Nothing to do`; // phrase`not this`',
      "const other = ['phrase`nor this`', `nor this`, /phrase`nor this`/];",
      'say(phrase`One`, { fix: phrase`Two` });',
    ].join('\n');
    assert.deepEqual(idsIn(source), ['Nothing to do', 'One', 'Two']);
    assert.deepEqual(idsIn('const phrase = 1;'), []);
  });

  it('have placeholders that say what is filled in', () => {
    for (const [source, id] of [
      ['phrase`Port ${port}.`', 'Port {port}.'],
      ['phrase`Port ${server.ports[0] ?? 21}.`', 'Port {server.ports}.'],
      ['phrase`Open ${formatRange(settings.range)}.`', 'Open {settings.range}.'],
      ['phrase`${names.map(nameOf).join(phrase` and `)} differ`', '{names} differ'],
      ['phrase`${low} to ${high}, ${low}`', '{low} to {high}, {low}'],
      ['phrase`${range[0]} to ${range[1]}`', '{range} to {range_2}'],
      ['phrase`for ${Math.ceil(left / 1000)} of ${ms / 1000} s`', 'for {1} of {2} s'],
      ['phrase`It is ${open ? phrase`open` : phrase`shut`}`', 'It is {1}'],
    ] as const)
      assert.equal(idsIn(source)[0], id);
    assert.deepEqual(idsIn('phrase`It is ${open ? phrase`open` : phrase`shut`}`'), [
      'It is {1}',
      'open',
      'shut',
    ]);
  });

  it('are what the program would say, escapes and all', () => {
    assert.deepEqual(idsIn('phrase`a \\`b\\` \\${c} \\\\ "d" \\u2019\\n`'), ['a `b` ${c} \\ "d" ’\n']);
  });
});

describe('a source without the marks', () => {
  it('is the same source, on the same lines', () => {
    const source = [
      'const a = phrase`It is ${',
      '  open ? phrase`open` : phrase`shut`',
      '} \\`now\\``;',
      "const b = 'phrase`x`';",
      '',
    ].join('\n');
    assert.equal(
      withoutMarks(source, 'x.ts'),
      ['const a = `It is ${', '  open ? `open` : `shut`', '} \\`now\\``;', "const b = 'phrase`x`';", ''].join(
        '\n',
      ),
    );
    assert.equal(withoutMarks("say('nothing marked');", 'x.ts'), "say('nothing marked');");
  });

  it('speaks another language where it has words', () => {
    const words = new Map([
      ['{count} of {all} ports', 'von {all} Ports {count}'],
      ['shut', 'zu `${x}` \\ \n'],
    ]);
    assert.equal(
      withoutMarks(
        'a(phrase`${count(1)} of ${all} ports`, phrase`${count(phrase`shut`)} of ${all} ports`, phrase`open`)',
        'x.ts',
        (id) => words.get(id),
      ),
      'a(`von ${all} Ports ${count(1)}`, `von ${all} Ports ${count(`zu \\`\\${x}\\` \\\\ \\u000a`)}`, `open`)',
    );
  });
});
