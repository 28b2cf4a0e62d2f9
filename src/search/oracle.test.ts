/** The index beside a plain scan of what the letters say, which knows nothing of the analyser. */
import assert from 'node:assert/strict';
import type { AccountId, EmailId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { Mail } from '#mail/mail.ts';
import { letterWriter } from '#test/harness/letters.ts';
import { seededRandom } from '#test/harness/seeded-random.ts';
import { eachStore } from '#test/harness/stores.ts';
import { foldText } from './fold.ts';
import { Indexer } from './indexer.ts';
import { parseQuery } from './query.ts';

const LI = 7 as AccountId;
const LETTERS = 320;
const QUESTIONS = 1_000;

/** As three mail programs would send it. */
function encode(at: number, subject: string, text: string): Buffer {
  const header = `Subject: =?UTF-8?B?${Buffer.from(subject).toString('base64')}?=\r\nMIME-Version: 1.0\r\n`;
  if (at % 3 === 0) return Buffer.from(`${header}Content-Type: text/plain; charset=utf-8\r\n\r\n${text}`);
  const html = `<p>${text.replaceAll('\r\n', '<br>\r\n').replaceAll('，', '，<b></b>')}</p>`;
  const [type, body] = at % 3 === 1 ? ['plain', text] : ['html', html];
  const encoded = Buffer.from(body).toString('base64').replace(/.{76}/g, '$&\r\n');
  return Buffer.from(
    `${header}Content-Type: text/${type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${encoded}\r\n`,
  );
}

eachStore(
  'the index finds what a plain scan finds',
  async (store) => {
    const random = seededRandom(5);
    const choose = (below: number): number => Math.floor(random() * below);
    const write = letterWriter(random);
    const letters = Array.from({ length: LETTERS }, (_, at) => write(at));
    const mail = new Mail(store.mail);
    await mail.account(LI).provision();
    for (const [at, { subject, text }] of letters.entries())
      await mail.deliver(mail.prepareMessage(encode(at, subject, text)), [LI], at);
    const source = store.mail.reader;
    const indexer = new Indexer({ index: store.search, source, readFiles: async () => '', log: silentLog });
    while ((await indexer.step()) > 0);

    const fields = letters.map(({ subject, text }) => [foldText(subject), foldText(text)]);
    const scan = (isThere: (text: string) => boolean): EmailId[] =>
      fields.flatMap((texts, at) => (texts.some(isThere) ? [(at + 1) as EmailId] : [])).toReversed();
    const check = async (query: string, isThere: (text: string) => boolean): Promise<number> => {
      const expected = scan(isThere);
      assert.deepEqual((await store.search.find(LI, parseQuery(query, ['subject', 'body']))).emailIds, expected, query);
      return expected.length;
    };
    const chinese = letters.flatMap(({ text }) => text.match(/\p{Script=Han}+/gu) ?? []);
    const latin = letters.flatMap(({ text }) => text.match(/[a-z]+(?:[,.]? [a-z]+)+/gi) ?? []);
    let found = 0;
    let nowhere = 0;
    for (let n = 0; n < QUESTIONS; n++) {
      const isChinese = n % 2 === 0;
      let hits: number;
      if (isChinese) {
        const run = Array.from(chinese[choose(chinese.length)] ?? '');
        const from = choose(run.length);
        const part = run.slice(from, from + 1 + choose(4));
        // One of its characters from elsewhere: what hardly any letter has.
        if (n % 5 === 0) part[choose(part.length)] = chinese[choose(chinese.length)]?.[0] ?? '';
        const query = foldText(part.join(''));
        hits = await check(query, (text) => text.includes(query));
      } else {
        const words = (latin[choose(latin.length)] ?? '').toLowerCase().split(/[,.]? /);
        const from = choose(words.length);
        const some = words.slice(from, from + 1 + choose(3));
        if (n % 5 === 0) some.reverse();
        const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${some.join('[^\\p{L}\\p{N}]+')}(?![\\p{L}\\p{N}])`, 'u');
        hits = await check(`"${some.join(' ')}"`, (text) => pattern.test(text));
      }
      if (hits > 0) found++;
      else nowhere++;
    }
    assert.ok(found > 500 && nowhere > 30, `${found} found, ${nowhere} not`);
  },
  // PostgreSQL's index is the same code; its contract test asks it less.
  { kinds: ['memory', 'sqlite'] },
);
