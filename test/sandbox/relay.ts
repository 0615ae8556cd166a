/**
 * Run on the lab's server: each unix socket named becomes a door to a TCP port of the server itself.
 * Arguments: SOCKET PORT pairs.
 */
import { connect, createServer, type Socket } from 'node:net';

const pairs = process.argv.slice(2);
while (pairs.length > 0) {
  const [path, port] = pairs.splice(0, 2);
  createServer((from) => join(from, connect(Number(port), '127.0.0.1'))).listen(path);
}

function join(one: Socket, other: Socket): void {
  one.on('error', () => other.destroy()).pipe(other);
  other.on('error', () => one.destroy()).pipe(one);
}
