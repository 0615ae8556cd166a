import assert from 'node:assert/strict';
import { readXml } from '../../../src/firewall/firewalld/xml.ts';

describe('XML of firewalld', () => {
  it('is read as elements with attributes, without the words between them', () => {
    const text = `<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE zone>
<!-- <zone target="ACCEPT"/> by hand -->
<zone target='%%REJECT%%'>
  <short>Public &lt;zone&gt;</short>
  <rule family="ipv4"
        priority="-5"><port port="1-2" protocol="tcp" /><reject type="tcp-reset"/></rule>
</zone>
`;
    assert.deepEqual(readXml(text), {
      name: 'zone',
      attributes: { target: '%%REJECT%%' },
      children: [
        { name: 'short', attributes: {}, children: [] },
        {
          name: 'rule',
          attributes: { family: 'ipv4', priority: '-5' },
          children: [
            { name: 'port', attributes: { port: '1-2', protocol: 'tcp' }, children: [] },
            { name: 'reject', attributes: { type: 'tcp-reset' }, children: [] },
          ],
        },
      ],
    });
  });

  it('has its references replaced in attributes', () => {
    const text = '<log prefix="a&lt;b&gt; &amp;&quot;&apos;&#65;&#x42;&other;"/>';
    assert.equal(readXml(text)?.attributes.prefix, `a<b> &"'AB&other;`);
  });

  it('is nothing when it does not close, or holds no or two outermost elements', () => {
    for (const text of [
      '',
      'words',
      '<zone>',
      '<zone></service>',
      '<zone><rule></zone></rule>',
      '</zone>',
      '<a/><b/>',
    ]) {
      assert.equal(readXml(text), null, text);
    }
  });
});
