import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LI, openJmap, ZHANG, type Answer } from '#jmap/testing/jmap.ts';

const COURSE = { field: 'subject', test: 'contains', value: '课程' } as const;

async function open() {
  const jmap = await openJmap();
  const account = jmap.services.mail.account(jmap.accountId);
  const set = (patch: object) => jmap.call('MailFilter/set', { update: { singleton: patch } });
  const get = async (): Promise<Answer> => (await jmap.call('MailFilter/get')).list[0] as Answer;
  const refusal = async (patch: object): Promise<Answer> => (await set(patch)).notUpdated.singleton as Answer;
  const put = (subject: string, header = '') =>
    account.append({
      items: [
        {
          message: account.prepareMessage(
            Buffer.from(`${header}From: <a@b.example>\r\nSubject: ${subject}\r\n\r\nx\r\n`),
          ),
          mailboxes: ['inbox'],
          keywords: [],
        },
      ],
      source: 'system',
    });
  return { jmap, account, set, get, refusal, put };
}

test('filters are kept as their owner says, and told back as a script, too', async (t) => {
  const { jmap, set, get } = await open();
  t.after(() => jmap.store.close());
  const { id: _, ...before } = await get();
  assert.deepEqual(before, { rules: [], blocked: [], allowed: [], blockedInto: 'junk', maxRules: 100, sieve: '' });
  const mailboxId = (await jmap.call('Mailbox/set', { create: { m: { name: '课程' } } })).created.m.id as string;
  const rule = {
    name: ' 课程 ',
    conditions: [COURSE],
    actions: { mailboxId, keywords: ['$SEEN'], forwardTo: ['Li@KUST.example'] },
  };
  const { updated } = await set({ rules: [rule], blocked: ['@Spam.Example', 'A@b.example', 'a@B.example'] });
  const kept = {
    name: '课程',
    isEnabled: true,
    match: 'all',
    conditions: [COURSE],
    actions: { mailboxId, keywords: ['$seen'], forwardTo: [LI] },
    stops: false,
  };
  assert.deepEqual(updated.singleton.rules, [kept]);
  const after = await get();
  assert.deepEqual([after.rules, after.blocked], [[kept], ['spam.example', 'a@b.example']]);
  assert.match(after.sieve, /fileinto "课程";/);
  // A rule outlives its mailbox, and others can be made beside it.
  await jmap.call('Mailbox/set', { destroy: [mailboxId] });
  assert.equal((await set({ rules: [kept, { ...kept, name: 'second' }] })).notUpdated, null);
  await set({ rules: [], blocked: [] });
  assert.deepEqual(await jmap.services.directory.filters([jmap.accountId]), []);
});

test('each refusal names the rule, the entry or the address', async (t) => {
  const { jmap, refusal } = await open();
  t.after(() => jmap.store.close());
  const rule = (patch: object = {}, actions: object = { keywords: ['$seen'] }) => ({
    name: 'r',
    conditions: [COURSE],
    actions,
    ...patch,
  });
  const named = async (patch: object): Promise<readonly unknown[]> => {
    const { type, properties, invalidRecipients } = await refusal(patch);
    return [type as unknown, (properties ?? invalidRecipients) as unknown];
  };
  const ofRule = (patch: object, actions?: object) => named({ rules: [rule(), rule(patch, actions)] });
  const second = ['invalidProperties', ['rules/1']];
  assert.deepEqual(await ofRule({ name: ' ' }), second);
  assert.deepEqual(await ofRule({ conditions: [] }), second);
  assert.deepEqual(await ofRule({ conditions: [{ ...COURSE, value: ' ' }] }), second);
  assert.deepEqual(await ofRule({ conditions: [{ ...COURSE, field: 'header', name: 'a b' }] }), second);
  assert.deepEqual(await ofRule({}, {}), second, 'it does nothing');
  assert.deepEqual(await ofRule({}, { mailboxId: 'M1-99' }), second);
  assert.deepEqual(await ofRule({ conditions: [{ ...COURSE, test: 'like' }] }), ['invalidProperties', ['rules']]);
  assert.deepEqual(await ofRule({}, { keywords: ['a b'] }), ['invalidProperties', ['rules']]);
  assert.deepEqual(await ofRule({}, { forwardTo: ['nobody@kust.example'] }), [
    'invalidRecipients',
    ['nobody@kust.example'],
  ]);
  assert.deepEqual(await ofRule({}, { forwardTo: [ZHANG] }), ['invalidProperties', ['rules']]);
  assert.deepEqual(await named({ allowed: ['a.example', 'no domain'] }), ['invalidProperties', ['allowed/1']]);
  assert.deepEqual(await named({ sieve: 'keep;' }), ['invalidProperties', ['sieve']]);
  assert.equal((await refusal({ rules: Array.from({ length: 101 }, () => rule()) })).type, 'overQuota');
});

test('a rule is tried on mail that is there, and done to it, in slices', async (t) => {
  const { jmap, account, put } = await open();
  t.after(() => jmap.store.close());
  for (let n = 0; n < 5; n++) await put(n % 2 === 0 ? `课程 ${n}` : `other ${n}`);
  await put('with header', 'X-Course: 1\r\n');
  const inbox = await account.findMailbox('INBOX');
  const { mailboxId: id } = await account.createMailbox({ path: 'courses' });
  const { list } = await jmap.call('Mailbox/get');
  const idOf = (name: string): string => (list as Answer[]).find((one) => one.name === name)?.id as string;
  const rule = { name: 'r', conditions: [COURSE], actions: { mailboxId: idOf('courses'), keywords: ['work'] } };
  const apply = (args: object) =>
    jmap.call('MailFilter/apply', { rule, mailboxId: idOf('Inbox'), isTrial: true, ...args });
  const all = await apply({ mailboxId: null });
  assert.deepEqual([all.examined, all.matched.length, all.next], [6, 3, null]);
  const byHeader = await apply({
    rule: { ...rule, conditions: [{ field: 'header', name: 'X-Course', test: 'is', value: '1' }] },
  });
  assert.equal(byHeader.matched.length, 1);
  assert.equal((await account.mailbox(id))?.totalEmails, 0, 'a trial changes nothing');
  const matched: unknown[] = [];
  let behind: string | null = null;
  let slices = 0;
  do {
    const slice: Answer = await apply({ isTrial: false, limit: 2, behind });
    matched.push(...slice.matched);
    behind = slice.next as string | null;
    slices++;
  } while (behind !== null);
  assert.deepEqual([matched, slices], [all.matched, 4]);
  assert.equal((await account.mailbox(id))?.totalEmails, 3);
  assert.equal((await account.mailbox(inbox?.mailboxId ?? assert.fail()))?.totalEmails, 3);
  const { list: emails } = await jmap.call('Email/get', { ids: [matched[0]], properties: ['keywords'] });
  assert.deepEqual(emails[0].keywords, { work: true });
  assert.equal(
    (await jmap.refusal('MailFilter/apply', { rule, mailboxId: null, isTrial: false })).type,
    'invalidArguments',
  );
  assert.equal(
    (await jmap.refusal('MailFilter/apply', { rule, mailboxId: idOf('Inbox'), isTrial: true, behind: 'x' })).type,
    'invalidArguments',
  );
});
