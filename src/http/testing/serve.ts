/** A web listener on loopback for tests. */
import { connect } from 'node:net';
import { systemClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { noMetrics } from '#base/metrics.ts';
import { systemRandom } from '#base/random.ts';
import { HttpServer, type HttpServerOptions } from '#http/server.ts';

export interface Served {
  /** `http://127.0.0.1:4711`, `https:` where there is TLS. */
  readonly base: string;
  readonly port: number;
  readonly server: HttpServer;
}

export async function withServer(
  options: Partial<HttpServerOptions>,
  use: (served: Served) => Promise<void>,
): Promise<void> {
  const server = new HttpServer({
    routes: [],
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    metrics: noMetrics,
    limits: {
      maxConnections: 10_000,
      maxConnectionsPerAddress: 100,
      rates: { requestsPerMinute: 6000, octetsPerMinute: 1e9 },
    },
    ...options,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  try {
    await use({ base: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, port, server });
  } finally {
    await server.close({ drainMs: 2_000 });
  }
}

/** Sends `octets` as they are and resolves to all that comes until the server closes. */
export function sendRaw(port: number, octets: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(octets));
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}
