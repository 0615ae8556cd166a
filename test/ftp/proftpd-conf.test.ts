import assert from 'node:assert/strict';
import fc from 'fast-check';
import { directivesIn, effective, readProftpdConf } from '../../src/ftp/proftpd-conf.ts';
import { editProftpdConf, valueOf, type ProftpdWish } from '../../src/ftp/proftpd-edit.ts';
import { proftpdConf } from './servers.ts';

const ADDRESS = 'MasqueradeAddress';
const RANGE = 'PassivePorts';

/** What the server tells, and each virtual host by its first name. */
function told(text: string): Record<string, [range: string | null, address: string | null]> {
  const conf = readProftpdConf(text);
  const hosts = conf.sections.filter(({ kind }) => kind === 'host');
  return Object.fromEntries(
    [conf.server, ...hosts].map((section) => [
      section.hosts[0] ?? 'server',
      [valueOf(effective(conf, section, RANGE)), valueOf(effective(conf, section, ADDRESS))],
    ]),
  );
}

const wish = (
  range: string,
  address: string | null,
  hosts: Record<string, string | null> = {},
): ProftpdWish => ({ range, address, hostAddress: ([host = '']) => hosts[host] });

describe('a file of ProFTPD', () => {
  it('says of the server and of each virtual host what holds for it', () => {
    assert.deepEqual(told(proftpdConf('stock')), { server: ['49152 65534', null] });
    assert.deepEqual(told(proftpdConf('hosts')), {
      server: ['49152 65534', '203.0.113.10'],
      '10.0.0.6': ['49152 65534', null],
      '10.0.0.7': ['30000 30100', '198.51.100.7'],
    });
    assert.deepEqual(told(proftpdConf('old')), { server: ['30000 35000', '203.0.113.9'] });
  });

  it('takes the first of several, the server level over <Global>, and the last <Global> of several', () => {
    assert.deepEqual(told(`${RANGE} 1 2\n${RANGE} 3 4\n`)['server'], ['1 2', null]);
    assert.deepEqual(told(`<Global>\n${RANGE} 1 2\n</Global>\n${RANGE} 3 4\n`)['server'], ['3 4', null]);
    const two = `<Global>\n${RANGE} 1 2\n${ADDRESS} a\n</Global>\n<Global>\n${RANGE} 3 4\n${RANGE} 5 6\n</Global>\n`;
    assert.deepEqual(told(two)['server'], ['3 4', 'a']);
  });

  it('is read as ProFTPD reads it: case, quotes, comments, joined lines, carriage returns', () => {
    const text = `<GLOBAL> # all\r\n\tpassiveports\t"1" \\\r\n 2 # c\r\n</global>\r\n# no \\\r\n${ADDRESS} "a" b\r\n`;
    assert.deepEqual(told(text)['server'], ['1 2', 'a']);
    assert.deepEqual(told(`#${RANGE} 1 2\n ${RANGE} 3 4#5\n`)['server'], ['3 4#5', null]);
  });

  it('looks through <IfModule>, and not into other sections', () => {
    assert.deepEqual(told(`<IfModule mod_core.c>\n${RANGE} 1 2\n</IfModule>\n`)['server'], ['1 2', null]);
    for (const section of ['IfModule !mod_core.c', 'IfDefine X', 'Directory /*', 'Anonymous ~ftp']) {
      const [name = ''] = section.split(' ');
      const text = `<${section}>\n${RANGE} 1 2\n</${name}>\n${ADDRESS} a\n`;
      assert.deepEqual(told(text)['server'], [null, 'a'], section);
    }
  });

  it('keeps the words of every directive', () => {
    const conf = readProftpdConf(proftpdConf('hosts'));
    const host = conf.sections.find(({ kind }) => kind === 'host') ?? assert.fail();
    assert.deepEqual(directivesIn(conf, host, 'maxclients')[0]?.words, [
      'MaxClients',
      '3',
      '530 Sorry, %m users are logged in already.',
    ]);
  });
});

describe('an edit of a file of ProFTPD', () => {
  it('is none where everything is right', () => {
    assert.equal(editProftpdConf(proftpdConf('stock'), wish('49152 65534', null)), proftpdConf('stock'));
  });

  it('changes the ports inside <Global>, and adds the address at the end', () => {
    assert.equal(
      editProftpdConf(proftpdConf('stock'), wish('50000 60000', '203.0.113.10')),
      `${proftpdConf('stock').replace('49152 65534', '50000 60000')}MasqueradeAddress 203.0.113.10\n`,
    );
  });

  it('tells each virtual host its own address, and takes ports of its own out', () => {
    const hosts = { '10.0.0.6': '203.0.113.11', '10.0.0.7': '203.0.113.12' };
    assert.equal(
      editProftpdConf(proftpdConf('hosts'), wish('49152 65534', '203.0.113.10', hosts)),
      proftpdConf('hosts')
        .replace('<VirtualHost 10.0.0.6>\n', '$&  MasqueradeAddress 203.0.113.11\n')
        .replace('  PassivePorts 30000 30100\n', '')
        .replace('198.51.100.7', '203.0.113.12'),
    );
  });

  it('takes every address out where none is to be told', () => {
    const hosts = { '10.0.0.6': null, '10.0.0.7': null };
    assert.equal(
      editProftpdConf(proftpdConf('hosts'), wish('49152 65534', null, hosts)),
      proftpdConf('hosts')
        .replace('MasqueradeAddress 203.0.113.10\n', '')
        .replace('  PassivePorts 30000 30100\n', '')
        .replace('  MasqueradeAddress 198.51.100.7 # moved in spring\n', ''),
    );
  });

  it('tells a virtual host its own address where <Global> would tell another', () => {
    const text = `${ADDRESS} a\n<Global>\n${RANGE} 1 2\n${ADDRESS} b\n</Global>\n<VirtualHost 10.0.0.6>\n</VirtualHost>\n`;
    assert.equal(
      editProftpdConf(text, wish('1 2', 'a', { '10.0.0.6': null })),
      text.replace('<VirtualHost 10.0.0.6>\n', `$&${ADDRESS} 10.0.0.6\n`),
    );
  });

  it('adds <Global> where there is none, and takes out what is stronger', () => {
    assert.equal(
      editProftpdConf(proftpdConf('old'), wish('49152 65534', '203.0.113.11')),
      [
        '# Made by hand, long ago.',
        'ServerName "old"',
        'Port 2121',
        'Port 21',
        'MasqueradeAddress 203.0.113.11 # the old provider',
        'TimeoutIdle 600',
        '<Global>',
        'PassivePorts 49152 65534',
        '</Global>',
        '',
      ].join('\n'),
    );
  });

  it('puts what it adds before the first virtual host', () => {
    const text = 'Port 21\r\n<VirtualHost 10.0.0.6>\r\n</VirtualHost>';
    assert.equal(
      editProftpdConf(text, wish('1 2', 'a', { '10.0.0.6': 'b' })),
      [
        'Port 21',
        '<Global>',
        'PassivePorts 1 2',
        '</Global>',
        'MasqueradeAddress a',
        '<VirtualHost 10.0.0.6>',
        'MasqueradeAddress b',
        '</VirtualHost>',
      ].join('\r\n'),
    );
  });

  it('removes directives without a value', () => {
    const text = `${ADDRESS}\n<Global>\n  ${RANGE} # none\n  ${ADDRESS}\n</Global>\n`;
    assert.equal(editProftpdConf(text, wish('1 2', null)), `<Global>\n${RANGE} 1 2\n</Global>\n`);
  });

  it('makes any file say what is wished, leaves its other lines alone, and has nothing to do twice', () => {
    const own = fc.constantFrom(
      `${RANGE} 30000 35000`,
      `  ${RANGE} 49152 65534`,
      RANGE,
      `\t${ADDRESS} 203.0.113.9 # old`,
      `${ADDRESS} "203.0.113.10"`,
      ADDRESS.toLowerCase(),
      `# ${RANGE} 1 2`,
      'Umask 022',
      '',
      `ServerName \\\n ${ADDRESS}`,
    );
    const lines = fc.array(own, { maxLength: 4 }).map((each) => each.map((line) => `${line}\n`).join(''));
    const inside = (open: string, close: string): fc.Arbitrary<string> =>
      lines.map((text) => `<${open}>\n${text}</${close}>\n`);
    const section = fc.oneof(
      lines,
      inside('Global', 'Global'),
      inside('VirtualHost 10.0.0.6', 'VirtualHost'),
      inside('VirtualHost 10.0.0.7 ftp.example.com', 'VirtualHost'),
      inside('Directory /*', 'Directory'),
      inside('IfModule mod_core.c', 'IfModule'),
    );
    const file = fc.array(section, { maxLength: 6 }).map((parts) => parts.join(''));
    const address = fc.constantFrom('203.0.113.10', '203.0.113.11', null);
    const wished = fc.record({
      range: fc.constantFrom('49152 65534', '50000 60000'),
      address,
      six: address,
      seven: address,
    });
    const others = (text: string): string[] =>
      text.split('\n').filter((line) => !/^\s*(PassivePorts|MasqueradeAddress)\b|^<\/?Global>/i.test(line));
    fc.assert(
      fc.property(file, wished, (text, { range, address: main, six, seven }) => {
        const hosts = { '10.0.0.6': six, '10.0.0.7': seven };
        const after = editProftpdConf(text, wish(range, main, hosts));
        const { server, ...rest } = told(after);
        assert.deepEqual(server, [range, main]);
        for (const [host, [ports, outside]] of Object.entries(rest)) {
          const wanted = hosts[host as keyof typeof hosts];
          assert.equal(ports, range);
          assert.ok(outside === wanted || (wanted === null && outside === host), `${host} ${outside ?? ''}`);
        }
        assert.deepEqual(others(after), others(text));
        assert.equal(editProftpdConf(after, wish(range, main, hosts)), after);
      }),
      { numRuns: 500 },
    );
  });
});
