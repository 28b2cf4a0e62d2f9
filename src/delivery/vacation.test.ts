/** Mail from outside to people who are away. */
import { DAY_MS } from '#base/clock.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { defaultForwardingRules } from '#directory/forwarding-rules.ts';
import type { VacationRow } from '#directory/types.ts';
import { openForwardingCampus } from '#forwarding/testing/campus.ts';
import { ALL, LI, WANG } from '#groups/testing/campus.ts';
import { digestMessage } from '#mime/digest.ts';
import { FakeDns } from '#trust/testing/fake-dns.ts';
import { createDeliveryReceiver } from './receiver.ts';
import { makeTransaction, showReply } from './testing/campus.ts';

const OK = '250 2.0.0 Ok: queued as ID';
const FAR = 'a@stranger.example';

interface Letter {
  readonly from?: string;
  readonly to?: readonly string[];
  readonly header?: string;
  /** The value of To. */
  readonly addressed?: string;
}

async function open() {
  const { campus, forwarding, posts, breakPost } = await openForwardingCampus(defaultForwardingRules);
  const { directory, accounts, clock } = campus;
  const receiver = createDeliveryReceiver({
    ...campus,
    forwarding,
    hostname: 'mx.kust.example',
    random: systemRandom,
    log: silentLog,
    authentication: {
      resolver: new FakeDns({
        'quarantine.example': { txt: ['v=spf1 -all'] },
        '_dmarc.quarantine.example': { txt: ['v=DMARC1; p=quarantine'] },
      }),
      dmarc: { atMost: 'reject', tempfailsOnTemperror: false, trustedSealers: [] },
      isExempt: () => false,
    },
  });
  const send = async ({ from = FAR, to = [LI], header = '', addressed = to.join(', ') }: Letter = {}) => {
    const fields = `From: <${from}>\r\nTo: ${addressed}\r\nMessage-ID: <m@x>\r\n`;
    const octets = Buffer.from(`${header}${fields}\r\nyou\r\n`);
    const replies = await receiver.data(makeTransaction({ protocol: 'smtp', from, to }), octets);
    assert.deepEqual(
      replies.map(showReply),
      to.map(() => OK),
    );
  };
  const setVacation = (address: string, patch: Partial<VacationRow> = {}): Promise<void> =>
    directory.setVacation({
      accountId: accounts[address] ?? assert.fail(),
      isEnabled: true,
      subject: '',
      insideText: '休假中。',
      outsideText: 'I am away.',
      from: null,
      until: null,
      days: 7,
      ...patch,
    });
  /** Whom the system has answered, and from where. */
  const answered = (): string[][] =>
    posts.map(({ octets, to }) => [to, digestMessage(octets).summary.from[0]?.email ?? '']);
  return { campus, directory, accounts, clock, send, setVacation, answered, posts, breakPost };
}

test('a stranger is told once in a week, in the thread of the letter, from the address it was written to', async () => {
  const { campus, directory, accounts, clock, send, setVacation, answered, posts } = await open();
  await using _ = campus;
  await directory.addAlias(accounts[LI] ?? assert.fail(), 'lili@kust.example');
  await directory.setDisplayName(accounts[LI] ?? assert.fail(), '李老师');
  await setVacation(LI);
  const to = ['lili+seminar@kust.example'];
  await send({
    to,
    addressed: `X <Lili+Seminar@KUST.example>`,
    header: 'Subject: exam\r\nReferences: <p@x> <q@x>\r\n',
  });
  await send({ to });
  await send({ from: 'A@Stranger.example' });
  assert.deepEqual(answered(), [[FAR, 'lili@kust.example']]);
  const [{ octets } = assert.fail()] = posts;
  const { summary, preview } = digestMessage(octets);
  assert.equal(summary.from[0]?.name, '李老师');
  assert.deepEqual(summary.to, [{ email: FAR }]);
  assert.equal(summary.subject, 'Automatic reply: exam');
  assert.deepEqual([summary.inReplyTo, summary.references], [['m@x'], ['p@x', 'q@x', 'm@x']]);
  assert.match(octets.toString(), /^Auto-Submitted: auto-replied\r$/m);
  assert.equal(preview, 'I am away.');
  const traces = await campus.tracesTo(to[0] ?? '');
  const told = traces.flatMap(({ events }) => events.filter(({ kind }) => kind === 'answered'));
  assert.deepEqual(
    told.map(({ recipients, text }) => [recipients, text]),
    [[['lili@kust.example'], `automatic reply to ${FAR}`]],
  );
  clock.advance(7 * DAY_MS);
  await send();
  assert.deepEqual(answered()[1], [FAR, LI]);
  assert.equal((await campus.inbox(LI)).length, 4);
});

test('each who is away answers for itself; the subject that was set goes before the letter’s', async () => {
  const { campus, send, setVacation, answered, posts } = await open();
  await using _ = campus;
  await setVacation(LI, { outsideText: null });
  await setVacation(WANG, { subject: '回校后回复' });
  await send({ to: [LI, WANG] });
  assert.deepEqual(answered(), [[FAR, WANG]]);
  assert.equal(digestMessage(posts[0]?.octets ?? assert.fail()).summary.subject, '回校后回复');
});

test('nobody is told who did not write to the account itself, is no person, or is not who the letter says', async () => {
  const { campus, send, setVacation, answered } = await open();
  await using _ = campus;
  await setVacation(LI);
  const strangers = Array.from({ length: 60 }, (_, i) => `s${i}@kust.example`).join(', ');
  for (const letter of [
    { addressed: 'undisclosed-recipients:;' },
    { addressed: `${WANG}, nobody@kust.example` },
    // By a circular to a whole office.
    { addressed: `${strangers}, li+x@kust.example` },
    { to: [ALL], addressed: `${ALL}, ${LI}` },
    { to: ['postmaster@kust.example'] },
    { header: 'Precedence: bulk\r\n' },
    { from: '' },
    { from: LI },
    // Looks like one of ours, and is not.
    { from: 'nobody@kust.example' },
    { from: 'a@quarantine.example' },
  ])
    await send(letter);
  assert.deepEqual(answered(), []);
  await send();
  assert.deepEqual(answered(), [[FAR, LI]]);
});

test('not while it has not begun, is over or stopped, or the account may not send; and only for whom it was written to', async () => {
  const { campus, directory, accounts, clock, send, setVacation, answered } = await open();
  await using _ = campus;
  const li = accounts[LI] ?? assert.fail();
  await setVacation(LI, { from: clock.now() + 1 });
  await send();
  await setVacation(LI, { until: clock.now() });
  await send();
  await setVacation(LI);
  await directory.endVacation(li);
  await send();
  await setVacation(LI);
  await directory.suspendSending(li, '');
  await send();
  assert.deepEqual(answered(), []);
  await directory.allowSending(li);
  await directory.setForwarding(li, [WANG], true);
  await setVacation(WANG);
  await send();
  // Nobody wrote to WANG.
  assert.deepEqual(answered(), [[FAR, LI]]);
});

test('a letter is delivered also where its sender cannot be told', async () => {
  const { campus, send, setVacation, answered, breakPost } = await open();
  await using _ = campus;
  await setVacation(LI);
  breakPost(true);
  await send();
  assert.equal((await campus.inbox(LI)).length, 1);
  breakPost(false);
  await send({ from: 'b@stranger.example' });
  assert.deepEqual(answered(), [['b@stranger.example', LI]]);
});
