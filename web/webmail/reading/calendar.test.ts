import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatAnswer, readInvitation } from './calendar.ts';

const INVITATION = `BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:China Standard Time
BEGIN:STANDARD
DTSTART:16010101T000000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
ORGANIZER;CN="李老师: 教务":mailto:li@kust.example
ATTENDEE;RSVP=TRUE:mailto:a@kust.example
ATTENDEE:mailto:b@kust.example
SUMMARY;LANGUAGE=zh-CN:研究生答辩\\, 第一
  组
DTSTART;TZID=China Standard Time:20260901T140000
DTEND;TZID=Asia/Shanghai:20260901T153000
LOCATION:信自楼 301
BEGIN:VALARM
DESCRIPTION:REMINDER
END:VALARM
END:VEVENT
END:VCALENDAR`.replaceAll('\n', '\r\n');

test('an invitation says what, when, where and from whom', () => {
  const event = readInvitation(INVITATION);
  assert.equal(event?.summary, '研究生答辩, 第一 组');
  assert.equal(event.organizer, '李老师: 教务');
  assert.equal(event.location, '信自楼 301');
  assert.equal(event.description, '', 'an alarm’s is not the event’s');
  assert.equal(event.start?.at?.toISOString(), '2026-09-01T06:00:00.000Z');
  assert.equal(event.end?.at?.toISOString(), '2026-09-01T07:30:00.000Z');
  assert.deepEqual([event.attendees.length, event.isCancelled, event.isRepeated], [2, false, false]);
});

test('days, UTC, summer time, zones nobody knows, and what is taken back', () => {
  const read = (lines: string) => readInvitation(`METHOD:CANCEL\nBEGIN:VEVENT\n${lines}\nEND:VEVENT`);
  assert.equal(read('DTSTART;VALUE=DATE:20261001')?.start?.isDay, true);
  assert.equal(read('DTSTART:20260901T060000Z')?.start?.at?.toISOString(), '2026-09-01T06:00:00.000Z');
  assert.equal(
    read('DTSTART;TZID=America/New_York:20260329T120000')?.start?.at?.toISOString(),
    '2026-03-29T16:00:00.000Z',
  );
  const strange = read('DTSTART;TZID=/x.example/Mars:20260901T140000')?.start;
  assert.deepEqual([strange?.at, strange?.text], [undefined, '2026-09-01 14:00 (/x.example/Mars)']);
  assert.equal(read('RRULE:FREQ=WEEKLY')?.isCancelled, true);
  assert.equal(readInvitation('BEGIN:VTODO\nEND:VTODO'), undefined);
});

test('nothing throws', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(';', ':', '"', '=', 'A', ',', '\n', ' ', '\\n'), maxLength: 300 }),
      (text) => {
        readInvitation(`BEGIN:VEVENT\n${text}\nEND:VEVENT`);
      },
    ),
  );
});

test('an answer repeats what it answers, and says who does', () => {
  const text = INVITATION.replace('SUMMARY;', 'UID:u-1@kust.example\r\nSEQUENCE:2\r\nDESCRIPTION:长\r\nSUMMARY;');
  const event = readInvitation(text);
  assert.ok(event?.isAnswerable);
  assert.ok(event.isChanged);
  assert.equal(event.organizerAddress, 'li@kust.example');
  assert.ok(!readInvitation(text.replace('REQUEST', 'PUBLISH'))?.isAnswerable);
  assert.ok(!readInvitation(text.replace('mailto:li@kust.example', 'mailto:li'))?.isAnswerable);

  const me = { name: '张三"\n', address: 'b@kust.example', answer: 'TENTATIVE' } as const;
  const answer = formatAnswer(event, me, new Date('2026-08-01T01:02:03Z'));
  for (const line of answer.split('\r\n')) assert.ok(new TextEncoder().encode(line).length <= 75, line);
  const read = readInvitation(answer);
  assert.deepEqual(read?.attendees, [{ name: '张三', address: 'b@kust.example', answer: 'TENTATIVE' }]);
  assert.ok(read.isReply);
  assert.equal(read.summary, event.summary);
  assert.match(answer.replaceAll('\r\n ', ''), /^UID:u-1@kust\.example\r\nSEQUENCE:2\r$/m);
  assert.match(answer, /^DTSTAMP:20260801T010203Z\r$/m);
});
