/**
 * `node test/e2e/measure-large.ts URL LOGIN PASSWORD [IMAP_PORT] [--pictures DIR]`: how long somebody with a mailbox of many years waits
 * for what is done in it, in Chromium, against a server that runs and that `tools/bench/fill-professor.ts` has filled. Milliseconds
 * until it was painted. With the IMAP port letters are put in meanwhile, and moved: a mailbox for it alone. Pictures show what one sees.
 */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { composeMessage } from '#mime/compose.ts';
import { ImapTestClient } from '#test/harness/line-client.ts';
import type { Request } from 'playwright-core';
import { signIn } from './open-mail.ts';
import { launchBrowser } from './web-pages.ts';

const SEARCHES = [
  '毕业论文',
  'experiment',
  'from:李静',
  'has:attachment',
  'after:2019-05-01 before:2019-06-01',
  '没有这样的词',
];
const SCROLLED_PX = 400;
const SCROLLS = 120;

declare global {
  // What the page tells: when it drew.
  var frames: number[];
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { pictures: { type: 'string' } } });
const [origin = 'http://127.0.0.1:8080', login = '', password = '', imapPort] = positionals;
const browser = await launchBrowser();
const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1440, height: 900 } });
context.setDefaultTimeout(60_000);
let page = await context.newPage();
await page.goto(origin);
await measure('sign in', () => signIn(page, login, password));
// In a tab of its own: to let go of the page before takes a Chromium without a graphics card seconds, in which it draws nothing.
page = await context.newPage();
await measure('open anew', () => page.goto(origin));
/** Of JMAP's; the stream of events is not among them. */
let underWay = 0;
const isCall = (request: Request): boolean => request.method() === 'POST';
page.on('request', (request) => void (underWay += Number(isCall(request))));
for (const end of ['requestfinished', 'requestfailed'] as const)
  page.on(end as 'requestfinished', (request) => void (underWay -= Number(isCall(request))));
const grid = page.locator('.list-pane [role=grid]');
console.log(`rows ${await grid.getAttribute('aria-rowcount')}`);
await measure('to the middle', () => scrollTo(0.5));
await measure('to a third', () => scrollTo(0.33));
await measure('to the end', () => scrollTo(1));
await measure('to the top', () => scrollTo(0));
await scrollSlowly();
await tellHeap('after scrolling');
if (imapPort !== undefined) await work(Number(imapPort));
for (const words of SEARCHES) {
  const box = page.getByPlaceholder('搜索邮件、联系人、附件');
  await box.fill(words);
  await measure(`search ${words}`, async () => {
    await box.press('Enter');
    await page.waitForFunction(
      () => new URLSearchParams(location.search).size > 0 || location.pathname.includes('search'),
    );
  });
  console.log(`  rows ${await page.evaluate(countRows)}`);
}
await browser.close();
console.log(`load ${loadavg()[0]?.toFixed(1)}`);

/** What is done with thousands of letters, and what comes in while one is elsewhere in the list. */
async function work(port: number): Promise<void> {
  const imap = await ImapTestClient.open(port, login, password);
  const put = async (mailbox: string, letters: readonly Buffer[]): Promise<void> => {
    const pieces = letters.map((octets) => ` {${octets.length}+}\r\n${octets.toString()}`);
    await imap.command(`APPEND ${mailbox}${pieces.join('')}`);
  };
  const rows = () => grid.getAttribute('aria-rowcount').then(Number);
  const until = (count: number) =>
    page.waitForFunction(
      (wanted) => Number(document.querySelector('.list-pane [role=grid]')?.getAttribute('aria-rowcount')) === wanted,
      count,
    );
  const firstInView = () => grid.evaluate(findFirst);

  await measure('to the middle again', () => scrollTo(0.5));
  const before = await firstInView();
  await put('INBOX', [letter('滚动时到达', 'news')]);
  await page.getByRole('button', { name: '上方有' }).waitFor();
  const after = await firstInView();
  console.log(`news while in the middle: first row ${before === after ? 'stays' : `was ${before}, is ${after}`}`);
  await takePicture('news-above');
  await measure('up to the news', () => page.getByRole('button', { name: '上方有' }).click());

  let count = await rows();
  const selectAll = async (): Promise<void> => {
    await grid.focus();
    await page.keyboard.press('Control+a');
    await page.getByText('已选 5,000 个').or(page.getByText('已选 5000 个')).waitFor();
    await page.getByRole('button', { name: '全选' }).and(page.locator(':enabled')).waitFor();
  };
  await measure('select 5,000', selectAll);
  await takePicture('selected');
  await measure('delete them, as shown', async () => {
    await page.keyboard.press('#');
    // It stands while it is pointed at.
    await page.getByRole('button', { name: '撤销' }).hover();
    await until(count - 5_000);
  });
  await measure('until the server has it', untilSent);
  await measure('take it back, as shown', async () => {
    await page.getByRole('button', { name: '撤销' }).click();
    await until(count);
  });
  await measure('until the server has it', untilSent);
  await measure('select 5,000 again', selectAll);
  await measure('mark them read', () => page.keyboard.press('Shift+I'));
  await page.keyboard.press('Escape');
  await measure('until the server has it', untilSent);
  await tellHeap('after 5,000');

  await put(
    'INBOX',
    Array.from({ length: 300 }, (_, n) => letter('三百封的讨论', `talk${n}`, 'talk0')),
  );
  count = await rows();
  await openNewest('三百封的讨论', 'conversation of 300');
  await put('INBOX', [letter('两百个附件', 'files', undefined, { files: 200 })]);
  await openNewest('两百个附件', '200 attachments');
  await put('INBOX', [letter('二十兆的网页', 'html', undefined, { htmlBytes: 20_000_000 })]);
  await openNewest('二十兆的网页', 'HTML of 20 MB');
  imap.close();

  await page.goto(origin);
  await page.waitForFunction(isPainted, undefined, { polling: 'raf' });
  await context.setOffline(true);
  await measure('offline: star', () => grid.locator('[role=row]').nth(1).getByRole('button').first().click());
  await takePicture('offline');
  await context.setOffline(false);
  await measure('line back: until the server has it', untilSent);

  await measure('select 5,000 once more', selectAll);
  count = await rows();
  await measure('delete them for the trash, as shown', async () => {
    await page.keyboard.press('#');
    await until(count - 5_000);
  });
  await measure('until the server has it', untilSent);
  await page.locator('.side').getByText('已删除').click();
  const emptying = page.getByRole('button', { name: '清空' });
  await emptying.first().click();
  await measure('empty the trash, as shown', () =>
    page.getByRole('dialog').getByRole('button', { name: '清空' }).click(),
  );
  await measure('until it is done', () => page.getByText('已清空').waitFor());
  await takePicture('trash-emptied');
  await takeOut();
  await page.goto(origin);
  await page.waitForFunction(isPainted, undefined, { polling: 'raf' });
}

/** All mail as one file, as the page has it: read as it comes. */
async function takeOut(): Promise<void> {
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const beganAt = performance.now();
  const { status, body } = await fetch(new URL('/take-out', origin), { headers: { cookie } });
  let bytes = 0;
  for await (const some of body ?? []) bytes += (some as Uint8Array).length;
  console.log(`take-out: ${status}, ${(bytes / 1e6).toFixed(0)} MB, ${Math.round(performance.now() - beganAt)}`);
}

async function openNewest(subject: string, what: string): Promise<void> {
  const row = grid.locator('[role=row]', { hasText: subject }).first();
  await row.waitFor();
  await measure(`open ${what}`, async () => {
    await row.click();
    await page.locator('main h1, main h2', { hasText: subject }).first().waitFor();
  });
  await takePicture(what.replaceAll(' ', '-'));
  await tellHeap(`with ${what}`);
}

/** A letter to oneself; `answers`: the name of the one that it is an answer to. */
function letter(
  subject: string,
  name: string,
  answers?: string,
  { files = 0, htmlBytes = 0 }: { readonly files?: number; readonly htmlBytes?: number } = {},
): Buffer {
  const idOf = (one: string): string => `${one}.${process.pid}@measure.example`;
  const row = '<tr><td>课程</td><td><b>信号与系统</b></td><td>2026-2027 学年</td></tr>';
  return composeMessage({
    from: { name: '李静', email: 'li.jing@uni.example' },
    to: [{ name: '', email: login }],
    subject,
    text: `${subject}。\r\n`,
    dateMs: Date.now(),
    messageId: idOf(name),
    ...(answers !== undefined && answers !== name && { inReplyTo: idOf(answers), references: [idOf(answers)] }),
    ...(htmlBytes > 0 && { html: `<table>${row.repeat(Math.ceil(htmlBytes / Buffer.byteLength(row)))}</table>` }),
    ...(files > 0 && {
      attachments: Array.from({ length: files }, (_, n) => ({
        fileName: `附件${n + 1}.txt`,
        type: 'text/plain',
        content: Buffer.from(`${n}\n`),
      })),
    }),
  });
}

/** In the page: what the first row says that is wholly in view. */
function findFirst(pane: Element): string {
  const { top } = pane.getBoundingClientRect();
  const rows = Array.from(pane.querySelectorAll('[role=row]'));
  return rows.find((row) => row.getBoundingClientRect().top >= top)?.textContent ?? '';
}

/** No request of the page is under way, for as long as one could follow another. */
async function untilSent(): Promise<void> {
  for (let quietSince = performance.now(); performance.now() - quietSince < 300;) {
    if (underWay > 0) quietSince = performance.now();
    await page.evaluate(() => new Promise((resolve) => void requestAnimationFrame(resolve)));
  }
}

/** After garbage has been collected. */
async function tellHeap(when: string): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  console.log(`heap of the tab ${when}: ${(usedSize / 1e6).toFixed(1)} MB`);
}

async function takePicture(name: string): Promise<void> {
  if (values.pictures !== undefined) await page.screenshot({ path: join(values.pictures, `${name}.png`) });
}

async function measure(what: string, act: () => Promise<unknown>): Promise<void> {
  const beganAt = performance.now();
  await act();
  await page.waitForFunction(isPainted, undefined, { polling: 'raf' });
  console.log(`${what}: ${Math.round(performance.now() - beganAt)}`);
}

/** In the page: there are rows, and none of those in view is blank; or it says that there are none. */
function isPainted(): boolean {
  const list = document.querySelector('.list-pane');
  const pane = list?.querySelector('[role=grid]')?.getBoundingClientRect();
  const rows = Array.from(list?.querySelectorAll('[role=row]') ?? []).filter((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return pane !== undefined && bottom > pane.top && top < pane.bottom;
  });
  if (rows.length === 0) return /没有找到邮件|这里没有邮件/.test(list?.textContent ?? '');
  return rows.every((row) => !row.classList.contains('row--blank'));
}

function countRows(): string {
  return document.querySelector('.list-pane [role=grid]')?.getAttribute('aria-rowcount') ?? '0';
}

function scrollTo(part: number): Promise<void> {
  return grid.evaluate((element, to) => void (element.scrollTop = element.scrollHeight * to), part);
}

/** With the wheel; frames that took longer than two of 60 in a second are seen. */
async function scrollSlowly(): Promise<void> {
  await page.evaluate(() => {
    const frames: number[] = [];
    globalThis.frames = frames;
    const note = (at: number): void => void (frames.push(at), requestAnimationFrame(note));
    requestAnimationFrame(note);
  });
  await grid.hover();
  for (let n = 0; n < SCROLLS; n++) await page.mouse.wheel(0, SCROLLED_PX);
  const times = await page.evaluate(() => globalThis.frames);
  const waits = times.slice(1).map((at, n) => at - (times[n] ?? at));
  const sorted = waits.toSorted((a, b) => a - b);
  const slow = waits.filter((ms) => ms > 34).length;
  console.log(
    `scrolled by wheel: ${waits.length} frames, ${slow} over 34 ms, median ${sorted[sorted.length >> 1]?.toFixed(1)}, longest ${sorted.at(-1)?.toFixed(0)}`,
  );
}
