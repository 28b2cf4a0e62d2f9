/** As much of an LDAP server as a pull needs: bind, a paged search, and what was asked. */
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { BerReader, BerWriter } from 'ldapts';

export type LdapEntry = Readonly<Record<string, string>>;

export interface LdapServer {
  readonly url: string;
  /** `bind DN PASSWORD`, `search FILTER-OCTETS…`, in order. */
  readonly asked: string[];
  close(): Promise<void>;
}

const OPERATION = { bind: 0x60, bindAnswer: 0x61, unbind: 0x42, search: 0x63, entry: 0x64, done: 0x65 } as const;
const PAGED = '1.2.840.113556.1.4.319';
const INVALID_CREDENTIALS = 49;

export async function openLdapServer(entries: readonly LdapEntry[], password: string): Promise<LdapServer> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let pending = Buffer.alloc(0);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (octets: Buffer) => {
      pending = Buffer.concat([pending, octets]);
      for (;;) {
        const reader = new BerReader(pending);
        if (reader.readSequence() === null || reader.length > reader.remain) return;
        const message = pending.subarray(0, reader.offset + reader.length);
        pending = pending.subarray(message.length);
        answer(new BerReader(message), socket, entries, password, asked);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function answer(
  reader: BerReader,
  socket: Socket,
  entries: readonly LdapEntry[],
  password: string,
  asked: string[],
): void {
  reader.readSequence();
  const id = reader.readInt() ?? 0;
  const operation = reader.readSequence();
  if (operation === OPERATION.unbind) return void socket.end();
  if (operation === OPERATION.bind) {
    reader.readInt();
    const name = reader.readString() ?? '';
    const given = reader.readString(0x80) ?? '';
    asked.push(`bind ${name} ${given}`);
    return send(socket, id, OPERATION.bindAnswer, given === password ? 0 : INVALID_CREDENTIALS);
  }
  if (operation !== OPERATION.search) return void socket.destroy();
  const end = reader.offset + reader.length;
  asked.push(`search ${reader.buffer.subarray(reader.offset, end).toString('latin1')}`);
  reader.offset = end;
  const { size, cookie } = readPaging(reader);
  const from = Number(cookie === '' ? 0 : cookie);
  for (const entry of entries.slice(from, from + size)) sendEntry(socket, id, entry);
  const next = from + size < entries.length ? String(from + size) : '';
  send(socket, id, OPERATION.done, 0, next);
}

function readPaging(reader: BerReader): { readonly size: number; readonly cookie: string } {
  reader.readSequence(0xa0);
  reader.readSequence();
  reader.readString();
  if (reader.peek() === 1) reader.readBoolean();
  const inner = new BerReader(reader.readString(4, true) ?? Buffer.alloc(0));
  inner.readSequence();
  return { size: inner.readInt() ?? 0, cookie: inner.readString() ?? '' };
}

function sendEntry(socket: Socket, id: number, entry: LdapEntry): void {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(OPERATION.entry);
  writer.writeString(`uid=${entry['uid'] ?? ''},dc=example`);
  writer.startSequence();
  for (const [name, value] of Object.entries(entry)) {
    writer.startSequence();
    writer.writeString(name);
    writer.startSequence(0x31);
    writer.writeString(value);
    writer.endSequence();
    writer.endSequence();
  }
  writer.endSequence();
  writer.endSequence();
  writer.endSequence();
  socket.write(writer.buffer);
}

function send(socket: Socket, id: number, operation: number, result: number, cookie?: string): void {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(operation);
  writer.writeEnumeration(result);
  writer.writeString('');
  writer.writeString('');
  writer.endSequence();
  if (cookie !== undefined) {
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(0);
    value.writeString(cookie);
    value.endSequence();
    writer.startSequence(0xa0);
    writer.startSequence();
    writer.writeString(PAGED);
    writer.writeBuffer(value.buffer, 4);
    writer.endSequence();
    writer.endSequence();
  }
  writer.endSequence();
  socket.write(writer.buffer);
}
