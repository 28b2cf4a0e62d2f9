/** What every JmapStore promises, as tests over JMAP's own operations; called by each backend. */
import assert from 'node:assert/strict';
import { hash as hashOf } from 'node:crypto';
import { describe, test } from 'node:test';
import type { FakeClock } from '#base/clock.ts';
import { type MailErrorCode, isMailError } from '#base/errors.ts';
import type { AccountId, EmailId, QueueId, ThreadId } from '#base/ids.ts';
import { systemRandom } from '#base/random.ts';
import type { JmapArgs } from '#jmap/operations.ts';
import { JmapRecords } from '#jmap/records.ts';
import { JMAP_STORE_LIMITS } from '#jmap/limits.ts';
import type { AddressBookId, CardRow, IdentityId, IdentityRow, PushSubscriptionId } from '#jmap/types.ts';
import { Uploads } from '#jmap/uploads.ts';
import { prepareMessage } from '#mail/prepare-message.ts';
import type { TestStore } from '#test/harness/stores.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LI = 7 as AccountId;
const WANG = 8 as AccountId;

const OWNER = { name: '李雷', addresses: ['lilei@edu.example', 'dean@cs.edu.example'] };
const WORDS = {
  name: '院长',
  replyTo: null,
  bcc: null,
  textSignature: '此致',
  htmlSignature: '<b>此致</b>',
  isDefault: false,
};
const NEW_IDENTITY = { accountId: LI, addresses: OWNER.addresses, email: 'dean@cs.edu.example', words: WORDS };

const NO_STATES = { Identity: 0, EmailSubmission: 0, PushSubscription: 0, AddressBook: 0, ContactCard: 0 };

const PUSH = {
  accountId: LI,
  owner: 'password 3',
  deviceClientId: '手机',
  url: 'https://push.example/a/b?c=d',
  keys: { p256dh: Buffer.alloc(65, 4).toString('base64url'), auth: Buffer.alloc(16, 1).toString('base64url') },
  types: ['Email', 'Mailbox'],
  withSubject: true,
  expires: null,
};

const cardOf = (uid: string, more: object = {}): CardRow['card'] => ({
  '@type': 'Card',
  version: '1.0',
  uid,
  kind: 'individual',
  name: { full: '王芳' },
  ...more,
});

interface Fixture {
  readonly store: TestStore;
  readonly clock: FakeClock;
  readonly uploads: Uploads;
  readonly records: JmapRecords;
}

function submissionOf(accountId: AccountId, sendAt: number): JmapArgs<'createSubmission'> {
  return {
    accountId,
    submission: {
      identityId: 1 as IdentityId,
      emailId: 12 as EmailId,
      threadId: 3 as ThreadId,
      envelope: {
        mailFrom: { email: 'lilei@edu.example', parameters: { HOLDFOR: '60', SMTPUTF8: null } },
        rcptTo: [{ email: '王@x.example', parameters: null }],
      },
      queueIds: ['aaaaaaaaaaaaa' as QueueId],
      sendAt,
    },
  };
}

export function jmapStoreContract(name: string, open: () => Promise<TestStore>): void {
  const withStore = (title: string, body: (fixture: Fixture) => Promise<void>): void => {
    test(title, async () => {
      const store = await open();
      const clock = store.clock as FakeClock;
      try {
        const records = new JmapRecords({ store: store.jmap, clock, random: systemRandom });
        await body({ store, clock, records, uploads: openUploads(store) });
      } catch (error) {
        await store.discard();
        throw error;
      }
      await store.close();
    });
  };
  const openUploads = ({ jmap, mail, clock }: TestStore, quotaBytes = 10_000_000): Uploads =>
    new Uploads({
      store: jmap,
      prepareMessage: (octets) => prepareMessage(octets, (blob) => mail.prepareBlob(blob)),
      clock,
      maxBytes: 1_000_000,
      quotaBytes,
    });
  const rejects = (promise: Promise<unknown>, code: MailErrorCode): Promise<void> =>
    assert.rejects(promise, (error) => isMailError(error, code));

  describe(`JmapStore contract: ${name}`, () => {
    withStore(
      'an upload is its account’s, whole and in slices, also after a restart',
      async ({ store, uploads, clock }) => {
        const octets = Buffer.from(Array.from({ length: 600_000 }, (_, i) => (i * i) >> 7));
        const hash = hashOf('sha256', octets, 'hex');
        const upload = {
          hash,
          mediaType: 'image/png',
          sizeBytes: 600_000,
          createdAt: clock.now(),
          usedAt: clock.now(),
        };
        assert.equal(await uploads.put(LI, octets, 'image/png'), hash);
        const reopened = await store.reopen();
        const again = openUploads(reopened);
        assert.deepEqual(await again.find(LI, hash), upload);
        assert.deepEqual(await again.read(LI, hash), octets);
        assert.deepEqual(await again.read(LI, hash, 262_000, 530_000), octets.subarray(262_000, 530_000));
        assert.equal((await again.read(LI, hash, 599_999, 700_000))?.length, 1);
        assert.equal((await again.read(LI, hash, 700_000))?.length, 0);
        assert.equal((await again.read(LI, hash, 5, 2))?.length, 0);
        assert.equal(await again.find(WANG, hash), undefined);
        assert.equal(await again.read(WANG, hash), undefined);
        await rejects(reopened.jmap.reader.readUpload(WANG, hash), 'notFound');
        assert.equal(await again.read(LI, '00'.repeat(32)), undefined);
        assert.equal(await again.find(LI, 'no hash'), undefined);
      },
    );

    withStore('what is uploaded again counts once, and is called as it was last', async ({ store, uploads, clock }) => {
      const octets = Buffer.from('%PDF-1.7');
      const createdAt = clock.now();
      const hash = await uploads.put(LI, octets, 'application/octet-stream');
      await uploads.put(WANG, octets, 'application/octet-stream');
      clock.advance(HOUR_MS);
      await Promise.all(Array.from({ length: 5 }, () => uploads.put(LI, octets, 'application/pdf')));
      assert.deepEqual(await uploads.find(LI, hash), {
        hash,
        mediaType: 'application/pdf',
        sizeBytes: 8,
        createdAt,
        usedAt: clock.now(),
      });
      assert.deepEqual(await store.jmap.reader.tally(LI, 'Upload'), { state: 0, count: 1, sizeBytes: 8 });
      assert.equal((await uploads.find(WANG, hash))?.mediaType, 'application/octet-stream');
    });

    withStore('a message that was uploaded is one in a mailbox, too', async ({ store, uploads, clock }) => {
      const octets = Buffer.from('Subject: 导入\r\n\r\n你好\r\n');
      const hash = await uploads.put(LI, octets, 'message/rfc822');
      const message = prepareMessage(octets, (blob) => store.mail.prepareBlob(blob));
      const args = { items: [{ message, mailboxes: ['inbox'], keywords: [] }], source: 'import' };
      const [outcome] = await store.mail.run([{ accountId: LI, name: 'append', args }]);
      assert.ok(outcome?.ok);
      clock.advance(2 * DAY_MS);
      await new JmapRecords({ store: store.jmap, clock, random: systemRandom }).tidy();
      assert.equal(await uploads.find(LI, hash), undefined);
      clock.advance(2 * HOUR_MS);
      await store.maintenance.collectGarbage();
      assert.ok((await store.mail.reader.readMessage(LI, 1 as EmailId)).equals(octets));
      const [row] = await store.mail.reader.listRows(LI, [1 as EmailId]);
      assert.equal(row?.summary.subject, '导入');
    });

    withStore(
      'an upload goes a day after its last use, and its octets with it',
      async ({ store, uploads, records, clock }) => {
        const hash = await uploads.put(LI, Buffer.from('used'), 'text/plain');
        const forgotten = await uploads.put(LI, Buffer.from('not used'), 'text/plain');
        await uploads.put(WANG, Buffer.from('not used, too'), 'text/plain');
        clock.advance(DAY_MS - 1000);
        await uploads.read(LI, hash, 0, 1);
        assert.equal((await uploads.find(LI, hash))?.usedAt, clock.now());
        clock.advance(1001);
        await records.tidy();
        assert.equal(await uploads.find(LI, forgotten), undefined);
        assert.equal(String(await uploads.read(LI, hash)), 'used');
        assert.deepEqual(await store.jmap.reader.tally(WANG, 'Upload'), { state: 0, count: 0, sizeBytes: 0 });
        clock.advance(2 * HOUR_MS);
        assert.equal((await store.maintenance.collectGarbage()).droppedBlobs, 2);
      },
    );

    withStore('too much at once is refused; what was not used for an hour makes room', async ({ store, clock }) => {
      const uploads = openUploads(store, 1000);
      const put = (size: number, fill: string) => uploads.put(LI, Buffer.alloc(size, fill), 'text/plain');
      const first = await put(400, 'a');
      clock.advance(60_000);
      const second = await put(400, 'b');
      await rejects(put(400, 'c'), 'overQuota');
      await rejects(put(1001, 'd'), 'overQuota');
      await rejects(put(1_000_001, 'e'), 'tooLarge');
      await uploads.put(WANG, Buffer.alloc(1000), 'text/plain');
      clock.advance(HOUR_MS + 1);
      await put(400, 'c');
      assert.equal(await uploads.find(LI, first), undefined);
      assert.notEqual(await uploads.find(LI, second), undefined);
      // Where many come at once, the operation still counts right.
      const outcomes = await Promise.allSettled(['f', 'g', 'h', 'i', 'j'].map((fill) => put(300, fill)));
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 2);
      assert.deepEqual(await store.jmap.reader.tally(LI, 'Upload'), { state: 0, count: 3, sizeBytes: 1000 });
      for (const mediaType of ['', 'a\r\nb', 'x'.repeat(401), '图片'])
        await rejects(uploads.put(9 as AccountId, Buffer.alloc(1), mediaType), 'invalid');
    });

    withStore('changes lead from any state to the newest', async ({ records, clock, store }) => {
      assert.deepEqual(await records.states(LI), NO_STATES);
      await records.identities(LI, OWNER);
      const made = await records.createIdentity(NEW_IDENTITY);
      const before = (await records.states(LI)).Identity;
      const brief = await records.createIdentity(NEW_IDENTITY);
      await records.updateIdentity({ accountId: LI, id: brief.id, words: { textSignature: 'x' } });
      await records.updateIdentity({ accountId: LI, id: made.id, words: { textSignature: 'y' } });
      await records.destroyIdentity({ accountId: LI, id: brief.id });
      const { Identity: newState } = await records.states(LI);
      assert.deepEqual(await records.changes(LI, 'Identity', before, 100), {
        newState,
        hasMoreChanges: false,
        created: [],
        updated: [made.id],
        destroyed: [],
      });
      const rows = (await records.identities(LI, OWNER)).rows.map(({ id }) => id);
      for (let since = 0; since <= newState; since++) {
        const seen = new Set(
          rows.filter((id) => id <= since).concat(since >= brief.id && since < newState ? brief.id : []),
        );
        for (let state = since; ;) {
          const changes = await records.changes(LI, 'Identity', state, 2);
          assert.ok(changes !== undefined);
          for (const id of changes.created) seen.add(id as IdentityId);
          for (const id of changes.destroyed) seen.delete(id as IdentityId);
          state = changes.newState;
          if (!changes.hasMoreChanges) break;
        }
        assert.deepEqual(
          [...seen].toSorted((a, b) => a - b),
          rows,
          `since ${since}`,
        );
      }
      assert.equal(await records.changes(LI, 'Identity', newState + 1, 10), undefined);
      const none = { newState: 0, hasMoreChanges: false, created: [], updated: [], destroyed: [] };
      assert.deepEqual(await records.changes(WANG, 'Identity', 0, 10), none);
      clock.advance(JMAP_STORE_LIMITS.changesKeptMs - 1);
      await records.createIdentity(NEW_IDENTITY);
      clock.advance(2);
      await records.tidy();
      assert.equal(await records.changes(LI, 'Identity', before, 100), undefined);
      assert.equal((await records.changes(LI, 'Identity', newState, 100))?.created.length, 1);
      clock.advance(JMAP_STORE_LIMITS.changesKeptMs);
      await records.tidy();
      assert.equal(await records.changes(LI, 'Identity', newState, 100), undefined);
      const last = (await store.jmap.reader.tally(LI, 'Identity')).state;
      assert.equal((await records.changes(LI, 'Identity', last, 100))?.newState, last);
    });

    withStore('watchers hear of accounts whose rows changed, uploads aside', async ({ records, uploads }) => {
      const heard: (AccountId | null)[] = [];
      const both = Promise.withResolvers<void>();
      const stop = records.watch((accountId) => {
        heard.push(accountId);
        if (heard.length === 2) both.resolve();
      });
      await uploads.put(LI, Buffer.from('x'), 'text/plain');
      await records.identities(LI, OWNER);
      await records.identities(LI, OWNER);
      await records.createSubmission(submissionOf(WANG, 0));
      await both.promise;
      assert.deepEqual(heard, [LI, WANG]);
      stop();
    });

    withStore(
      'each address has an identity from the first look on, and its id for ever',
      async ({ records, store, clock }) => {
        const first = await records.identities(LI, OWNER);
        assert.deepEqual(
          first.rows.map(({ email, name: called, isDefault, mayDelete }) => [email, called, isDefault, mayDelete]),
          [
            ['lilei@edu.example', '李雷', true, false],
            ['dean@cs.edu.example', '李雷', false, false],
          ],
        );
        const many = await Promise.all(Array.from({ length: 5 }, () => records.identities(LI, OWNER)));
        for (const read of many) assert.deepEqual(read, first);
        const { jmap } = await store.reopen();
        const again = new JmapRecords({ store: jmap, clock, random: systemRandom });
        const [mine] = first.rows;
        assert.ok(mine !== undefined);
        await again.updateIdentity({ accountId: LI, id: mine.id, words: { name: '雷' } });
        // Called otherwise, one address less, another more.
        const owner = { name: 'Li Lei', addresses: ['lilei@edu.example', 'president@edu.example'] };
        const { rows } = await again.identities(LI, owner);
        assert.deepEqual(
          rows.map(({ id, email, name: called }) => [id === mine.id, email, called]),
          [
            [true, 'lilei@edu.example', '雷'],
            [false, 'president@edu.example', 'Li Lei'],
          ],
        );
        const renamed = await again.identities(LI, { ...owner, name: '校长' });
        assert.deepEqual(
          renamed.rows.map((row) => row.name),
          ['雷', '校长'],
        );
        assert.equal((await again.identities(LI, { name: '', addresses: [] })).rows.length, 0);
      },
    );

    withStore('one identity is the default, whatever happens to it', async ({ records }) => {
      const defaults = (rows: readonly IdentityRow[]): IdentityId[] =>
        rows.filter((row) => row.isDefault).map((row) => row.id);
      const read = async (): Promise<IdentityId[]> => defaults((await records.identities(LI, OWNER)).rows);
      const [first] = await read();
      const made = await records.createIdentity({ ...NEW_IDENTITY, words: { ...WORDS, isDefault: true } });
      assert.ok(made.isDefault);
      assert.deepEqual(await read(), [made.id]);
      await records.updateIdentity({ accountId: LI, id: made.id, words: { isDefault: false } });
      assert.deepEqual(await read(), [made.id]);
      await records.destroyIdentity({ accountId: LI, id: made.id });
      assert.deepEqual(await read(), [first]);
      const second = await records.createIdentity(NEW_IDENTITY);
      await records.updateIdentity({ accountId: LI, id: second.id, words: { isDefault: true } });
      assert.deepEqual(await read(), [second.id]);
    });

    withStore('an identity is of an own address, and bounded', async ({ records }) => {
      const { rows } = await records.identities(LI, OWNER);
      await rejects(records.createIdentity({ ...NEW_IDENTITY, email: 'wang@edu.example' }), 'forbidden');
      await rejects(records.destroyIdentity({ accountId: LI, id: rows[0]?.id as IdentityId }), 'forbidden');
      await rejects(records.destroyIdentity({ accountId: WANG, id: rows[0]?.id as IdentityId }), 'notFound');
      const address = { name: null, email: 'a@b' };
      for (const wrong of [
        { name: 'a\nb' },
        { name: 'x'.repeat(256) },
        { textSignature: 'x'.repeat(50_001) },
        { bcc: [{ name: null, email: 'nobody' }] },
        { replyTo: Array.from({ length: 21 }, () => address) },
      ]) {
        await rejects(records.createIdentity({ ...NEW_IDENTITY, words: { ...WORDS, ...wrong } }), 'invalid');
        await rejects(
          records.updateIdentity({ accountId: LI, id: rows[0]?.id as IdentityId, words: wrong }),
          'invalid',
        );
      }
      const words = { ...WORDS, name: 'lone \ud800 half', bcc: [{ name: '王', email: 'w@x.example' }] };
      const { id } = await records.createIdentity({ ...NEW_IDENTITY, words });
      const kept = (await records.identities(LI, OWNER)).rows.find((row) => row.id === id);
      assert.deepEqual(kept?.bcc, words.bcc);
      for (let n = 1; n < JMAP_STORE_LIMITS.identities; n++) await records.createIdentity(NEW_IDENTITY);
      await rejects(records.createIdentity(NEW_IDENTITY), 'limit');
    });

    withStore('a submission for later may be taken back until its time', async ({ records, clock }) => {
      const later = submissionOf(LI, clock.now() + 60_000);
      const one = await records.createSubmission(later);
      const two = await records.createSubmission(later);
      const now = await records.createSubmission(submissionOf(LI, clock.now()));
      assert.deepEqual([one.undoStatus, two.undoStatus, now.undoStatus], ['pending', 'pending', 'final']);
      assert.deepEqual((await records.submissions(LI, [one.id])).rows, [
        { ...later.submission, id: one.id, createdAt: clock.now(), undoStatus: 'pending' },
      ]);
      const canceled = await records.cancelSubmission({ accountId: LI, id: one.id });
      assert.equal(canceled.undoStatus, 'canceled');
      assert.deepEqual(await records.cancelSubmission({ accountId: LI, id: one.id }), canceled);
      await rejects(records.cancelSubmission({ accountId: LI, id: now.id }), 'forbidden');
      await rejects(records.cancelSubmission({ accountId: WANG, id: two.id }), 'notFound');
      const { EmailSubmission: before } = await records.states(LI);
      clock.advance(60_000);
      const { rows, state } = await records.submissions(LI);
      assert.deepEqual(
        rows.map(({ undoStatus }) => undoStatus),
        ['canceled', 'final', 'final'],
      );
      assert.deepEqual((await records.changes(LI, 'EmailSubmission', before, 9))?.updated, [two.id]);
      assert.equal((await records.states(LI)).EmailSubmission, state);
      await rejects(records.cancelSubmission({ accountId: LI, id: two.id }), 'forbidden');
    });

    withStore('a submission is forgotten after its days, or when its account says so', async ({ records, clock }) => {
      const gone = await records.createSubmission(submissionOf(LI, 0));
      await records.destroySubmission({ accountId: LI, id: gone.id });
      await rejects(records.destroySubmission({ accountId: LI, id: gone.id }), 'notFound');
      const old = await records.createSubmission(submissionOf(LI, 0));
      const pending = await records.createSubmission(submissionOf(WANG, clock.now() + DAY_MS));
      clock.advance(DAY_MS);
      await records.tidy();
      const settled = await records.changes(WANG, 'EmailSubmission', pending.id, 9);
      assert.deepEqual(settled?.updated, [pending.id], 'final without anybody looking');
      clock.advance(JMAP_STORE_LIMITS.submissionKeptMs - DAY_MS - 1);
      await records.tidy();
      assert.deepEqual(
        (await records.submissions(LI)).rows.map(({ id }) => id),
        [old.id],
      );
      clock.advance(1);
      const { EmailSubmission: before } = await records.states(LI);
      await records.tidy();
      assert.deepEqual((await records.submissions(LI)).rows, []);
      assert.deepEqual((await records.changes(LI, 'EmailSubmission', before, 9))?.destroyed, [old.id]);
      assert.deepEqual((await records.submissions(WANG)).rows, []);
    });

    withStore('a push subscription is its owner’s, proven by its code, and renewed', async ({ records, clock }) => {
      const week = clock.now() + JMAP_STORE_LIMITS.pushKeptMs;
      const row = await records.createPushSubscription(PUSH);
      const { id, verificationCode, ...rest } = row;
      assert.match(verificationCode, /^[a-z2-7]{32}$/);
      const { accountId: _accountId, ...given } = PUSH;
      assert.deepEqual(rest, { ...given, isVerified: false, told: '', expires: week });
      assert.deepEqual(await records.pushSubscriptions(LI, 'password 3'), [row]);
      assert.deepEqual(await records.pushSubscriptions(LI, 'token 1'), []);
      assert.deepEqual(await records.pushAccounts(), [LI]);
      const update = (change: Partial<JmapArgs<'updatePushSubscription'>>) =>
        records.updatePushSubscription({ accountId: LI, owner: 'password 3', id, ...change });
      await rejects(update({ owner: 'token 1', verificationCode }), 'notFound');
      await rejects(update({ id: (id + 1) as PushSubscriptionId }), 'notFound');
      await rejects(update({ verificationCode: 'guess' }), 'invalid');
      assert.equal((await update({ verificationCode })).isVerified, true);
      const before = await records.states(LI);
      const claim = (from: string, to: string) => records.claimPush({ accountId: LI, id, from, to });
      assert.deepEqual((await Promise.all([claim('', 'code'), claim('', 'code')])).toSorted(), [false, true]);
      assert.equal(await claim('code', '7.0.0.x'), true);
      assert.equal(await claim('code', '8.0.0.x'), false);
      assert.deepEqual(await records.states(LI), before, 'nobody is told of it');
      assert.equal(
        await records.claimPush({ accountId: LI, id: (id + 1) as PushSubscriptionId, from: '', to: 'x' }),
        false,
      );
      clock.advance(DAY_MS);
      const renewed = await update({ expires: clock.now() + 365 * DAY_MS, types: null });
      assert.deepEqual(renewed, { ...row, isVerified: true, told: '7.0.0.x', types: null, expires: week + DAY_MS });
      clock.advance(JMAP_STORE_LIMITS.pushKeptMs);
      assert.deepEqual(await records.pushSubscriptions(LI), []);
      await records.tidy();
      assert.deepEqual(await records.pushAccounts(), []);
    });

    withStore('push subscriptions are few, well formed, and end with what proved them', async ({ records, store }) => {
      const create = (change: Partial<typeof PUSH>) => records.createPushSubscription({ ...PUSH, ...change });
      for (const url of ['http://push.example/', 'javascript:1', '', `https://push.example/${'x'.repeat(2000)}`])
        await rejects(create({ url }), 'invalid');
      await rejects(create({ keys: { ...PUSH.keys, auth: 'AAAA' } }), 'invalid');
      await rejects(create({ keys: { ...PUSH.keys, p256dh: 'not base64 ' } }), 'invalid');
      await rejects(create({ deviceClientId: '' }), 'invalid');
      await rejects(create({ types: ['Email\r\n'] }), 'invalid');
      const outcomes = await Promise.allSettled(
        Array.from({ length: 25 }, (_, n) => create({ owner: n % 2 === 0 ? 'token 1' : 'token 2' })),
      );
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 20);
      await rejects(create({}), 'limit');
      await records.destroyPushOf({ accountId: LI, owner: 'token 1' });
      const rest = await records.pushSubscriptions(LI);
      assert.ok(rest.length > 0 && rest.every(({ owner }) => owner === 'token 2'));
      const id = rest[0]?.id as PushSubscriptionId;
      await rejects(records.destroyPushSubscription({ accountId: LI, id, owner: 'token 1' }), 'notFound');
      await records.destroyPushSubscription({ accountId: LI, id });
      assert.equal((await store.jmap.reader.tally(LI, 'PushSubscription')).count, rest.length - 1);
    });

    withStore(
      'a card is in the default book unless it is said otherwise, and kept whole',
      async ({ records, store }) => {
        const [first] = (await records.addressBooks(LI)).rows;
        assert.ok(first?.isDefault);
        const words = { name: '校外 🎓', description: '评审专家', sortOrder: 2 };
        const second = await records.createAddressBook({ accountId: LI, words });
        assert.deepEqual(second, { ...words, id: second.id, isDefault: false });
        const unknown = {
          'example.com:x': [{ deep: [null, 1.5, '\ud83c'] }],
          emails: { e: { address: 'wang@x.example' } },
        };
        const outcomes = await records.createCards({
          accountId: LI,
          items: [
            { card: cardOf('urn:uuid:1', unknown), books: [] },
            { card: cardOf('urn:uuid:2'), books: [second.id, first.id] },
            { card: cardOf('urn:uuid:1'), books: [] },
            { card: cardOf('urn:uuid:3'), books: [99 as AddressBookId] },
          ],
        });
        const [one, two, taken, nowhere] = outcomes;
        assert.ok(one !== undefined && 'card' in one && two !== undefined && 'card' in two);
        assert.deepEqual(one.books, [first.id]);
        assert.deepEqual(two.books, [first.id, second.id]);
        assert.ok(taken !== undefined && 'code' in taken && nowhere !== undefined && 'code' in nowhere);
        assert.deepEqual([taken.code, taken.id, nowhere.code], ['alreadyExists', one.id, 'invalid']);
        const { jmap } = await store.reopen();
        const again = new JmapRecords({ store: jmap, clock: store.clock, random: systemRandom });
        const read = (await again.cards(LI, [one.id])).rows[0];
        assert.deepEqual(read, one);
        assert.deepEqual((await again.cards(WANG)).rows, []);
        const changed = { ...two, card: cardOf('urn:uuid:2', { name: { full: '王方' } }), books: [second.id] };
        await again.updateCard({ accountId: LI, ...changed });
        assert.deepEqual((await again.cards(LI, [two.id])).rows, [changed]);
        await rejects(again.updateCard({ accountId: LI, ...changed, card: cardOf('other') }), 'invalid');
        await rejects(again.updateCard({ accountId: LI, ...changed, books: [99 as AddressBookId] }), 'invalid');
        await rejects(again.updateCard({ accountId: WANG, ...changed }), 'notFound');
        await again.destroyCard({ accountId: LI, id: two.id });
        await rejects(again.destroyCard({ accountId: LI, id: two.id }), 'notFound');
        const { state } = await again.cards(LI);
        assert.deepEqual(await again.changes(LI, 'ContactCard', 0, 10), {
          newState: state,
          hasMoreChanges: false,
          created: [one.id],
          updated: [],
          destroyed: [],
        });
      },
    );

    withStore('of address books one is the default; what is in one that goes stays in others', async ({ records }) => {
      const words = { name: '校友', description: null, sortOrder: 0 };
      const [first] = (await records.addressBooks(LI)).rows;
      const { id } = await records.createAddressBook({ accountId: LI, words });
      assert.ok(first);
      await records.updateAddressBook({ accountId: LI, id, words: { ...words, name: '师门' }, becomesDefault: true });
      assert.deepEqual((await records.addressBooks(LI)).rows, [
        { ...first, isDefault: false },
        { ...words, id, name: '师门', isDefault: true },
      ]);
      await records.createCards({
        accountId: LI,
        items: [
          { card: cardOf('in one'), books: [first.id] },
          { card: cardOf('in both'), books: [first.id, id] },
        ],
      });
      await rejects(records.destroyAddressBook({ accountId: LI, id, withCards: true }), 'forbidden');
      await rejects(records.destroyAddressBook({ accountId: LI, id: first.id, withCards: false }), 'inUse');
      await records.destroyAddressBook({ accountId: LI, id: first.id, withCards: true });
      assert.deepEqual(
        (await records.cards(LI)).rows.map(({ books, card }) => [books, card.uid]),
        [[[id], 'in both']],
      );
      for (const wrong of ['', 'a\nb', 'x'.repeat(256)])
        await rejects(records.createAddressBook({ accountId: LI, words: { ...words, name: wrong } }), 'invalid');
      for (let n = 1; n < JMAP_STORE_LIMITS.addressBooks; n++)
        await records.createAddressBook({ accountId: LI, words });
      await rejects(records.createAddressBook({ accountId: LI, words }), 'limit');
    });

    withStore('contacts are so many and so large; what goes makes room', async ({ records, store }) => {
      const { cardBytes, cardsBytes, cards } = JMAP_STORE_LIMITS;
      const large = (uid: string, size = 60_000) => ({ card: cardOf(uid, { x: 'x'.repeat(size) }), books: [] });
      const codes = async (items: JmapArgs<'createCards'>['items']) =>
        (await records.createCards({ accountId: LI, items })).map((one) => ('code' in one ? one.code : 'made'));
      assert.deepEqual(await codes([large('huge', cardBytes), large('a'), large('b')]), ['tooLarge', 'made', 'made']);
      const [row] = (await records.cards(LI)).rows;
      assert.ok(row);
      const tooLarge = { ...row, card: large('a', cardBytes).card };
      await rejects(records.updateCard({ accountId: LI, ...tooLarge }), 'tooLarge');
      const many = await codes(Array.from({ length: Math.ceil(cardsBytes / 60_000) }, (_, n) => large(`${n}`)));
      assert.equal(many.at(-1), 'limit');
      const { sizeBytes, count } = await store.jmap.reader.tally(LI, 'ContactCard');
      assert.ok(sizeBytes <= cardsBytes && sizeBytes > cardsBytes - 61_000);
      assert.equal(count, many.filter((code) => code === 'made').length + 2);
      await records.updateCard({ accountId: LI, ...row, card: cardOf('a') });
      assert.deepEqual(await codes([large('again', 50_000)]), ['made']);
      for (const { id } of (await records.cards(LI)).rows) await records.destroyCard({ accountId: LI, id });
      const left = await store.jmap.reader.tally(LI, 'ContactCard');
      assert.deepEqual([left.count, left.sizeBytes], [0, 0]);
      const small = Array.from({ length: cards + 1 }, (_, n) => ({ card: cardOf(`s${n}`), books: [] }));
      assert.deepEqual((await codes(small)).slice(-2), ['made', 'limit']);
    });

    withStore('of an account that is deleted nothing is left, and nobody else loses anything', async (fixture) => {
      const { records, uploads } = fixture;
      const octets = Buffer.from('shared');
      const hash = await uploads.put(LI, octets, 'text/plain');
      await uploads.put(WANG, octets, 'text/plain');
      for (const accountId of [LI, WANG]) {
        await records.identities(accountId, OWNER);
        await records.createSubmission(submissionOf(accountId, 0));
        await records.createPushSubscription({ ...PUSH, accountId });
        await records.createCards({ accountId, items: [{ card: cardOf('a'), books: [] }] });
      }
      await records.forgetAccount(LI);
      assert.deepEqual(await records.states(LI), NO_STATES);
      assert.deepEqual((await records.cards(LI)).rows, []);
      assert.equal(await uploads.find(LI, hash), undefined);
      assert.deepEqual((await records.submissions(LI)).rows, []);
      assert.deepEqual(await records.pushAccounts(), [WANG]);
      assert.deepEqual(await uploads.read(WANG, hash), octets);
      assert.equal((await records.submissions(WANG, [1])).rows.length, 1);
    });
  });
}
