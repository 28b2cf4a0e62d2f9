import assert from 'node:assert/strict';
import test from 'node:test';
import { openTestSystem } from './testing/test-system.ts';
import { formatTime, parseTime } from './arguments/time.ts';

const LI = 'li@kust.example';

test('an automatic reply is set, shown and stopped', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['account', 'create', LI]);
  const none = `Those who write to ${LI} are not answered automatically.\n`;
  assert.equal((await house.run(['vacation', 'show', LI])).out, none);
  assert.equal((await house.run(['vacation', 'show', LI, '--json'])).out, '{"isEnabled":false}\n');

  const set = await house.run(['vacation', 'set', LI, '--text', '我在休假。\n急事请找\u001b王老师。']);
  assert.equal(
    set.out,
    `Those who write to ${LI} are answered automatically.
  subject  made from that of the message
  from     always
  until    it is stopped
  again    after 7 days
  everybody:
    我在休假。
    急事请找\ufffd王老师。
`,
  );
  const options = ['--subject', '休假', '--since', '2016-09-16', '--until', '2016-10-01T10:00', '--days', '3'];
  const past = await house.run(['vacation', 'set', LI, '--text', '我在休假。', '--inside-only', ...options]);
  assert.equal(
    past.out,
    `Those who write to ${LI} are not answered automatically at this time.
  subject  休假
  from     ${formatTime(parseTime('2016-09-16'))}
  until    ${formatTime(parseTime('2016-10-01T10:00'))}
  again    after 3 days
  people here:
    我在休假。
  people outside: no answer
`,
  );
  await house.run(['vacation', 'set', LI, '--text', '我在休假。', '--outside-text', 'I am away.']);
  const shown = JSON.parse((await house.run(['vacation', 'show', LI, '--json'])).out);
  assert.deepEqual(shown, {
    isEnabled: true,
    subject: '',
    insideText: '我在休假。',
    outsideText: 'I am away.',
    from: null,
    until: null,
    days: 7,
  });
  assert.equal((await house.run(['vacation', 'off', LI])).out, none);

  await assert.rejects(house.run(['vacation', 'set', LI]), /the text of an automatic reply has 1 to/);
  const both = ['--text', 'a', '--outside-text', 'b', '--inside-only'];
  await assert.rejects(house.run(['vacation', 'set', LI, ...both]), /contradict each other/);
  await assert.rejects(house.run(['vacation', 'set', LI, '--text', 'a', '--days', '31']), /from 1 to 30/);
});
