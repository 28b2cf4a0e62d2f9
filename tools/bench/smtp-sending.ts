/**
 * What the sending engine costs: messages of 10 kB to a sink on loopback, which runs in a thread of its own so that
 * only the client's time is counted. `node tools/bench/smtp-sending.ts [messages] [chunks]`
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

import { systemClock } from '#base/clock.ts';
import { systemRandom } from '#base/random.ts';
import { LineReader } from '#net/line-reader.ts';
import { openSmtpConnection } from '#smtp/client/connection.ts';
import { readContent } from '#smtp/client/content.ts';
import { DataReader } from '#smtp/wire/data-reader.ts';

const SIZE_BYTES = 10_240;
const CONNECTIONS = [1, 4];

/** Answers yes to everything and keeps nothing. */
function serveSink(socket: Socket, keywords: readonly string[]): void {
  const lines = new LineReader(2048, 2048, (octets) => octets.toString('latin1'));
  let data: DataReader | undefined;
  let chunkBytes = 0;
  const answer = (line: string): string => {
    if (line.startsWith('EHLO')) return `250-sink\r\n${keywords.map((word) => `250-${word}\r\n`).join('')}250 SIZE\r\n`;
    if (line.startsWith('DATA')) data = new DataReader();
    if (line.startsWith('BDAT')) chunkBytes = Number(line.split(' ')[1]);
    if (chunkBytes > 0) return '';
    return data === undefined ? '250 2.1.0 Ok\r\n' : '354 Go on\r\n';
  };
  socket.write('220 sink\r\n');
  socket.on('error', () => socket.destroy());
  socket.on('data', (octets: Buffer) => {
    let replies = '';
    for (let at = 0; at < octets.length;) {
      if (chunkBytes > 0) {
        const taken = Math.min(chunkBytes, octets.length - at);
        chunkBytes -= taken;
        at += taken;
        if (chunkBytes === 0) replies += '250 2.0.0 Queued\r\n';
      } else if (data !== undefined) {
        at = data.push(octets, at, { push() {} });
        if (!data.isDone) continue;
        data = undefined;
        replies += '250 2.0.0 Queued\r\n';
      } else {
        at = lines.push(octets, at);
        if (typeof lines.line === 'string') replies += answer(lines.line);
      }
    }
    if (replies !== '') socket.write(replies);
  });
}

async function measure(port: number, connections: number, messages: number): Promise<void> {
  const octets = Buffer.from(`Subject: x\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(SIZE_BYTES / 78)}`);
  const startMs = performance.now();
  const cpu = process.threadCpuUsage();
  const work = async (): Promise<void> => {
    const opened = await openSmtpConnection({
      address: '127.0.0.1',
      port,
      hostname: 'bench.example',
      tls: { kind: 'never' },
      clock: systemClock,
      random: systemRandom,
    });
    if (opened.kind !== 'open') throw new Error(opened.message);
    for (let i = 0; i < messages / connections; i++) {
      const { recipients } = await opened.connection.send({
        reversePath: { address: 'a@bench.example', smtpUtf8: false, requireTls: false, dsn: {} },
        forwardPaths: [{ address: 'b@bench.example', dsn: {} }],
        content: readContent(octets),
      });
      if (recipients[0]?.kind !== 'accepted') throw new Error(JSON.stringify(recipients));
    }
    await opened.connection.quit();
  };
  await Promise.all(Array.from({ length: connections }, work));
  const { user, system } = process.threadCpuUsage(cpu);
  const perSecond = (messages / (performance.now() - startMs)) * 1000;
  const cpuMs = (user + system) / 1000 / messages;
  console.log(`${connections} connections: ${perSecond.toFixed(0)} messages/s, ${cpuMs.toFixed(3)} ms CPU a message`);
}

if (isMainThread) {
  const [messages = '20000', chunks] = process.argv.slice(2);
  const keywords = chunks === undefined ? ['PIPELINING'] : ['PIPELINING', 'CHUNKING'];
  const sink = new Worker(new URL(import.meta.url), { workerData: keywords });
  const [port] = (await once(sink, 'message')) as [number];
  // Once for the compiler.
  for (const connections of [1, ...CONNECTIONS]) await measure(port, connections, Number(messages));
  await sink.terminate();
} else {
  const server = createServer({ noDelay: true }, (socket) => serveSink(socket, workerData as string[]));
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
}
