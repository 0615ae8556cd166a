/**
 * The plain way to show a command in a browser, as most programs do it: ws and node-pty, a frame of text for each piece
 * of output. A socket's first message is the command. Prints the port on which it listens. Argument: a file with key and
 * certificate, where it is to speak TLS.
 */
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const { spawn } = createRequire(import.meta.url)('node-pty') as typeof import('@lydell/node-pty');

const [file] = process.argv.slice(2);
const pem = file === undefined ? null : readFileSync(file);
const listener = pem === null ? createPlainServer() : createServer({ key: pem, cert: pem });
const sockets = new WebSocketServer({ server: listener, perMessageDeflate: false });
listener.listen(0, '127.0.0.1', () => console.log((listener.address() as AddressInfo).port));
sockets.on('connection', (socket) => {
  socket.once('message', (message: Buffer) => {
    const [program = '', ...rest] = JSON.parse(message.toString()) as string[];
    const terminal = spawn(program, rest, { cols: 120, rows: 30 });
    terminal.onData((text) => socket.send(text));
    terminal.onExit(() => socket.close());
    socket.once('close', () => terminal.kill());
  });
});
