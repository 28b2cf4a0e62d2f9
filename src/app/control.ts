/**
 * The running server's own door on this machine: a Unix socket in data_dir, open to the owner of the files only, by
 * which commands run inside the server. One command a connection; frames are lines of JSON.
 */
import { chmodSync, existsSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import { CommandFailure, EXIT, type CommandIo } from './command.ts';

/** A request is a command line; more than this is no command line. Octets. */
const REQUEST_LIMIT = 2 * 1024 * 1024;
/** Standard input passed along (passwords). Octets. */
const INPUT_LIMIT = 1024 * 1024;
/** How long commands may take to stop when the server ends, milliseconds. */
const CLOSE_MS = 5_000;
/** Unix socket paths are short (108 octets on Linux). */
const PATH_LIMIT = 100;

interface Request {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly operator?: string;
}

type Frame =
  | { readonly out: string }
  | { readonly err: string }
  | { readonly progress: string }
  /** The server wants the person's standard input. */
  | { readonly wantInput: true }
  | { readonly exit: number };

export function controlPath(dataDir: string): string {
  const path = join(resolve(dataDir), 'control.sock');
  // A deeper data_dir would be cut silently: go by a relative path then.
  return Buffer.byteLength(path) <= PATH_LIMIT ? path : join(dataDir, 'control.sock');
}

export class ControlServer {
  readonly #run: (words: readonly string[], io: CommandIo) => Promise<number>;
  readonly #log: Logger;
  #server: Server | undefined;
  readonly #path: string;
  readonly #sessions = new Map<Socket, AbortController>();

  constructor(dataDir: string, run: (words: readonly string[], io: CommandIo) => Promise<number>, log: Logger) {
    this.#path = controlPath(dataDir);
    this.#run = run;
    this.#log = log;
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  }

  /** The store's lock is held by this process, so a socket that is there is a dead one's. */
  async listen(): Promise<void> {
    if (existsSync(this.#path)) unlinkSync(this.#path);
    const server = createServer((socket) => this.#serve(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#path, resolve);
    });
    chmodSync(this.#path, 0o600);
    this.#server = server;
  }

  #serve(socket: Socket): void {
    const aborter = new AbortController();
    const lines = new LineReader(REQUEST_LIMIT);
    const send = (frame: Frame): void => {
      if (socket.writable) socket.write(`${JSON.stringify(frame)}\n`);
    };
    let isRunning = false;
    let input: PromiseWithResolvers<string> | undefined;
    this.#sessions.set(socket, aborter);
    aborter.signal.addEventListener('abort', () => void (isRunning || socket.destroy()));
    socket.on('error', () => aborter.abort());
    socket.on('close', () => {
      this.#sessions.delete(socket);
      aborter.abort();
      input?.reject(new CommandFailure('whoever ran the command is gone'));
    });
    socket.on('data', (chunk: Buffer) => {
      for (const line of lines.push(chunk)) {
        const request = parseJson(line);
        if (isRunning) {
          const { input: text } = (request ?? {}) as { input?: unknown };
          if (typeof text === 'string') input?.resolve(text);
          continue;
        }
        if (!isRequest(request)) return void socket.destroy();
        isRunning = true;
        const io: CommandIo = {
          cwd: request.cwd,
          // Whoever may open the socket owns the files: they are believed.
          ...(typeof request.operator === 'string' ? { operator: request.operator.slice(0, 100) } : {}),
          out: (text) => send({ out: text }),
          err: (text) => send({ err: text }),
          progress: (text) => send({ progress: text }),
          readInput() {
            input ??= Promise.withResolvers();
            send({ wantInput: true });
            return input.promise;
          },
          signal: aborter.signal,
        };
        void this.#run(request.words, io)
          .catch((error: unknown) => {
            this.#log.error({ err: errorText(error) }, 'control command failed');
            return EXIT.failed;
          })
          .then((exit) => socket.end(`${JSON.stringify({ exit } satisfies Frame)}\n`));
      }
      if (lines.isOverfull) socket.destroy();
    });
  }

  /** Tells running commands to stop, and waits for them a little. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const late = setTimeout(() => {
      for (const socket of this.#sessions.keys()) socket.destroy();
    }, CLOSE_MS);
    for (const aborter of this.#sessions.values()) aborter.abort();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    clearTimeout(late);
  }
}

/** Runs a command line in the server that owns `dataDir`; `undefined` when none runs. */
export async function runByControl(
  dataDir: string,
  words: readonly string[],
  io: CommandIo,
): Promise<number | undefined> {
  const socket = await connectTo(controlPath(dataDir));
  if (socket === undefined) return undefined;
  return new Promise<number>((resolve) => {
    const lines = new LineReader(Infinity);
    const abort = (): void => void socket.destroy();
    io.signal.addEventListener('abort', abort, { once: true });
    let exit: number | undefined;
    socket.on('data', (chunk: Buffer) => {
      for (const line of lines.push(chunk)) {
        const frame = parseJson(line) as Frame;
        if ('out' in frame) io.out(frame.out);
        else if ('err' in frame) io.err(frame.err);
        else if ('progress' in frame) io.progress(frame.progress);
        else if ('exit' in frame) exit = frame.exit;
        else sendInput(socket, io);
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      io.signal.removeEventListener('abort', abort);
      if (exit === undefined) io.err('campusmail: the server went away before the command was done\n');
      resolve(exit ?? EXIT.unavailable);
    });
    socket.write(
      `${JSON.stringify({ words, cwd: io.cwd, ...(io.operator === undefined ? {} : { operator: io.operator }) } satisfies Request)}\n`,
    );
  });
}

function sendInput(socket: Socket, io: CommandIo): void {
  io.readInput().then(
    (input) => void socket.write(`${JSON.stringify({ input })}\n`),
    (error: unknown) => {
      io.err(`campusmail: cannot read standard input: ${errorText(error)}\n`);
      socket.destroy();
    },
  );
}

/** Whether a server answers for `dataDir`. */
export async function isServerRunning(dataDir: string): Promise<boolean> {
  const socket = await connectTo(controlPath(dataDir));
  socket?.destroy();
  return socket !== undefined;
}

function connectTo(path: string): Promise<Socket | undefined> {
  if (!existsSync(path)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('error', () => resolve(undefined));
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

function isRequest(value: unknown): value is Request {
  const { words, cwd } = (value ?? {}) as Partial<Request>;
  return Array.isArray(words) && words.every((word) => typeof word === 'string') && typeof cwd === 'string';
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

class LineReader {
  #rest = '';
  readonly #limit: number;
  readonly #decoder = new TextDecoder();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isOverfull(): boolean {
    return this.#rest.length > this.#limit;
  }

  push(chunk: Buffer): string[] {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = lines.pop() as string;
    return lines;
  }
}

/** All of a stream as text, at most INPUT_LIMIT octets. */
export async function readStream(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > INPUT_LIMIT) throw new Error(`standard input is longer than ${INPUT_LIMIT} octets`);
  }
  return Buffer.concat(chunks).toString('utf8');
}
