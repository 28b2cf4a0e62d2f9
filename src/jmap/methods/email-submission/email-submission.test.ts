import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { LI, ZHANG, openJmap, type Answer } from '#jmap/testing/jmap.ts';

const FAR = 'friend@far.example';

async function open(t: TestContext) {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const identityId = (await jmap.call('Identity/get')).list[0].id as string;
  const drafts = await jmap.mailboxOf('drafts');
  const sent = await jmap.mailboxOf('sent');
  const write = async (properties: object = {}): Promise<string> => {
    const draft = {
      mailboxIds: { [drafts]: true },
      keywords: { $draft: true, $seen: true },
      from: [{ name: null, email: ZHANG }],
      to: [{ name: null, email: LI }],
      subject: 'a',
      ...properties,
    };
    const { created, notCreated } = await jmap.call('Email/set', { create: { a: draft } });
    assert.equal(notCreated, null);
    return created.a.id as string;
  };
  const set = (args: object): Promise<Answer> => jmap.call('EmailSubmission/set', { ...args });
  const send = (emailId: string, more: object = {}): Promise<Answer> =>
    set({ create: { s: { identityId, emailId, ...more } } });
  const get = async (id: string): Promise<Answer> =>
    (await jmap.call('EmailSubmission/get', { ids: [id] })).list[0] as Answer;
  const received = async (): Promise<string[]> => {
    const account = jmap.mail.account(jmap.li);
    const answer = await account.queryEmails({}, { limit: 10 });
    assert.ok(answer !== 'anchorNotFound');
    return Promise.all(answer.emailIds.map(async (id) => (await account.readMessage(id)).toString()));
  };
  return { ...jmap, identityId, drafts, sent, write, set, send, get, received };
}

test('what is sent arrives here and is queued for elsewhere; the draft is moved to Sent', async (t) => {
  const { write, request, identityId, drafts, sent, get, received, queue, call, clock } = await open(t);
  const bcc = [{ name: null, email: FAR }];
  const emailId = await write({ bcc });
  const [set, moved] = await request([
    [
      'EmailSubmission/set',
      {
        create: { s: { identityId, emailId } },
        onSuccessUpdateEmail: {
          '#s': { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${sent}`]: true, 'keywords/$draft': null },
        },
      },
    ],
  ]);
  const made = (set?.[1]['created'] as Answer | undefined)?.['s'] as Answer;
  assert.deepEqual(made['envelope'], {
    mailFrom: { email: ZHANG, parameters: null },
    rcptTo: [LI, FAR].map((email) => ({ email, parameters: null })),
  });
  assert.deepEqual([moved?.[0], moved?.[1]['updated']], ['Email/set', { [emailId]: null }]);
  const { list } = await call('Email/get', { ids: [emailId], properties: ['mailboxIds', 'keywords'] });
  assert.deepEqual(list[0], { id: emailId, mailboxIds: { [sent]: true }, keywords: { $seen: true } });

  const [letter = ''] = await received();
  // RFC 8621 §7.5: nobody learns from the message who else got it.
  assert.doesNotMatch(letter, /^Bcc:/im);
  const queued = await queue.list({}, { limit: 10 });
  assert.equal(JSON.stringify(queued).includes(FAR), true);

  const read = await get(made['id']);
  assert.deepEqual([read['undoStatus'], read['sendAt'], read['emailId']], ['final', made['sendAt'], emailId]);
  assert.equal(Date.parse(read['sendAt']), clock.now());
  assert.equal(read['deliveryStatus'][LI].delivered, 'yes');
  assert.equal(read['deliveryStatus'][FAR].delivered, 'queued');
  assert.deepEqual([read['dsnBlobIds'], read['mdnBlobIds']], [[], []]);
});

test('what waits for its time is taken back until then', async (t) => {
  const { write, send, set, get, clock, received } = await open(t);
  const envelope = {
    mailFrom: { email: ZHANG, parameters: { HOLDFOR: '3600' } },
    rcptTo: [{ email: LI }, { email: FAR }],
  };
  const { created } = await send(await write(), { envelope });
  const { id } = created.s;
  assert.equal(created.s.undoStatus, 'pending');
  assert.equal(Date.parse(created.s.sendAt), clock.now() + 3_600_000);
  const { updated } = await set({ update: { [id]: { undoStatus: 'canceled' } } });
  assert.deepEqual(updated, { [id]: null });
  assert.equal((await get(id))['undoStatus'], 'canceled');
  assert.deepEqual(await received(), []);
  // Said again it is so still.
  assert.deepEqual((await set({ update: { [id]: { undoStatus: 'canceled' } } }))['updated'], { [id]: null });
});

test('what has left is not taken back, and nothing else of a submission changes', async (t) => {
  const { write, send, set } = await open(t);
  const { created } = await send(await write());
  const { id } = created.s;
  const refuse = async (name: string, patch: object): Promise<unknown> => {
    const { notUpdated } = await set({ update: { [name]: patch } });
    return [notUpdated[name].type, notUpdated[name].properties];
  };
  assert.deepEqual(await refuse(id, { undoStatus: 'canceled' }), ['cannotUnsend', undefined]);
  assert.deepEqual(await refuse(id, { undoStatus: 'pending' }), ['invalidProperties', ['undoStatus']]);
  assert.deepEqual(await refuse(id, { sendAt: '2026-01-01T00:00:00Z' }), ['invalidProperties', ['sendAt']]);
  assert.deepEqual(await refuse('S1-999', { undoStatus: 'canceled' }), ['notFound', undefined]);
  const { destroyed, notDestroyed } = await set({ destroy: [id, 'S1-999', 'S2-1'] });
  assert.deepEqual([destroyed, Object.keys(notDestroyed)], [[id], ['S1-999', 'S2-1']]);
});

test('each that cannot be sent says why', async (t) => {
  const { write, set, identityId, call } = await open(t);
  const emailId = await write();
  const from = (email: string, parameters: object | null = null): object => ({
    mailFrom: { email, parameters },
    rcptTo: [{ email: LI }],
  });
  const cases: Record<string, readonly [object, string]> = {
    nobody: [{ emailId: await write({ to: [] }) }, 'noRecipients'],
    empty: [{ envelope: { mailFrom: { email: ZHANG }, rcptTo: [] } }, 'noRecipients'],
    unknown: [
      { envelope: { mailFrom: { email: ZHANG }, rcptTo: [{ email: 'no@kust.example' }] } },
      'invalidRecipients',
    ],
    garbled: [{ envelope: { mailFrom: { email: ZHANG }, rcptTo: [{ email: 'a b' }] } }, 'invalidRecipients'],
    inject: [
      { envelope: { mailFrom: { email: ZHANG }, rcptTo: [{ email: 'a@x.example>\r\nRCPT TO:<b@x.example' }] } },
      'invalidRecipients',
    ],
    other: [{ envelope: from(LI) }, 'forbiddenMailFrom'],
    sender: [{ envelope: from('nobody') }, 'forbiddenMailFrom'],
    author: [{ emailId: await write({ from: [{ email: LI }] }), envelope: from(ZHANG) }, 'forbiddenFrom'],
    late: [{ envelope: from(ZHANG, { HOLDFOR: '99999999' }) }, 'invalidProperties'],
    word: [{ envelope: from(ZHANG, { HOLDFOR: 'soon' }) }, 'invalidProperties'],
    odd: [{ envelope: from(ZHANG, { COLOUR: 'red' }) }, 'invalidProperties'],
    identity: [{ identityId: 'I1-999' }, 'invalidProperties'],
    email: [{ emailId: 'E1-999' }, 'invalidProperties'],
    theirs: [{ emailId: 'E2-1' }, 'invalidProperties'],
    status: [{ undoStatus: 'final' }, 'invalidProperties'],
    dangling: [{ emailId: '#nothing' }, 'invalidProperties'],
  };
  const create = Object.fromEntries(
    Object.entries(cases).map(([id, [given]]) => [id, { identityId, emailId, ...given }]),
  );
  const { created, notCreated } = await set({
    create,
    onSuccessDestroyEmail: Object.keys(cases).map((id) => `#${id}`),
  });
  assert.equal(created, null);
  assert.deepEqual(
    Object.fromEntries(Object.entries(notCreated as Answer).map(([id, error]) => [id, error.type as string])),
    Object.fromEntries(Object.entries(cases).map(([id, [, type]]) => [id, type])),
  );
  assert.deepEqual(notCreated.unknown.invalidRecipients, ['no@kust.example']);
  assert.deepEqual(notCreated.garbled.invalidRecipients, ['a b']);
  assert.equal((await call('Email/get', { ids: [emailId], properties: ['id'] })).list.length, 1);
});

test('parameters of the envelope reach the queue; an Email made in the same request is sent', async (t) => {
  const { request, identityId, drafts, queue } = await open(t);
  const envelope = {
    mailFrom: { email: ZHANG, parameters: { ENVID: 'QQ314159', RET: 'HDRS', 'MT-PRIORITY': '3', SIZE: '1' } },
    rcptTo: [{ email: FAR, parameters: { NOTIFY: 'SUCCESS,DELAY', ORCPT: 'rfc822;x@far.example' } }],
  };
  const mail = { mailboxIds: { [drafts]: true }, from: [{ email: ZHANG }], to: [{ email: FAR }] };
  const [, set, gone] = await request([
    ['Email/set', { create: { e: mail } }],
    ['EmailSubmission/set', { create: { s: { identityId, emailId: '#e', envelope } }, onSuccessDestroyEmail: ['#s'] }],
  ]);
  assert.equal(set?.[1]['notCreated'], null);
  assert.equal((gone?.[1]['destroyed'] as string[] | undefined)?.length, 1);
  const queued = JSON.stringify(await queue.list({}, { limit: 10 }));
  assert.match(queued, /friend@far\.example/);
});

test('submissions are listed, filtered, and their changes told', async (t) => {
  const { write, send, set, call, refusal, clock, identityId } = await open(t);
  const before = (await call('EmailSubmission/get', { ids: [] })).state as string;
  const first = (await send(await write())).created.s.id as string;
  clock.advance(60_000);
  const later = { mailFrom: { email: ZHANG, parameters: { HOLDFOR: '60' } }, rcptTo: [{ email: FAR }] };
  const email = await write();
  const second = (await send(email, { envelope: later })).created.s.id as string;
  const query = async (args: object): Promise<string[]> =>
    (await call('EmailSubmission/query', { ...args })).ids as string[];
  const sort = [{ property: 'sentAt', isAscending: false }];
  assert.deepEqual(await query({ sort }), [second, first]);
  assert.deepEqual(await query({ filter: { undoStatus: 'pending' } }), [second]);
  assert.deepEqual(await query({ filter: { emailIds: [email] } }), [second]);
  assert.deepEqual((await query({ filter: { identityIds: [identityId] } })).length, 2);
  assert.equal((await refusal('EmailSubmission/query', { sort: [{ property: 'colour' }] })).type, 'unsupportedSort');
  const made = await call('EmailSubmission/changes', { sinceState: before });
  assert.deepEqual([made['created'], made['updated'], made['destroyed']], [[first, second], [], []]);
  await set({ destroy: [first] });
  clock.advance(120_000);
  const changed = await call('EmailSubmission/changes', { sinceState: made['newState'] });
  assert.deepEqual([changed['created'], changed['destroyed']], [[], [first]]);
  const { list } = await call('EmailSubmission/get', { ids: null, properties: ['undoStatus'] });
  assert.deepEqual(list, [{ id: second, undoStatus: 'final' }]);
});
