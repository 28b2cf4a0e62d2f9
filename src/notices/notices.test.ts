import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { NoticeList, NoticeText } from '#contract/notice.ts';
import type { FakeClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import type { ByteSource, HttpAnswer, HttpRequest } from '#http/types.ts';
import { openTestStore } from '#test/harness/stores.ts';
import { NOTICE_LIMITS } from './limits.ts';
import { Notices, type NoticeDraft } from './notices.ts';
import { noticeRoutes } from './routes.ts';

const DRAFT: NoticeDraft = {
  number: '',
  title: '关于启用新版电子邮件系统的通知',
  body: '各部门：\r\n\r\n见附件。',
  realm: null,
  files: [],
};

async function openNotices(t: TestContext) {
  const store = await openTestStore('memory');
  t.after(() => store.close());
  const clock = store.clock as FakeClock;
  const notices = new Notices({ store: store.notices, clock, viewKey: Buffer.from('views') });
  const routes = noticeRoutes({
    notices,
    realmOf: (host) => (host === 'mail.kust.example' ? 'staff' : null),
    log: silentLog,
  });
  const ask = async (path: string, request: Partial<HttpRequest> = {}): Promise<HttpAnswer> => {
    const url = new URL(path, 'http://here');
    const parts = url.pathname.split('/');
    const route = routes.find((one) => one.path.split('/').length === parts.length);
    assert.ok(route, path);
    const names = route.path
      .split('/')
      .map((part, at) => [part.slice(1), decodeURIComponent(parts[at] ?? '')] as const);
    return route.respond({
      host: 'mail.kust.example',
      remoteAddress: '192.0.2.1',
      query: url.searchParams,
      params: Object.fromEntries(names),
      ...request,
    } as HttpRequest);
  };
  const read = async <T>(path: string, request?: Partial<HttpRequest>): Promise<T> => {
    const answer = await ask(path, request);
    assert.equal(answer.status, 200, path);
    return JSON.parse(answer.body as string) as T;
  };
  return { notices, store, clock, ask, read };
}

test('a notice is read between its neighbours, by whom it is for', async (t) => {
  const { notices, ask, read } = await openNotices(t);
  await notices.publish({ ...DRAFT, title: ' 一\n\u202e号 ', number: '信息〔2026〕1 号' });
  await notices.publish({ ...DRAFT, title: '二号', realm: 'staff' });
  await notices.publish({ ...DRAFT, title: '三号', realm: 'student' });
  await notices.publish({ ...DRAFT, title: '四号' });
  const second = await read<NoticeText>('/site/notices/2');
  assert.equal(second.body, '各部门：\n\n见附件。');
  assert.deepEqual(second.newer, { id: 4, title: '四号' });
  assert.deepEqual(second.older, { id: 1, title: '一 号' });
  assert.equal((await ask('/site/notices/3')).status, 404);
  assert.equal((await ask('/site/notices/2', { host: 'mail.elsewhere.example' })).status, 404);
  for (const id of ['0', '9', '01', '1e0', '99999999999999999999', '-1', ''])
    assert.equal((await ask(`/site/notices/${id}`)).status, 404, id);

  assert.equal(await notices.withdraw(4), true);
  assert.equal((await ask('/site/notices/4')).status, 404);
  assert.equal((await read<NoticeText>('/site/notices/2')).newer, null);
  const titles = (await notices.newest('staff')).map(({ title }) => title);
  assert.deepEqual(titles, ['二号', '一 号']);
});

test('the list comes in pages', async (t) => {
  const { notices, ask, read } = await openNotices(t);
  for (let at = 0; at <= NOTICE_LIMITS.page; at++) await notices.publish(DRAFT);
  const first = await read<NoticeList>('/site/notices');
  assert.equal(first.notices.length, NOTICE_LIMITS.page);
  assert.equal(first.next, 2);
  const last = await read<NoticeList>(`/site/notices?before=${first.next}`);
  assert.deepEqual([last.notices.map(({ id }) => id), last.next], [[1], null]);
  assert.equal((await ask('/site/notices?before=x')).status, 400);
});

test('who reads it again within the hour is not counted again', async (t) => {
  const { notices, clock, read } = await openNotices(t);
  await notices.publish(DRAFT);
  await notices.publish(DRAFT);
  const views = async () => (await notices.find(null, 1))?.views;
  assert.equal((await read<NoticeText>('/site/notices/1')).views, 1, 'this one is among them');
  clock.advance(NOTICE_LIMITS.viewMs - 1);
  assert.equal((await read<NoticeText>('/site/notices/1')).views, 1);
  await read('/site/notices/2');
  assert.equal(await views(), 1);
  await read('/site/notices/1', { remoteAddress: '192.0.2.2' });
  assert.equal(await views(), 2);
  clock.advance(1);
  await read('/site/notices/1');
  assert.equal(await views(), 3);
});

test('an address is counted once for all threads, an IPv6 network as one', async (t) => {
  const { notices, store, clock } = await openNotices(t);
  await notices.publish(DRAFT);
  const other = new Notices({ store: store.notices, clock, viewKey: Buffer.from('views') });
  assert.equal(await notices.noteView(1, '2001:db8::1'), true);
  assert.equal(await other.noteView(1, '2001:db8::2'), false);
  assert.equal(await other.noteView(1, '2001:db8:0:1::1'), true);
  clock.advance(NOTICE_LIMITS.viewMs);
  assert.equal(await other.noteView(1, '2001:db8::1'), true);
});

test('the page says when a notice was changed', async (t) => {
  const { notices, clock, read } = await openNotices(t);
  await notices.publish(DRAFT);
  assert.equal((await read<NoticeText>('/site/notices/1')).editedAt, null);
  clock.advance(1000);
  assert.equal(await notices.edit(1, { body: ' 改过\r\n' }), true);
  const { title, body, editedAt } = await read<NoticeText>('/site/notices/1');
  assert.deepEqual([title, body, editedAt], [DRAFT.title, '改过', clock.now()]);
  await assert.rejects(notices.edit(1, { title: ' ' }), { code: 'invalid' });
  assert.equal(await notices.edit(2, { title: '二' }), false);
});

test('files are taken along in pieces, and saved', async (t) => {
  const { notices, ask, read } = await openNotices(t);
  const content = new Uint8Array(2 * NOTICE_LIMITS.pieceBytes + 9).map((_, at) => at % 251);
  const files = [
    { name: '/home/li/附件1：须知.PDF', content },
    { name: '..', content: new Uint8Array(1) },
  ];
  await notices.publish({ ...DRAFT, files });
  const listed = (await read<NoticeText>('/site/notices/1')).files;
  assert.deepEqual(
    listed.map(({ name }) => name),
    ['附件1：须知.PDF', 'file'],
  );
  const answer = await ask(listed[0]?.url ?? '');
  assert.equal(answer.status, 200);
  assert.equal(answer.contentType, 'application/pdf');
  assert.match(String(answer.headers?.['content-disposition']), /^attachment; filename\*=UTF-8''%E9%99%84/);
  const source = answer.body as ByteSource;
  assert.equal(source.sizeBytes, content.length);
  const pieces: Uint8Array[] = [];
  for await (const piece of source.read(5, content.length) as AsyncIterable<Uint8Array>) pieces.push(piece);
  assert.equal(pieces.length, 3);
  assert.deepEqual(Buffer.concat(pieces), Buffer.from(content.subarray(5)));
  assert.equal((await ask('/site/notices/1/files/3/x')).status, 404);
  await notices.withdraw(1);
  assert.equal((await ask(listed[0]?.url ?? '')).status, 404);
});

test('what is no notice is refused in words', async (t) => {
  const { notices } = await openNotices(t);
  const limits = NOTICE_LIMITS;
  const file = { name: 'a', content: new Uint8Array(1) };
  const wrong: readonly (readonly [Partial<NoticeDraft>, string])[] = [
    [{ title: ' \n' }, 'invalid'],
    [{ body: ' \n' }, 'invalid'],
    [{ title: '通'.repeat(limits.titleLength + 1) }, 'tooLarge'],
    [{ number: '1'.repeat(limits.numberLength + 1) }, 'tooLarge'],
    [{ body: '通'.repeat(limits.bodyLength + 1) }, 'tooLarge'],
    [{ files: Array.from({ length: limits.files + 1 }, () => file) }, 'invalid'],
    [{ files: [{ name: 'a', content: new Uint8Array(limits.fileBytes + 1) }] }, 'tooLarge'],
  ];
  for (const [part, code] of wrong) await assert.rejects(notices.publish({ ...DRAFT, ...part }), { code });
  assert.deepEqual(await notices.all(), []);
});
