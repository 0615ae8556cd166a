// Which packages of others are in the product: for its list of parts and for their licences.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The packages that the product needs when it runs on Linux, as package-lock.json names them, by place. */
export function partsOf(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(([place, { dev, optional }]) => {
      const elsewhere = optional === true && !place.endsWith('-linux-x64');
      return place !== '' && dev !== true && !elsewhere && existsSync(join(root, place));
    })
    .map(([place, { name, version, license, integrity }]) => ({
      place,
      name: name ?? place.replace(/^.*node_modules\//, ''),
      version,
      licence: license ?? 'NOASSERTION',
      integrity,
    }))
    .sort((a, b) => (a.place < b.place ? -1 : 1));
}

/** The texts of their licences, one after the other. */
export function licenceTexts(root, parts) {
  return parts
    .map(({ place, name, version, licence }) => {
      const file = readdirSync(join(root, place)).find((each) => /^(licen[cs]e|copying)\b/i.test(each));
      const text = file === undefined ? `Licence: ${licence}` : readFileSync(join(root, place, file), 'utf8');
      return `${name} ${version} (${licence})\n\n${text.trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** A list of parts in the form of CycloneDX 1.5. `runtime`: the Node.js that goes along. */
export function listOfParts(product, parts, runtime, time) {
  const hash = (integrity) => {
    const hex = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
    return [{ alg: 'SHA-512', content: hex }];
  };
  const components = [...parts, runtime].map(({ name, version, licence, integrity }) => ({
    type: name === runtime.name ? 'platform' : 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses: [licence.includes(' ') ? { expression: licence } : { license: { id: licence } }],
    hashes: hash(integrity),
  }));
  const { name, version, license } = product;
  const digest = createHash('sha256').update(JSON.stringify(components)).digest('hex');
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')}`,
    version: 1,
    metadata: {
      timestamp: new Date(time * 1000).toISOString(),
      component: { type: 'application', name, version, licenses: [{ license: { id: license } }] },
    },
    components,
  };
}
