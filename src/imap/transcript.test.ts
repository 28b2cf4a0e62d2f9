/**
 * Runs the `.transcript` files over a loopback socket. A file holds cases:
 *
 *   === title
 *   ! mail 3                  3 messages in INBOX, `! new 3` if nobody was told of them; `! tls`, `! plaintext no`, `! limit NAME NUMBER`: the server
 *   ! login                   signed in as anna, the greeting taken; `! select INBOX`: that as well
 *   C: NOOP                   a command; the runner adds tag and CRLF
 *   C+ DONE                   a line that is no command: with CRLF, without tag
 *   C= "raw\n"                JSON, sent as it is, as latin1
 *   S: * 3 EXISTS             expected; a line that begins with neither `* ` nor `+ ` is the tagged one of the last command
 *   S= text                   expected exactly so: inside a literal
 *   $name                     matches a word, the same word wherever the name comes again
 *   2C: …  2S: …              a second client, in the same state
 *   ! shares                  people may share their mailboxes; with `! as bob` the second client is bob, signed in
 *   G                         the greeting, whatever it says
 *   T                         the client makes its TLS handshake
 *   X                         the server closes without another line
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { testContext } from '#test/harness/certificate.ts';
import { openTestStore, type StoreKind } from '#test/harness/stores.ts';
import { readCases, readSent, Words, type TranscriptCase } from '#test/harness/transcript.ts';
import type { ImapLimits } from './limits.ts';
import type { ImapServerOptions } from './server.ts';
import { TestOthers } from './testing/others.ts';
import { fillMailbox, startServer } from './testing/test-server.ts';
import type { TestClient, TestServer } from './testing/test-server.ts';

const folder = join(import.meta.dirname, 'commands');
const files = readdirSync(folder).filter((name) => name.endsWith('.transcript'));

/** The others say the same more slowly; `TRANSCRIPT_STORES=memory,sqlite,postgres` runs them all. */
const kinds = (process.env['TRANSCRIPT_STORES'] ?? 'memory').split(',') as StoreKind[];

for (const kind of kinds) {
  for (const file of files) {
    describe(`${file} (${kind})`, () => {
      for (const one of readCases(join(folder, file))) {
        it(one.title, { timeout: 20_000 }, () => runCase(kind, one));
      }
    });
  }
}

it('there is a transcript beside every command', () => {
  const stems = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  const missing = stems.filter((name) => !files.includes(name.replace(/\.ts$/, '.transcript')));
  assert.deepEqual(missing, []);
});

interface Setting {
  readonly options: Partial<ImapServerOptions>;
  readonly messages: number;
  readonly isNew: boolean;
  readonly commands: readonly string[] | undefined;
  /** Whether the second client is bob. */
  readonly hasBob: boolean;
}

async function readSetting(one: TranscriptCase): Promise<Setting> {
  const options: { -readonly [Key in keyof ImapServerOptions]?: ImapServerOptions[Key] } = {};
  const limits: { -readonly [Key in keyof ImapLimits]?: number } = {};
  const context = await testContext();
  let messages = 0;
  let isNew = false;
  let commands: string[] | undefined;
  let hasBob = false;
  for (const { text } of one.lines) {
    if (!text.startsWith('! ')) continue;
    const [word, name = '', value] = text.slice(2).split(' ');
    if (word === 'mail' || word === 'new') {
      messages = Number(name);
      isNew = word === 'new';
    } else if (word === 'tls') options.tls = () => context;
    else if (word === 'plaintext') options.allowPlaintext = () => name !== 'no';
    else if (word === 'limit') limits[name as keyof ImapLimits] = Number(value);
    else if (word === 'shares') options.others = new TestOthers();
    else if (word === 'as') hasBob = true;
    else if (word === 'login') commands ??= [];
    else if (word === 'select') (commands ??= []).push(`SELECT ${name}`);
    else if (word === 'after') (commands ??= []).push(text.slice(8));
    else assert.fail(`unknown setting ${text}`);
  }
  return { options: { ...options, limits }, messages, isNew, commands, hasBob };
}

async function runCase(kind: StoreKind, one: TranscriptCase): Promise<void> {
  const { options, messages, isNew, commands, hasBob } = await readSetting(one);
  await using host = await startServer(await openTestStore(kind), options);
  await fillMailbox(host.account, messages, isNew);
  const dialogues = new Map<string, Dialogue>();
  const words = new Words(wordPattern);
  const steps = one.lines.flatMap(({ number, text }) => {
    if (text.startsWith('! ')) return [];
    const isNumbered = /^\d/.test(text);
    return [{ number, who: isNumbered ? (text[0] as string) : '1', step: isNumbered ? text.slice(1) : text }];
  });
  for (const who of [...new Set(steps.map((step) => step.who))].toSorted()) {
    const client = hasBob && who === '2' ? await host.openBob() : await openClient(host, commands);
    dialogues.set(who, new Dialogue(client, words));
  }
  for (const { number, who, step } of steps) await dialogues.get(who)?.take(step, `line ${number}`);
}

function openClient(host: TestServer, commands: readonly string[] | undefined): Promise<TestClient> {
  return commands === undefined ? host.connect() : host.open(...commands);
}

/** Words end where IMAP's do. */
function wordPattern(name: string): string {
  return name === 'capabilities' ? String.raw`[^\]]+` : String.raw`[^\s\])]+`;
}

class Dialogue {
  readonly #client: TestClient;
  readonly #words: Words;
  #tag = '';

  constructor(client: TestClient, words: Words) {
    this.#client = client;
    this.#words = words;
  }

  async take(step: string, where: string): Promise<void> {
    const rest = step.slice(3);
    const client = this.#client;
    switch (step.slice(0, 2)) {
      case 'C:':
        this.#tag = client.nextTag();
        client.send(`${this.#tag} ${this.#words.fill(rest)}\r\n`);
        break;
      case 'C+':
        client.send(`${this.#words.fill(rest)}\r\n`);
        break;
      case 'C=':
        client.send(readSent(step));
        break;
      case 'S:':
        this.#words.assertLine(await client.line(), /^[*+] /.test(rest) ? rest : `${this.#tag} ${rest}`, where);
        break;
      case 'S=':
      case 'S':
        this.#words.assertLine(await client.line(), rest, where);
        break;
      case 'G':
        assert.match((await client.line()) ?? '', /^\* OK \[CAPABILITY IMAP4rev1 /, where);
        break;
      case 'T':
        await client.startTls();
        break;
      case 'X':
        assert.equal(await client.line(), undefined, where);
        break;
      default:
        assert.fail(`${where}: unknown mark`);
    }
  }
}
