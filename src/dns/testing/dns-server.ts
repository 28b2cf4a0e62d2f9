/**
 * A small DNS server on 127.0.0.1 for tests, UDP and TCP on one port. It serves a zone as a recursive resolver would
 * that validates, and errs in whichever way a test asks for.
 */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import {
  AUTHENTIC_DATA,
  decode,
  encode,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
  type Answer,
  type DecodedPacket,
} from 'dns-packet';
import type { QuestionType } from '#dns/resolver.ts';
import { findInZone, ZONE_NEGATIVE_TTL_S, ZONE_TTL_S, type Zone, type ZoneRecord } from './zone.ts';

export interface Asked {
  /** Lower case. */
  readonly name: string;
  readonly type: QuestionType;
  readonly transport: 'udp' | 'tcp';
  readonly isDnssecWanted: boolean;
  readonly hasEdns: boolean;
}

/** What becomes of a question; `answer` is the truth. Octets are sent as they are. */
export type Behaviour =
  | 'answer'
  | 'drop'
  | 'truncate'
  | 'servfail'
  | 'refused'
  | 'formerr'
  /** `formerr` in a header and nothing else. */
  | 'bareFormerr'
  | 'wrongId'
  | 'otherQuestion'
  | 'lowerCase'
  /** Where there is an alias: it, without what it leads to. */
  | 'aliasOnly'
  | 'closeConnection'
  | Buffer;

/** A promise delays the answer until the test wants it; a list is sent in turn. */
export type Behave = (asked: Asked) => Behaviour | readonly Behaviour[] | Promise<Behaviour>;

export interface TestDnsServerOptions {
  readonly zone?: Zone;
  readonly behave?: Behave;
}

const RCODES = { servfail: 2, refused: 5, formerr: 1, bareFormerr: 1, nxdomain: 3, malformed: 2 } as const;
/** Octets a datagram may have for a client without EDNS, RFC 1035 §4.2.1. */
const PLAIN_UDP_OCTETS = 512;

export class TestDnsServer implements AsyncDisposable {
  /** `127.0.0.1:port`, as `dns.servers` takes it. */
  readonly address: string;
  readonly port: number;
  /** Every question that came, in order. */
  readonly asked: Asked[] = [];
  zone: Zone;
  behave: Behave;
  readonly #udp;
  readonly #tcp;
  readonly #connections = new Set<Socket>();
  readonly #watchers: (() => void)[] = [];

  private constructor(
    options: TestDnsServerOptions,
    udp: ReturnType<typeof createSocket>,
    tcp: ReturnType<typeof createServer>,
  ) {
    this.zone = options.zone ?? {};
    this.behave = options.behave ?? (() => 'answer');
    this.#udp = udp;
    this.#tcp = tcp;
    this.port = udp.address().port;
    this.address = `127.0.0.1:${this.port}`;
    udp.on('message', (octets, from) => void this.#takeDatagram(octets, from));
    tcp.on('connection', (socket) => this.#takeConnection(socket));
  }

  static async start(options: TestDnsServerOptions = {}): Promise<TestDnsServer> {
    for (;;) {
      const tcp = createServer();
      tcp.listen(0, '127.0.0.1');
      await once(tcp, 'listening');
      const udp = createSocket('udp4');
      udp.bind((tcp.address() as AddressInfo).port, '127.0.0.1');
      try {
        await once(udp, 'listening');
        return new TestDnsServer(options, udp, tcp);
      } catch {
        // Somebody has that port for UDP.
        tcp.close();
      }
    }
  }

  /** Resolves when so many questions have come since the start. */
  async waitForQuestions(count: number): Promise<void> {
    while (this.asked.length < count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watchers.push(resolve);
      await promise;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    const closed = Promise.all([once(this.#udp, 'close'), once(this.#tcp, 'close')]);
    this.#udp.close();
    this.#tcp.close();
    await closed;
  }

  async #takeDatagram(octets: Buffer, from: RemoteInfo): Promise<void> {
    for await (const answer of this.#answer(octets, 'udp')) {
      if (answer !== 'close') this.#udp.send(answer, from.port, from.address, () => undefined);
    }
  }

  #takeConnection(socket: Socket): void {
    this.#connections.add(socket);
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('error', () => undefined);
    let received = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < received.readUInt16BE() + 2) return;
      void this.#takeStream(received.subarray(2, received.readUInt16BE() + 2), socket);
    });
  }

  async #takeStream(octets: Buffer, socket: Socket): Promise<void> {
    for await (const answer of this.#answer(octets, 'tcp')) {
      if (answer === 'close') {
        socket.destroy();
        return;
      }
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.write(length);
      socket.write(answer);
    }
  }

  async *#answer(octets: Buffer, transport: 'udp' | 'tcp'): AsyncGenerator<Buffer | 'close'> {
    const query = decode(octets);
    const opt = query.additionals?.find((record) => record.type === 'OPT');
    const asked: Asked = {
      name: query.questions?.[0]?.name.toLowerCase() ?? '',
      type: query.questions?.[0]?.type as QuestionType,
      transport,
      hasEdns: opt !== undefined,
      isDnssecWanted: opt?.type === 'OPT' && opt.flag_do,
    };
    this.asked.push(asked);
    for (const watcher of this.#watchers.splice(0)) watcher();
    const behaviour = await this.behave(asked);
    for (const one of [behaviour].flat()) {
      if (one === 'drop') continue;
      yield one === 'closeConnection' ? 'close' : Buffer.isBuffer(one) ? one : this.#compose(query, asked, one);
    }
  }

  #compose(query: DecodedPacket, asked: Asked, behaviour: Behaviour): Buffer {
    const findings = findInZone(this.zone, asked.name, asked.type);
    const alias = findings.records.find((record) => record.type === 'CNAME' && asked.type !== 'CNAME');
    const stopsAtAlias = behaviour === 'aliasOnly' && alias !== undefined;
    const records = stopsAtAlias ? [alias] : findings.records;
    const lack = stopsAtAlias ? undefined : findings.lack;
    const fault = (typeof behaviour === 'string' && behaviour in RCODES ? behaviour : lack) as keyof typeof RCODES;
    const rcode: number = RCODES[fault] ?? 0;
    const isError = rcode !== 0 && rcode !== 3;
    const question = { ...(query.questions?.[0] as { name: string; type: QuestionType }) };
    if (behaviour === 'otherQuestion') question.name = `other.${question.name}`;
    if (behaviour === 'lowerCase') question.name = question.name.toLowerCase();
    const authentic = asked.isDnssecWanted && findings.isAuthentic && !isError ? AUTHENTIC_DATA : 0;
    const compose = (flags: number, answers: Answer[]): Buffer =>
      encode({
        type: 'response',
        id: behaviour === 'wrongId' ? (query.id ?? 0) ^ 1 : (query.id ?? 0),
        flags: RECURSION_DESIRED | RECURSION_AVAILABLE | authentic | rcode | flags,
        questions: behaviour === 'bareFormerr' ? [] : [question],
        answers,
        authorities: lack === 'nxdomain' || lack === 'nodata' ? [SOA] : [],
      });
    const whole = compose(0, isError ? [] : records.map((record) => encodeRecord(record)));
    const room = asked.transport === 'tcp' ? 65_535 : asked.hasEdns ? 1_232 : PLAIN_UDP_OCTETS;
    return behaviour === 'truncate' || whole.length > room ? compose(TRUNCATED_RESPONSE, []) : whole;
  }
}

const SOA = {
  type: 'SOA' as const,
  name: 'example',
  ttl: ZONE_TTL_S,
  data: { mname: 'ns.example', rname: 'hostmaster.example', minimum: ZONE_NEGATIVE_TTL_S },
};

function encodeRecord({ name, ttlS, ...record }: ZoneRecord): Answer {
  const owner = { name, ttl: ttlS };
  switch (record.type) {
    case 'A':
    case 'AAAA':
    case 'PTR':
    case 'CNAME':
      return { ...owner, type: record.type, data: record.data };
    case 'MX':
      return { ...owner, type: 'MX', data: { ...record.data, exchange: record.data.exchange || '.' } };
    case 'SRV':
      return { ...owner, type: 'SRV', data: { ...record.data, target: record.data.target || '.' } };
    case 'TXT':
      return { ...owner, type: 'TXT', data: cutIntoStrings(record.data) };
    case 'TLSA': {
      const { data: certificate, ...parameters } = record.data;
      return { ...owner, type: 'TLSA', data: { ...parameters, certificate: Buffer.from(certificate) } };
    }
  }
}

/** RFC 1035 §3.3: at most 255 octets each. */
function cutIntoStrings(text: string): Buffer[] {
  const octets = Buffer.from(text);
  const strings: Buffer[] = [];
  for (let i = 0; i === 0 || i < octets.length; i += 255) strings.push(octets.subarray(i, i + 255));
  return strings;
}
