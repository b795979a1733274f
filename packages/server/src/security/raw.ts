/** @file Tests: bytes sent to a server as they are, which no client of HTTP would send. */
import { connect } from 'node:net';

/**
 * What comes back until the connection is closed.
 *
 * @param pieces One after the other, each once the one before it is out
 */
export const raw = (address: string, pieces: readonly (string | Buffer)[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(address);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (piece) => {
      answer += piece;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(answer) : reject(error),
    );
    socket.setTimeout(30_000, () => socket.destroy());
    const send = ([piece, ...rest]: readonly (string | Buffer)[]): void => {
      if (piece !== undefined && !socket.destroyed) socket.write(piece, () => send(rest));
    };
    send(pieces);
  });

/** The code of the error table that an answer holds. */
export const codeOf = (answer: string): string =>
  /"code":"([\w.]+)"/.exec(answer)?.[1] ?? answer.slice(0, 200);
