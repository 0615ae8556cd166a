// What a native file needs of the system's libraries.

const VERNEED = 0x6ffffffe;
const SECTION_BYTES = 64;

/** The newest of each that AlmaLinux, Rocky Linux and CloudLinux 8 have; every later system has them too. */
export const FLOOR = { GLIBC: [2, 28], GLIBCXX: [3, 4, 25], CXXABI: [1, 3, 11] };

/** Whether these bytes are a program or a library of Linux. */
export function isElf(bytes) {
  return bytes.length > SECTION_BYTES && bytes.readUInt32BE(0) === 0x7f454c46;
}

/** Names of the library versions that a 64-bit little-endian ELF file needs, `GLIBC_2.28` and the like (elf(5)). */
export function neededVersions(bytes) {
  const sections = Number(bytes.readBigUInt64LE(0x28));
  const count = bytes.readUInt16LE(0x3c);
  const section = (index) => {
    const at = sections + index * SECTION_BYTES;
    return {
      type: bytes.readUInt32LE(at + 4),
      offset: Number(bytes.readBigUInt64LE(at + 24)),
      link: bytes.readUInt32LE(at + 40),
      entries: bytes.readUInt32LE(at + 44),
    };
  };
  const names = new Set();
  for (let index = 0; index < count; index++) {
    const { type, offset, link, entries } = section(index);
    if (type !== VERNEED) continue;
    const texts = section(link).offset;
    for (let file = offset, left = entries; left > 0; left--) {
      for (let each = file + bytes.readUInt32LE(file + 8), n = bytes.readUInt16LE(file + 2); n > 0; n--) {
        const name = texts + bytes.readUInt32LE(each + 8);
        names.add(bytes.toString('latin1', name, bytes.indexOf(0, name)));
        each += bytes.readUInt32LE(each + 12);
      }
      file += bytes.readUInt32LE(file + 12);
    }
  }
  return [...names].sort();
}

/** Those of these versions that the oldest system does not have. */
export function tooNew(versions) {
  return versions.filter((version) => {
    const [, library = '', numbers = ''] = /^([A-Z]+)_([\d.]+)$/.exec(version) ?? [];
    const floor = FLOOR[library];
    if (floor === undefined) return false;
    const needed = numbers.split('.').map(Number);
    const differs = Array.from({ length: 3 }, (_, at) => (needed[at] ?? 0) - (floor[at] ?? 0)).find(
      (difference) => difference !== 0,
    );
    return (differs ?? 0) > 0;
  });
}
