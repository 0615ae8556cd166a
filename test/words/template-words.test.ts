import assert from 'node:assert/strict';
import { inOtherWords, messagesIn } from '../../script/template-words.mjs';
import { filesUnder } from '../house/files.ts';

const idsIn = (source: string): string[] => messagesIn(source).map(({ id }) => id);

describe('the messages of a template', () => {
  it('are what stands between tags that begin something new', () => {
    assert.deepEqual(idsIn('<h1>Status</h1>\n<p>It\n  runs.</p><ul><li>One</li> <li> Two </li></ul>'), [
      'Status',
      'It runs.',
      'One',
      'Two',
    ]);
    assert.deepEqual(idsIn('<p><span class="badge">Error</span> <span>No.</span></p>'), ['Error', 'No.']);
  });

  it('hold values by their names, and tags within a sentence', () => {
    assert.deepEqual(idsIn('<p>Port {{port}} of {{@root.found.host}}, {{../who}}.</p>'), [
      'Port {port} of {found.host}, {who}.',
    ]);
    assert.deepEqual(idsIn('<p>See <a href="?r={{page}}">the <code>{{name}}</code></a> or <b>ask</b>.</p>'), [
      'See <1>the <code>{name}</code></1> or <b>ask</b>.',
    ]);
    assert.throws(() => idsIn('<p>{{name}} and {{../name}}</p>'), /two values of the name \{name\}/);
  });

  it('end where Handlebars does something', () => {
    assert.deepEqual(idsIn('<p>Now {{#if a}}one{{else}}two{{/if}} more {{> part x="y"}} words</p>'), [
      'Now',
      'one',
      'two',
      'more',
      'words',
    ]);
    assert.deepEqual(
      idsIn('{{#> layout}}{{#each list}}<p>{{this}} is <a href="x">{{/each}}there</a></p>{{/layout}}'),
      ['{this} is', 'there'],
    );
  });

  it('have no tags around all of it', () => {
    assert.deepEqual(idsIn('<p> <a href="?r=status">Back</a> </p><p><b><i>Both</i></b></p>'), [
      'Back',
      'Both',
    ]);
    assert.deepEqual(idsIn('<p><a href="1">One</a> <a href="2">Two</a></p>'), ['<1>One</1> <2>Two</2>']);
  });

  it('are words: neither values alone nor commands', () => {
    assert.deepEqual(
      idsIn('<p>{{a}}: {{b}}</p><p><code>ftp-passive</code> <code>{{c}}</code></p><p>21</p>'),
      [],
    );
  });

  it('stand in what is read of attributes too, and in no other', () => {
    assert.deepEqual(
      idsIn(
        '<table aria-label="Rules of {{name}}" class="wide" data-id="x"><img alt="A drawing"><input type="submit" value="Go"><input type="hidden" value="secret">',
      ),
      ['Rules of {name}', 'A drawing', 'Go'],
    );
    assert.deepEqual(idsIn('<p aria-label="{{#if a}}On{{else}}Off{{/if}}"></p>'), ['On', 'Off']);
  });
});

describe('a template in other words', () => {
  const say =
    (words: Readonly<Record<string, string>>) =>
    (source: string): string =>
      inOtherWords(source, (id) => words[id]);

  it('keeps all but its words', () => {
    const german = say({
      'Port {port} is <1>open</1>.': '<1>Offen</1> ist {port}.',
      Back: 'Zurück',
      'Rules of {name}': 'Regeln von "{name}" & mehr',
    });
    assert.equal(
      german('<p>\n  Port {{port}}\n  is <a href="?p={{port}}">open</a>.\n</p> <p>Back</p>'),
      '<p>\n  <a href="?p={{port}}">Offen</a> ist {{port}}.\n</p> <p>Zurück</p>',
    );
    assert.equal(
      german('<div aria-label="Rules of {{name}}">Else</div>'),
      '<div aria-label="Regeln von &quot;{{name}}&quot; &amp; mehr">Else</div>',
    );
  });

  it('is the same in the same words', () => {
    const templates = filesUnder('templates', '.hbs');
    assert.ok(templates.length > 20);
    for (const { path, text } of templates)
      assert.equal(inOtherWords(text, (id) => id).replace(/\s+/g, ' '), text.replace(/\s+/g, ' '), path);
  });
});
