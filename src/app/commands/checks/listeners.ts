/** Whether each configured port answers as what it should be. */
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Config, HostPort, ListenerName } from '#app/config.ts';
import { errorText } from '#base/errors.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

interface Expectation {
  readonly tls?: true;
  /** Sent first, where the client speaks first. */
  readonly ask?: string;
  readonly answer: RegExp;
}

/** What this version listens on. */
const EXPECTATIONS: Partial<Record<ListenerName, Expectation>> = {
  smtp: { answer: /^220[ -]/ },
  lmtp: { answer: /^220[ -]/ },
  submission: { answer: /^220[ -]/ },
  submissions: { answer: /^220[ -]/, tls: true },
  imap: { answer: /^\* OK/ },
  imaps: { answer: /^\* OK/, tls: true },
  pop3: { answer: /^\+OK/ },
  pop3s: { answer: /^\+OK/, tls: true },
  http: { ask: 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', answer: /^HTTP\/1\.1 200/ },
  managesieve: { answer: /^"IMPLEMENTATION"/ },
};
/** Octets of an answer that are looked at. */
const ANSWER_BYTES = 512;

export async function checkListeners(config: Config, isRunning: boolean, timeoutMs = 5_000): Promise<Finding[]> {
  const plans = (Object.keys(EXPECTATIONS) as ListenerName[]).flatMap((name) =>
    config.listen[name].map((address) => ({ name, address, expectation: EXPECTATIONS[name] as Expectation })),
  );
  return Promise.all(
    plans.map(({ name, address, expectation }) => checkListener(name, address, expectation, isRunning, timeoutMs)),
  );
}

async function checkListener(
  name: ListenerName,
  address: HostPort,
  expectation: Expectation,
  isRunning: boolean,
  timeoutMs: number,
): Promise<Finding> {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const what = `${name} ${host}:${address.port}`;
  if (address.port === 0) return ok(what, 'any free port: not checked');
  let answer: string;
  try {
    answer = await ask(address, expectation, timeoutMs);
  } catch (error) {
    const reason = errorText(error);
    if (isRunning) return fail(what, `does not answer: ${reason}`, 'See the log; ss -ltnp shows who listens where');
    const isFree = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
    return isFree ? ok(what, 'free') : warn(what, `not checked: ${reason}`);
  }
  if (!isRunning) return fail(what, 'another program listens there', 'ss -ltnp shows which; the server cannot start');
  if (expectation.answer.test(answer)) return ok(what, 'answers');
  const shown = JSON.stringify(answer.split('\r\n')[0]?.slice(0, 80) ?? '');
  return fail(what, `answers as something else: ${shown}`, 'See the log, and whether another program has the port');
}

/** The first line or so that comes; rejects with the reason when nothing does. */
function ask({ host, port }: HostPort, expectation: Expectation, timeoutMs: number): Promise<string> {
  // Every address is ours as well; loopback is the one that surely works.
  const target = host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host;
  return new Promise((resolve, reject) => {
    const socket: Socket =
      expectation.tls === true
        ? connectTls({ host: target, port, rejectUnauthorized: false })
        : connectPlain({ host: target, port });
    let text = '';
    const done = (error?: Error): void => {
      socket.destroy();
      if (error === undefined) resolve(text);
      else reject(error);
    };
    socket.setTimeout(timeoutMs, () => done(new Error(`no answer within ${timeoutMs / 1000} s`)));
    socket.on('error', done);
    socket.on('close', () => done());
    socket.once(expectation.tls === true ? 'secureConnect' : 'connect', () => socket.write(expectation.ask ?? ''));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes('\n') || text.length > ANSWER_BYTES) done();
    });
  });
}
