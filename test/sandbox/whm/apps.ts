import { readdirSync, readFileSync } from 'node:fs';

/** A registered application, as its AppConfig file says. `urls` begin with a slash. */
export interface App {
  readonly name: string;
  readonly urls: readonly string[];
  readonly acls: readonly string[];
  readonly user: string;
}

const APPS = '/var/cpanel/apps';

/** documented: files NAME.conf of key=value lines with # comments. */
export function readApps(): App[] {
  let names: string[];
  try {
    names = readdirSync(APPS).filter((name) => name.endsWith('.conf'));
  } catch {
    return [];
  }
  return names.map((file) => {
    const pairs = readFileSync(`${APPS}/${file}`, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const found = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line);
        return found ? [[found[1] ?? '', found[2] ?? ''] as const] : [];
      });
    const key = new Map(pairs);
    return {
      name: key.get('name') ?? file.slice(0, -'.conf'.length),
      urls: pairs.filter(([name]) => /^url\d*$/.test(name)).map(([, url]) => url),
      acls: (key.get('acls') ?? '').split(',').map((acl) => acl.trim()),
      user: key.get('user') ?? 'root',
    };
  });
}

/** The application that a path belongs to. assumed: a url that ends in a slash stands for everything below it. */
export function appOf(apps: readonly App[], path: string): App | undefined {
  return apps.find(({ urls }) =>
    urls.some((url) => (url.endsWith('/') ? path.startsWith(url) : path === url)),
  );
}

/** documented: one of the application's ACLs is enough; `any` is everybody's, `all` makes as good as root. */
export function mayOpen(app: App, user: string): boolean {
  if (user === 'root' || app.acls.includes('any')) return true;
  const own = aclsOf(user);
  return own.includes('all') || app.acls.some((acl) => own.includes(acl));
}

/** documented: lines user:acl,acl,… read at each request. */
function aclsOf(user: string): string[] {
  const lines = readFileSync('/var/cpanel/resellers', 'utf8').split('\n');
  const line = lines.find((each) => each.startsWith(`${user}:`));
  return line === undefined ? [] : line.slice(user.length + 1).split(',');
}
