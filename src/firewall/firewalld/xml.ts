/** An element of an XML text. Text between elements is passed over: firewalld keeps only words for people there. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
}

const PIECE =
  /<!--[\s\S]*?(?:-->|$)|<\?[\s\S]*?(?:\?>|$)|<![^<>]*>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** The outermost element of a file of firewalld; null when its elements do not close. */
export function readXml(text: string): Element | null {
  const top: Element[] = [];
  const open: { name: string; into: Element[] }[] = [{ name: '', into: top }];
  for (const [, closes, name, attributes = '', alone] of text.matchAll(PIECE)) {
    const last = open.at(-1);
    if (closes !== undefined) {
      if (last?.name !== closes) return null;
      open.pop();
    } else if (name !== undefined) {
      const children: Element[] = [];
      last?.into.push({ name, attributes: attributesOf(attributes), children });
      if (alone === '') open.push({ name, into: children });
    }
  }
  return open.length === 1 && top.length === 1 ? (top[0] ?? null) : null;
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(ATTRIBUTE)].map(
    ([, name = '', double, single]) => [name, plain(double ?? single ?? '')] as const,
  );
  return Object.fromEntries(pairs);
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function plain(value: string): string {
  return value.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hex, name: string) => {
    if (decimal !== undefined) return characterOf(Number(decimal)) ?? whole;
    if (hex !== undefined) return characterOf(Number.parseInt(String(hex), 16)) ?? whole;
    return NAMED[name] ?? whole;
  });
}

/** Null for a number that is no character's. */
function characterOf(code: number): string | null {
  return code <= 0x10ffff ? String.fromCodePoint(code) : null;
}
