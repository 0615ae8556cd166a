import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';

/** An answer of WHM, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Somebody logged in to the stand-in WHM, as a browser would be. Paths are what follows the session's token. */
export interface Browser {
  readonly token: string;
  readonly cookie: string;
  get(path: string): Promise<Answer>;
  /** Sends a form from one of WHM's own pages. */
  post(path: string, form: Readonly<Record<string, string>>): Promise<Answer>;
  /** The bytes of an answer as they arrive. */
  stream(path: string): AsyncIterable<Buffer>;
}

interface Asking {
  readonly method?: 'GET' | 'POST';
  readonly cookie?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request to the stand-in, whose certificate nobody has signed. */
export async function ask(url: string, asking: Asking = {}): Promise<Answer> {
  const response = await open(url, asking);
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk as string;
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** Logs in with the form of WHM's log-in page. @throws Error when WHM refuses */
export async function logIn(url: string, user: { name: string; password: string }): Promise<Browser> {
  const form = { user: user.name, pass: user.password };
  const { status, headers } = await ask(`${url}/login/`, { method: 'POST', form });
  const token = (headers.location ?? '').replace(/\/$/, '');
  const cookie = headers['set-cookie']?.[0]?.split(';')[0];
  if (status !== 307 || cookie === undefined) throw new Error(`WHM refused ${user.name}: ${status}`);
  const own = { origin: url, 'sec-fetch-site': 'same-origin' };
  return {
    token,
    cookie,
    get: (path) => ask(`${url}${token}${path}`, { cookie }),
    post: (path, form) => ask(`${url}${token}${path}`, { method: 'POST', cookie, form, headers: own }),
    async *stream(path) {
      const response = await open(`${url}${token}${path}`, { cookie });
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) throw new Error(`${path}: ${status}`);
      for await (const chunk of response) yield chunk as Buffer;
    },
  };
}

function open(url: string, { method = 'GET', cookie, form, headers = {} }: Asking): Promise<IncomingMessage> {
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const all = {
    ...headers,
    ...(cookie === undefined ? {} : { cookie }),
    ...(body === undefined
      ? {}
      : {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': String(Buffer.byteLength(body)),
        }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: all, rejectUnauthorized: false, agent: false }, resolve);
    sent.on('error', reject);
    sent.end(body);
  });
}
