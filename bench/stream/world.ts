import { writeFileSync } from 'node:fs';
import { makeCertificate } from '../../test/http/certificate.ts';
import type { Series } from './figures.ts';
import { startClient, type Client } from './measure.ts';
import { startPlain, startWetty } from './peers.ts';
import { startProduct, type Product } from './product.ts';
import { openScratch, type Scratch } from './scratch.ts';
import type { Server } from './server.ts';

/** All that is measured, running, and what it has shown until now. */
export interface World {
  readonly scratch: Scratch;
  readonly plain: Server;
  /** The same over TLS, which a page that came by https needs. */
  readonly secure: Server;
  readonly wetty: Server;
  readonly product: Product;
  /** The followers that are measured. */
  readonly client: Client;
  /** A process of followers beside them. */
  readonly crowd: Client;
  readonly series: Series;
  stop(): Promise<void>;
}

export async function openWorld(series: Series): Promise<World> {
  const scratch = openScratch();
  const pem = scratch.path('cpanel.pem');
  writeFileSync(pem, makeCertificate());
  const [plain, secure, wetty, product, client, crowd] = await Promise.all([
    startPlain(),
    startPlain(pem),
    startWetty(scratch),
    startProduct(scratch, pem),
    startClient(),
    startClient(),
  ]);
  return {
    scratch,
    plain,
    secure,
    wetty,
    product,
    client,
    crowd,
    series,
    async stop() {
      await Promise.all([plain, secure, wetty, product, client, crowd].map((each) => each.stop()));
      scratch.remove();
    },
  };
}
