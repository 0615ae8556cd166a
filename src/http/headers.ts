import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

/**
 * What every answer says to the browser: nothing inline, nothing from elsewhere, not framed elsewhere, not kept.
 * The referrer stays on for the same origin, because WHM can be set to refuse forms without it. HSTS is WHM's own
 * affair: the header would bind every port of the server's name.
 * @param livePort the WebSocket's port, the only other thing the page may connect to
 */
export function securityHeaders(livePort: number): RequestHandler[] {
  const shield = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'", (request) => liveSource(request.headers['x-whm-host'], livePort)],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'self'"],
        // The page's code never makes HTML out of text, so a browser may refuse it to.
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'same-origin' },
    crossOriginOpenerPolicy: false,
    strictTransportSecurity: false,
  });
  const fresh: RequestHandler = (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  };
  return [shield, fresh];
}

/** Lets one answer's page connect to further places, for as long as it is shown. */
export function alsoConnect(response: Response, sources: readonly string[]): void {
  const policy = String(response.getHeader('content-security-policy') ?? '');
  response.setHeader(
    'content-security-policy',
    policy.replace('connect-src ', `connect-src ${sources.join(' ')} `),
  );
}

/** A policy cannot name an IPv6 literal; the page then follows a run through WHM. */
function liveSource(host: string | string[] | undefined, port: number): string {
  const name = /^([a-z0-9.-]+)(?::\d{1,5})?$/i.exec(typeof host === 'string' ? host : '')?.[1];
  return name === undefined ? "'self'" : `wss://${name.toLowerCase()}:${port}`;
}
