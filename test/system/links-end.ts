// Prints the interfaces of the network namespace that it is started in.
import { host } from '../../src/system/host.ts';

console.log(JSON.stringify(await host.links()));
