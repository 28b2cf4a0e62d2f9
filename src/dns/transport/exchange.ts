/**
 * One question put to one server once, by UDP or by TCP. Each takes a socket of its own: the system gives it a source
 * port at random (RFC 5452 §9.2), and datagrams from anywhere but the server asked do not reach it.
 */
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { Clock } from '#base/clock.ts';
import { DNS_LIMITS } from '#dns/limits.ts';
import type { DnsServer } from '#dns/servers.ts';
import { judgeReply, type Query } from '#dns/wire/query.ts';

export type Exchanged =
  | { readonly kind: 'reply'; readonly octets: Buffer }
  /** The answer is cut off (TC), or cannot be told from a forged one. */
  | { readonly kind: 'askByTcp' }
  | {
      readonly kind: 'failed';
      /** `unreachable`: the system says that nobody is there. */
      readonly why: 'timeout' | 'unreachable' | 'malformed';
      readonly message: string;
    };

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Called for each datagram that was no answer. */
  readonly onStray: () => void;
}

/** TC, RFC 1035 §4.1.1. */
function isTruncated(octets: Buffer): boolean {
  return ((octets[2] as number) & 0x02) !== 0;
}

export function askByUdp(server: DnsServer, query: Query, options: ExchangeOptions): Promise<Exchanged> {
  const { promise, resolve } = Promise.withResolvers<Exchanged>();
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
  let strays = 0;
  let hasEnded = false;
  const end = (exchanged: Exchanged): void => {
    // What was read from the system before it was closed still comes.
    if (hasEnded) return;
    hasEnded = true;
    cancelTimer();
    socket.close();
    resolve(exchanged);
  };
  const cancelTimer = options.clock.after(options.timeoutMs, () => end(timedOut));
  socket.on('error', (error) => end({ kind: 'failed', why: 'unreachable', message: error.message }));
  socket.on('message', (octets) => {
    switch (judgeReply(query, octets)) {
      case 'answer':
        return end(isTruncated(octets) ? { kind: 'askByTcp' } : { kind: 'reply', octets });
      case 'doubtful':
        return end({ kind: 'askByTcp' });
      case 'stranger':
        strays++;
        options.onStray();
        if (strays >= DNS_LIMITS.strays) end({ kind: 'askByTcp' });
    }
  });
  socket.on('connect', () => socket.send(query.octets));
  socket.connect(server.port, server.address);
  return promise;
}

/** RFC 7766 §5. The server's answer to our one question; never `askByTcp`. */
export function askByTcp(server: DnsServer, query: Query, options: ExchangeOptions): Promise<Exchanged> {
  const { promise, resolve } = Promise.withResolvers<Exchanged>();
  const socket = connect({ host: server.address, port: server.port });
  // The length, two octets, and then as many: 64 kB at most.
  let received = Buffer.alloc(0);
  const end = (exchanged: Exchanged): void => {
    cancelTimer();
    socket.destroy();
    resolve(exchanged);
  };
  const cancelTimer = options.clock.after(options.timeoutMs, () => end(timedOut));
  socket.on('error', (error) => end({ kind: 'failed', why: 'unreachable', message: error.message }));
  socket.on('close', () => end({ kind: 'failed', why: 'malformed', message: 'the server closed the connection' }));
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const length = received.length < 2 ? Infinity : received.readUInt16BE();
    if (received.length < length + 2) return;
    const octets = received.subarray(2, length + 2);
    const isAnswer = judgeReply(query, octets) !== 'stranger' && !isTruncated(octets);
    end(isAnswer ? { kind: 'reply', octets } : { kind: 'failed', why: 'malformed', message: 'that is no answer' });
  });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(query.octets.length);
  socket.write(Buffer.concat([length, query.octets]));
  return promise;
}

const timedOut: Exchanged = { kind: 'failed', why: 'timeout', message: 'no answer in time' };
