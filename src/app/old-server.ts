/**
 * The mail system that was here before, asked by IMAP over TLS whether a password is right (S-06). Says LOGIN (RFC 9051 §6.2.3) and leaves;
 * reads no mail.
 */
import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import { MailError } from '#base/errors.ts';
import type { OldServer } from '#directory/password-hasher.ts';

/** For the whole exchange: a person waits. Milliseconds. */
const TIMEOUT_MS = 10_000;
/** Octets of all that it says: a greeting, two continuations, a result with its capabilities. */
const MAX_ANSWER = 16 * 1024;

export interface OldServerSettings {
  readonly host: string;
  readonly port: number;
  /** PEM of whom its certificate is to be from; otherwise those that the system trusts. */
  readonly ca?: string;
}

/** `host:port` as the settings have it; undefined where none is set. */
export function openOldServer(text: string, caFile: string): OldServer | undefined {
  const [, host, port] = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined) return undefined;
  return askByImap({ host, port: Number(port), ...(caFile === '' ? {} : { ca: readFileSync(caFile, 'utf8') }) });
}

export function askByImap({ host, port, ca }: OldServerSettings): OldServer {
  return {
    async accepts(login, password) {
      const socket = connect({ host, port, servername: host, ...(ca === undefined ? {} : { ca }) });
      socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer in time')));
      const stop = setTimeout(() => socket.destroy(new Error('no answer in time')), TIMEOUT_MS);
      try {
        return await logIn(socket, login, password);
      } catch (error) {
        throw new MailError('unavailable', 'the old mail server could not be asked', { cause: error });
      } finally {
        clearTimeout(stop);
        socket.destroy();
      }
    },
  };
}

/** Literals (RFC 9051 §4.3), since any octet may stand in a password. */
async function logIn(socket: TLSSocket, login: string, password: string): Promise<boolean> {
  const lines = readLines(socket);
  const next = async (isWanted: (line: string) => boolean): Promise<string> => {
    for (;;) {
      const { done, value } = await lines.next();
      if (done === true) throw new Error('closed before it answered');
      if (isWanted(value)) return value;
      if (value.startsWith('* BYE')) throw new Error(`it says ${value}`);
    }
  };
  const isAnswer = (line: string): boolean => line.startsWith('+') || line.startsWith('a ');
  await next((line) => line.startsWith('* OK'));
  const pieces = [`a LOGIN {${Buffer.byteLength(login)}}`, `${login} {${Buffer.byteLength(password)}}`];
  for (const piece of pieces) {
    socket.write(`${piece}\r\n`);
    const line = await next(isAnswer);
    if (!line.startsWith('+')) throw new Error(`it says ${line}`);
  }
  socket.write(`${password}\r\n`);
  const result = await next((line) => line.startsWith('a '));
  if (/^a OK\b/i.test(result)) return true;
  // RFC 9051 §7.1: it is not the password that is at fault.
  if (!/^a NO\b/i.test(result) || /\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]/i.test(result))
    throw new Error(`it says ${result}`);
  return false;
}

async function* readLines(socket: TLSSocket): AsyncGenerator<string, void, void> {
  let [held, octets] = ['', 0];
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    octets += chunk.length;
    if (octets > MAX_ANSWER) throw new Error('it says too much');
    const lines = `${held}${chunk.toString('latin1')}`.split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) yield line.replace(/\r$/, '');
  }
}
