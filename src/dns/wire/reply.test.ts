import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encode, type Answer } from 'dns-packet';
import fc from 'fast-check';
import type { SrvRecord } from '#dns/resolver.ts';
import { systemRandom } from '#base/random.ts';
import { encodeQuery, judgeReply } from './query.ts';
import { readRecord } from './record.ts';
import { readReply, readTtl } from './reply.ts';

const TYPES = ['A', 'AAAA', 'MX', 'TXT', 'PTR', 'CNAME', 'TLSA', 'SRV'] as const;
const query = encodeQuery({ name: 'mail.example', type: 'MX' }, 'dnssec', systemRandom);

const ANSWERS: Answer[] = [
  { type: 'A', name: 'mail.example', ttl: 60, data: '192.0.2.1' },
  { type: 'AAAA', name: 'mail.example', ttl: 60, data: '2001:db8::1' },
  { type: 'MX', name: 'mail.example', ttl: 60, data: { exchange: 'mx.example', preference: 10 } },
  { type: 'TXT', name: 'mail.example', ttl: 60, data: [Buffer.from('v=spf1 '), Buffer.from('-all')] },
  { type: 'TLSA', name: 'x', data: { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.alloc(32, 7) } },
  { type: 'SRV', name: '_imaps._tcp.x', data: { priority: 0, weight: 1, port: 993, target: 'mail.example' } },
  { type: 'PTR', name: 'x', data: 'mail.example' },
];

function compose(answers: Answer[]): Buffer {
  return encode({ type: 'response', questions: [{ type: 'MX', name: 'mail.example' }], answers });
}

/** Everything the resolver does with a message. */
function readAll(octets: Buffer): void {
  judgeReply(query, octets);
  const reply = readReply(octets);
  for (const answer of reply?.answers ?? []) {
    for (const type of TYPES) readRecord(answer, type);
    assert.ok(readTtl(answer as { ttl?: number }) >= 0);
  }
}

describe('a message from a server', () => {
  it('may be anything and throws nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => readAll(Buffer.from(octets))),
      {
        numRuns: 2_000,
      },
    );
    const whole = compose(ANSWERS);
    const change = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(change, fc.nat(whole.length), (changes, length) => {
        const octets = Buffer.from(whole);
        for (const [at, octet] of changes) octets[at] = octet;
        readAll(octets.subarray(0, length));
        readAll(octets);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is refused when a part of it is missing', () => {
    const whole = compose(ANSWERS);
    assert.equal(readReply(whole)?.answers.length, ANSWERS.length);
    for (let length = 0; length < whole.length; length++) {
      assert.equal(readReply(whole.subarray(0, length)), undefined, String(length));
    }
  });

  it('is refused when a record is not as long as it says', () => {
    const whole = compose([ANSWERS[0] as Answer, ANSWERS[1] as Answer]);
    const lengthAt = whole.indexOf(Buffer.from([0, 4, 192, 0, 2, 1]));
    for (const length of [0, 3, 5, 33, 255]) {
      const octets = Buffer.from(whole);
      octets.writeUInt16BE(length, lengthAt);
      assert.equal(readReply(octets), undefined, String(length));
    }
  });

  it('takes no longer when its names point through the whole of it', () => {
    // Pointers, each to the one before, and records whose names begin at the last.
    const octets = Buffer.alloc(60_000);
    octets.writeUInt16BE(0x8180, 2);
    octets.writeUInt16BE(5_000, 6);
    for (let at = 14; at + 12 < octets.length; at += 2) octets.writeUInt16BE(0xc000 | Math.min(at - 2, 0x3fff), at);
    assert.equal(readReply(octets), undefined);
  });

  it('may hold records of no use, which are left out', () => {
    const read = (answer: Answer) =>
      readRecord(readReply(compose([answer]))?.answers[0] as Answer, answer.type as 'MX');
    const mx = (exchange: string): Answer => ({ type: 'MX', name: 'x', data: { exchange, preference: 5 } });
    assert.deepEqual(read(mx('MX.Example')), { exchange: 'mx.example', preference: 5 });
    assert.deepEqual(read(mx('.')), { exchange: '', preference: 5 });
    for (const name of ['a b.example', 'x\r\ny.example', 'a"b.example', 'bücher.example\0']) {
      assert.equal(read(mx(name)), undefined, name);
      assert.equal(read({ type: 'PTR', name: 'x', data: name }), undefined, name);
    }
    const srv = (target: string): Answer => ({ type: 'SRV', name: 'x', data: { port: 993, target } });
    assert.deepEqual(read(srv('Mail.Example')), { priority: 0, weight: 0, port: 993, target: 'mail.example' });
    assert.equal((read(srv('.')) as unknown as SrvRecord).target, '');
    assert.equal(read(srv('a b.example')), undefined);
    // An address of another class is none of ours.
    assert.deepEqual(readReply(compose([{ ...ANSWERS[0], class: 'CH' } as Answer]))?.answers, []);
  });

  it('joins the strings of a text, also inside a character', () => {
    const octets = Buffer.from('签名 🖋');
    const data = [octets.subarray(0, 4), octets.subarray(4, 9), octets.subarray(9)];
    const reply = readReply(compose([{ type: 'TXT', name: 'x', data }]));
    assert.equal(readRecord(reply?.answers[0] as Answer, 'TXT'), '签名 🖋');
  });

  it('is an answer when id and question are those asked', () => {
    const reply = (change: (octets: Buffer) => void): Buffer => {
      const octets = Buffer.from(query.octets);
      octets[2] = 0x81;
      change(octets);
      return octets;
    };
    assert.equal(
      judgeReply(
        query,
        reply(() => undefined),
      ),
      'answer',
    );
    assert.equal(judgeReply(query, query.octets), 'stranger');
    assert.equal(
      judgeReply(
        query,
        reply((octets) => (octets[0] = (octets[0] as number) ^ 1)),
      ),
      'stranger',
    );
    assert.equal(
      judgeReply(
        query,
        reply((octets) => (octets[5] = 0)),
      ),
      'stranger',
    );
    // Octet 13 is the first letter, and 26 the type.
    assert.equal(
      judgeReply(
        query,
        reply((octets) => (octets[13] = (octets[13] as number) ^ 0x20)),
      ),
      'doubtful',
    );
    assert.equal(
      judgeReply(
        query,
        reply((octets) => (octets[27] = 16)),
      ),
      'stranger',
    );
    const bare = reply((octets) => octets.set([0x81, 1, 0, 0], 2)).subarray(0, 12);
    assert.equal(judgeReply(query, bare), 'answer');
  });

  it('never asks twice in the same way', () => {
    const queries = Array.from({ length: 50 }, () =>
      encodeQuery({ name: 'mail.example', type: 'A' }, 'none', systemRandom),
    );
    assert.ok(new Set(queries.map(({ octets }) => octets.readUInt16BE())).size > 40);
    assert.ok(new Set(queries.map(({ questionOctets }) => questionOctets.toString())).size > 25);
  });
});
