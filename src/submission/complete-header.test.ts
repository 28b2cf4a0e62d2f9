import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { parseHeader } from '#mime/header.ts';

import { completeHeader } from './complete-header.ts';

const FACTS = { dateMs: Date.UTC(2019, 8, 16, 4, 0, 0), messageId: 'abc@mail.example.edu', from: 'li@example.edu' };
const DATE = 'Date: Mon, 16 Sep 2019 12:00:00 +0800\r\n';
const FROM = 'From: li@example.edu\r\n';
const MESSAGE_ID = 'Message-ID: <abc@mail.example.edu>\r\n';
const GIVEN = 'Date: x\r\nFrom: y\r\nMessage-ID: z\r\n';

function complete(text: string): string {
  return completeHeader(Buffer.from(text), FACTS).toString();
}

describe('what only the sender should see', () => {
  it('goes, wherever it stands, with its folded lines', () => {
    const message =
      'BCC: a@example.net,\r\n b@example.net,\r\n\tc@example.net\r\n' +
      'Date: x\r\nReturn-Path: <x@example.net>\r\nFrom: y\r\nResent-Bcc : d@example.net\r\n e@example.net\r\n' +
      'Bcc: f@example.net\r\nMessage-ID: z\r\nBcc:\r\n\r\nBcc: stays\r\n';
    assert.equal(complete(message), `${GIVEN}\r\nBcc: stays\r\n`);
  });

  it('goes also as the last line of a message without a body', () => {
    assert.equal(complete(`${GIVEN}Bcc: a@example.net`), GIVEN);
  });

  it('is no field of a similar name, and no line that goes on', () => {
    const message = `X-Bcc: a\r\nSubject: x\r\n Bcc: b\r\n${GIVEN}\r\n`;
    assert.equal(complete(message), message);
  });
});

describe('who writes for somebody else', () => {
  it('stands in Sender, in place of what stood there, for everybody', () => {
    const message = Buffer.from(`Sender: x\r\n${GIVEN}Bcc: y\r\nsender : z\r\n\r\nbody`);
    const facts = { ...FACTS, sender: 'li@example.edu' };
    assert.equal(completeHeader(message, facts).toString(), `Sender: li@example.edu\r\n${GIVEN}\r\nbody`);
    const copy = completeHeader(message, facts, true).toString();
    assert.equal(copy, `Sender: li@example.edu\r\n${GIVEN}Bcc: y\r\n\r\nbody`);
  });
});

describe('what is missing', () => {
  it('comes before the rest, each for itself', () => {
    assert.equal(
      complete('Subject: 归档 & Résumé\r\n\r\nx\r\n'),
      `${DATE}${FROM}${MESSAGE_ID}Subject: 归档 & Résumé\r\n\r\nx\r\n`,
    );
    for (const [missing, added] of [
      ['Date: x\r\n', DATE],
      ['From: y\r\n', FROM],
      ['Message-ID: z\r\n', MESSAGE_ID],
    ] as const) {
      const rest = GIVEN.replace(missing, '');
      assert.equal(complete(`${rest}\r\nx`), `${added}${rest}\r\nx`);
    }
  });

  it('is not what is there in another spelling', () => {
    const message = 'DATE : x\r\nfrom:\r\nMessage-Id:z\r\n\r\n';
    assert.equal(complete(message), message);
  });

  it('is a whole header where there is none: the text stays the body', () => {
    for (const body of ['', 'hello', '你好\r\n', 'hello\r\n\r\nworld\r\n', ' indented\r\n', 'http//x\r\n']) {
      assert.equal(complete(body), `${DATE}${FROM}${MESSAGE_ID}\r\n${body}`);
    }
    assert.equal(complete('\r\nhello: x\r\n'), `${DATE}${FROM}${MESSAGE_ID}\r\nhello: x\r\n`);
  });

  it('comes also where something went', () => {
    assert.equal(complete('Bcc: a\r\nDate: x\r\n\r\nx'), `${FROM}${MESSAGE_ID}Date: x\r\n\r\nx`);
    assert.equal(complete('Bcc: a\r\n\r\nx'), `${DATE}${FROM}${MESSAGE_ID}\r\nx`);
  });
});

it('a message with nothing to do is the same object', () => {
  const octets = Buffer.from(`${GIVEN}\r\nx\r\n`);
  assert.equal(completeHeader(octets, FACTS), octets);
});

describe('of whatever a client sends', () => {
  const line = fc.oneof(
    fc.constantFrom('Bcc: a', 'From: a', 'Date:', 'Return-Path', ' folded', '', 'bcc :', ':', 'Message-ID: <a>', '\0'),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  const hostile = fc.array(line, { maxLength: 12 }).map((lines) => Buffer.from(lines.join('\r\n')));

  it('the result is complete and without what has to go', () => {
    fc.assert(
      fc.property(hostile, (octets) => {
        const header = parseHeader(completeHeader(octets, FACTS));
        for (const name of ['date', 'from', 'message-id']) assert.notEqual(header.firstField(name), undefined);
        for (const name of ['bcc', 'resent-bcc', 'return-path']) assert.equal(header.firstField(name), undefined);
      }),
      { numRuns: 500 },
    );
  });

  it('doing it again changes nothing', () => {
    fc.assert(
      fc.property(hostile, (octets) => {
        const once = completeHeader(octets, FACTS);
        assert.equal(completeHeader(once, FACTS), once);
      }),
      { numRuns: 500 },
    );
  });

  it('a thousand fields cost one pass', { timeout: 5000 }, () => {
    const message = `${'Bcc: a\r\n'.repeat(1000)}${GIVEN}\r\n${'x'.repeat(1_000_000)}`;
    assert.equal(complete(message), `${GIVEN}\r\n${'x'.repeat(1_000_000)}`);
  });
});
