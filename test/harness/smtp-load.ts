/** Mail sent on several connections at once while something happens to the server; remembers what was acknowledged. */
import { ImapTestClient, openSmtp, sendMessage, type LineClient } from './line-client.ts';
import { PASSWORD } from './campus.ts';

export interface SmtpLoad {
  /** Message ids answered 250, with the time of the answer (performance.now). */
  readonly acknowledged: ReadonlyMap<string, number>;
  /** Codes of the answers that were not 250, in order. */
  readonly refusals: readonly { readonly code: number; readonly atMs: number }[];
  /** Sends no more; resolves when every connection is done with the message it was at. */
  stop(): Promise<void>;
}

export interface SmtpLoadOptions {
  readonly recipient: string;
  readonly connections: number;
  /** Begins every message id, where one mailbox gets several loads. */
  readonly name?: string;
  /** Octets of each message, about. */
  readonly sizeBytes?: number;
  /** Ports to send to, in turn; asked again for each connection, and after a connection is lost. */
  readonly ports: () => readonly number[];
  /** Whether to connect again when a connection is lost or cannot be had; otherwise that connection's work ends. */
  readonly reconnects?: boolean;
}

/** Begins at once. */
export function startSmtpLoad(options: SmtpLoadOptions): SmtpLoad {
  const { recipient, connections, sizeBytes = 2000, name = 'm', ports, reconnects = false } = options;
  const acknowledged = new Map<string, number>();
  const refusals: { code: number; atMs: number }[] = [];
  const filler = `${'x'.repeat(76)}\r\n`.repeat(Math.ceil(sizeBytes / 78));
  let isOver = false;
  let next = 0;
  // A function, for it changes while others wait.
  const goesOn = (): boolean => !isOver;

  async function work(connection: number): Promise<void> {
    let client: LineClient | undefined;
    while (goesOn()) {
      try {
        const among = ports();
        client ??= await openSmtp(among[connection % among.length] as number);
        const id = `${name}.${next++}@load.example`;
        const head = `From: <a@load.example>\r\nMessage-ID: <${id}>\r\nSubject: ${id}\r\n\r\n`;
        const { code } = await sendMessage(client, 'a@load.example', [recipient], head + filler);
        if (code === 250) acknowledged.set(id, performance.now());
        else refusals.push({ code, atMs: performance.now() });
      } catch (error) {
        client?.close();
        client = undefined;
        const code = Number(/: (4\d\d) /.exec(String(error))?.[1] ?? 0);
        if (code > 0) refusals.push({ code, atMs: performance.now() });
        if (!reconnects) return;
        await new Promise((resolve) => void setTimeout(resolve, 20));
      }
    }
    client?.close();
  }

  const finished = Promise.all(Array.from({ length: connections }, (_, connection) => work(connection)));
  return {
    acknowledged,
    refusals,
    async stop() {
      isOver = true;
      await finished;
    },
  };
}

/** Message id -> how often the inbox holds it. Every message is read whole. */
export async function countMessageIds(port: number, login: string): Promise<Map<string, number>> {
  const imap = await ImapTestClient.open(port, login, PASSWORD);
  try {
    const counts = new Map<string, number>();
    const [exists] = await imap.command('EXAMINE INBOX');
    if (exists === '* 0 EXISTS') return counts;
    for (const response of await imap.command('FETCH 1:* (BODY.PEEK[])')) {
      const id = /Message-ID: <([^>]+)>/.exec(response)?.[1];
      if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return counts;
  } finally {
    imap.close();
  }
}
