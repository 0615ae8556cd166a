import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messagesOf, POT, potOf, translationOf } from '../../script/catalogue.mjs';
import { faultOf } from '../../script/messages.mjs';

const ROOT = join(import.meta.dirname, '../..');

describe('the catalogue', () => {
  const messages = messagesOf(ROOT);

  it('is up to date; script/words writes it', () => {
    assert.ok(messages.size > 1000);
    const isSame = readFileSync(join(ROOT, POT), 'utf8') === potOf(messages);
    assert.ok(isSame, `${POT} is not what the sources and templates say: run script/words`);
  });

  it('has words in each of its messages, and no brace that is not a placeholder’s', () => {
    for (const id of messages.keys()) {
      assert.match(id.replace(/\{[^{}]*\}/g, ''), /\p{L}/u, id);
      assert.equal(faultOf(id, id), null, id);
    }
  });

  it('says of each message in which files it stands', () => {
    assert.deepEqual(messages.get('Nothing to do'), [
      'templates/live-port.hbs',
      'templates/plan.hbs',
      'templates/setup.hbs',
    ]);
    assert.ok(
      potOf(new Map([['One "port"', ['a.ts', 'b.hbs']]])).endsWith(
        '\n#: a.ts\n#: b.hbs\nmsgid "One \\"port\\""\nmsgstr ""\n',
      ),
    );
  });
});

describe('a translation', () => {
  const messages = new Map(
    ['Port {port}', 'See <1>this</1> & <code>x</code>', 'Old', 'New'].map((id) => [id, ['a.ts']]),
  );
  const HEAD = 'msgid ""\nmsgstr "Language: pt_BR\\nContent-Type: text/plain; charset=utf-8\\n"\n\n';
  const read = (entries: string, head = HEAD): ReturnType<typeof translationOf> =>
    translationOf(`${head}${entries}`, 'x.po', messages);

  it('is what a PO file has of the messages of this version', () => {
    const { language, words } = read(
      'msgid "Port {port}"\nmsgstr "Porta {port} – é"\n\nmsgid "Gone"\nmsgstr "Foi"\n\nmsgid "New"\nmsgstr ""\n\n#, fuzzy\nmsgid "Old"\nmsgstr "Velho"\n',
    );
    assert.equal(language, 'pt-BR');
    assert.deepEqual([...words], [['Port {port}', 'Porta {port} – é']]);
  });

  it('has a language that pages can name', () => {
    for (const language of ['', 'xx"><script>', '../..'])
      assert.throws(
        () => read('', `msgid ""\nmsgstr "Language: ${language.replaceAll('"', '\\"')}\\n"\n`),
        /^Error: x\.po names no language in its header: write one like "Language: de\\n"\.$/,
      );
  });

  it('is refused with one sentence where it would break a sentence or a page', () => {
    assert.throws(
      () => read('msgid "Port {port}"\nmsgstr "Porta"\n'),
      /^Error: x\.po cannot be used: it lacks \{port\}, in the translation of "Port \{port\}"\.$/,
    );
    assert.throws(() => read('Open: Auf\n'), /^Error: x\.po is no PO file that can be read: .*\.$/);
  });

  it('keeps placeholders, tags and lines', () => {
    const id = 'See <1>this</1> of {name} & <code>x</code>';
    for (const [translation, fault] of [
      ['{name}: <code>x</code>, <1>dies</1>', null],
      ['<1>dies</1> von {nome}, <code>x</code>', 'it lacks {name}'],
      ['<1>dies</1> von {name} {name}, <code>x</code>', 'it has {name}, which the message does not have'],
      ['<1>dies</1> von {name}}, <code>x</code>', 'it has a brace that belongs to no placeholder'],
      ['<1>dies</1> von {name}', 'it lacks <code>'],
      [
        '<1>dies</1> von {name}<code>x</code><img src=x>',
        'it has <img src=x>, which the message does not have',
      ],
      ['</1>dies<1> von {name}<code>x</code>', 'its tags are not closed in the order of the message'],
      [
        '<1>dies</1>\nvon {name}<code>x</code>',
        'it has a line break or another control character, which the message does not have',
      ],
    ] as const)
      assert.equal(faultOf(id, translation), fault);
    assert.equal(faultOf('<VirtualHost {name}> says', 'Es sagt <VirtualHost {name}>'), null);
    assert.equal(faultOf('No tag', 'Kein <b>Tag</b>'), 'it has <b>, which the message does not have');
  });
});

describe('a build in another language', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'ftp-passive-words-'))));
  after(() => rmSync(folder, { recursive: true }));

  const build = (entries: string): ReturnType<typeof spawnSync> => {
    writeFileSync(join(folder, 'de.po'), `msgid ""\nmsgstr "Language: de\\n"\n\n${entries}`);
    const options = ['--words', 'de.po', '--out', 'built'];
    return spawnSync(join(ROOT, 'script/build'), options, { cwd: folder, encoding: 'utf8' });
  };

  it('speaks it on its pages, in the browser and on the command line, and English where it has no words', () => {
    const { stdout, stderr, status } = build(
      [
        'msgid "Follow the output"\nmsgstr "Der Ausgabe folgen"',
        'msgid "\\"{verb}\\" is not a verb: write one of {known}."\nmsgstr "Schreibe {known} statt `{verb}`."',
        'msgid "Skip to the content"\nmsgstr "Zum Inhalt"',
      ].join('\n\n'),
    );
    assert.deepEqual({ stderr, status }, { stderr: '', status: 0 });
    assert.match(String(stdout), /^de\.po: 3 of \d+ messages are in its language, de\n$/);
    const page = readFileSync(join(folder, 'built/plugin/public/app.js'), 'utf8');
    assert.match(page, /Der Ausgabe folgen/);
    assert.match(page, /Read new lines aloud/);
    assert.doesNotMatch(page, /Follow the output/);
    const options = { encoding: 'utf8' } as const;
    const refused = spawnSync(process.execPath, [join(folder, 'built/dist/main.js'), 'mend'], options);
    assert.match(refused.stderr, /^ftp-passive: Schreibe status, plan, .*, serve statt `mend`\.\n$/);
    const help = spawnSync(process.execPath, [join(folder, 'built/dist/main.js'), '--help'], options);
    assert.match(help.stdout, /^ftp-passive VERB/);
  });

  it('is not begun with words that cannot be used', () => {
    rmSync(join(folder, 'built'), { recursive: true, force: true });
    const { stderr, status } = build('msgid "Open port {port}"\nmsgstr "Port auf"\n');
    assert.equal(
      stderr,
      'de.po cannot be used: it lacks {port}, in the translation of "Open port {port}".\n',
    );
    assert.deepEqual([status, existsSync(join(folder, 'built'))], [1, false]);
  });
});
