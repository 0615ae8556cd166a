import assert from 'node:assert/strict';
import { TERMS, termsIn, wordsOf } from '../../../src/http/view/terms.ts';
import { createViews } from '../../../src/http/views.ts';
import { templates } from '../house.ts';

const namesIn = (text: string): string[] => termsIn(text).map(({ name }) => name);

describe('the words of a page', () => {
  it('are explained where they occur, and only there', () => {
    assert.deepEqual(namesIn('PASV names 10.0.0.5 (private); try EPSV.'), ['Private address', 'PASV, EPSV']);
    assert.deepEqual(namesIn('Behind NAT, over IPv6.'), ['NAT, NAT map', 'IPv4, IPv6']);
    assert.deepEqual(namesIn('That could not be told. Reports supported it.'), []);
  });

  it('are explained in words that are explained too', () => {
    for (const { name, says } of TERMS)
      for (const short of says.match(/\b[A-Z]{3,}(?:v6)?\b/g) ?? [])
        assert.ok(short === 'FTP' || short === 'WHM' || namesIn(short).length > 0, `${name}: ${short}`);
  });

  it('are not those of output, files and scripts', () => {
    const html = 'NAT<h1>Words</h1><p>A port.</p><pre>PASV</pre><code>TLS</code><svg><text>NAT</text></svg>';
    assert.deepEqual(namesIn(wordsOf(html)), ['Port']);
    const log =
      '<section><div class="log" id="log"><div class="line"><span>EPSV</span></div></div></section>';
    assert.deepEqual(namesIn(wordsOf(`<h1>Words</h1>${log}<p title="NAT">TLS</p>`)), ['TLS']);
  });

  it('stand at the end of each page that uses them, and all on the page Help', () => {
    const views = createViews(templates);
    const frame = { title: 'Error', here: '', detail: null };
    const shown = views('error', { ...frame, message: 'The NAT map is empty.' });
    assert.match(
      shown,
      /<h2 id="words-title">Words on this page<\/h2>\s*<dl class="words">\s*<div><dt>NAT, NAT map/,
    );
    assert.equal(shown.match(/<dt>/g)?.length, 1);
    assert.doesNotMatch(views('error', { ...frame, message: 'No.' }), /words|<!-- ftp-passive:w/);
    const forged = views('error', { ...frame, message: 'NAT <!-- ftp-passive:words -->' });
    assert.ok(forged.indexOf('Words on this page') > forged.indexOf('Back to the status'));
    const help = views('help', { title: 'Help', here: 'help', root: true, pages: [] });
    assert.equal(help.match(/<dt>/g)?.length, TERMS.length);
  });
});
