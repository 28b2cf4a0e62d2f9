import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { Turn } from '#imap/turn.ts';
import { digestMessage } from '#mime/digest.ts';
import { foldText } from '#search/fold.ts';
import { findInBody, findInHeader } from './message-texts.ts';
import type { TextKey } from './search-key.ts';

const text = (wanted: string): TextKey => ({ kind: 'text', text: foldText(wanted) });
const body = (wanted: string): TextKey => ({ kind: 'body', text: foldText(wanted) });

/** A turn that is over at each look; tells how often others had theirs. */
class ShortTurn extends Turn {
  passes = 0;
  override get isOver(): boolean {
    return true;
  }
  override async pass(): Promise<void> {
    this.passes++;
  }
}

async function find(
  mail: string,
  keys: readonly TextKey[],
): Promise<{ header: unknown[]; all: unknown[]; passes: number }> {
  const octets = Buffer.from(mail);
  const { structure } = digestMessage(octets);
  const turn = new ShortTurn(new FakeClock());
  const verdicts = new Map<TextKey, boolean>();
  await findInHeader(octets, structure, keys, verdicts, turn);
  const header = keys.map((key) => verdicts.get(key));
  await findInBody(octets, structure, keys, verdicts, turn);
  return { header, all: keys.map((key) => verdicts.get(key)), passes: turn.passes };
}

it('finds in the header what stands there, and leaves the rest to the body', async () => {
  const keys: TextKey[] = [
    text('subject: 学校'),
    text('inside'),
    body('subject'),
    { kind: 'header', name: 'subject', text: foldText('学校') },
    { kind: 'header', name: 'subject', text: 'subject' },
    { kind: 'header', name: 'subject', text: '' },
    { kind: 'header', name: 'x', text: '' },
    text(''),
    body(''),
  ];
  const { header, all } = await find('Subject: 学校\r\n\r\nInside\r\n', keys);
  assert.deepEqual(header, [true, undefined, undefined, true, false, true, false, true, undefined]);
  assert.deepEqual(all, [true, true, false, true, false, true, false, true, true]);
});

it('finds what lies across the pieces of a long text, and nothing across two parts', async () => {
  for (const type of ['plain', 'html']) {
    for (const filler of ['x', 'x ', '学', 'e\u0301 ']) {
      for (const length of [4090, 65_530, 131_066]) {
        const long = filler.repeat(Math.ceil(length / filler.length)).slice(0, length);
        const part = `--b\r\nContent-Type: text/${type}; charset=utf-8\r\n\r\n`;
        const mail = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${part}${long} école 校园\r\n${part}next\r\n--b--\r\n`;
        const { all } = await find(mail, [body('École 校园'), body('校园next'), body('next')]);
        assert.deepEqual(all, [true, false, true], `${type} ${filler} ${length}`);
      }
    }
  }
});

it('lets others have their turn within one part and between keys', async () => {
  const mail = `Content-Type: text/html\r\n\r\n${'<'.repeat(300_000)} needle`;
  const { all, passes } = await find(mail, [body('needle'), body('no')]);
  assert.deepEqual(all, [true, false]);
  assert.ok(passes > 70, `${passes} turns`);
});

it('folds a letter with a million marks in linear time', () => {
  const startedAt = performance.now();
  foldText('\u0301\u0323'.repeat(500_000));
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < 5_000, `${tookMs} ms`);
});
