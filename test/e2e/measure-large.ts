/**
 * `node test/e2e/measure-large.ts URL LOGIN PASSWORD`: how long somebody with a mailbox of many years waits for what is done in it, in
 * Chromium, against a server that runs and that `tools/bench/fill-professor.ts` has filled. Milliseconds until it was painted.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
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

const { positionals } = parseArgs({ allowPositionals: true });
const [origin = 'http://127.0.0.1:8080', login = '', password = ''] = positionals;
const browser = await launchBrowser();
const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1440, height: 900 } });
context.setDefaultTimeout(60_000);
let page = await context.newPage();
await page.goto(origin);
await measure('sign in', () => signIn(page, login, password));
// In a tab of its own: to let go of the page before takes a Chromium without a graphics card seconds, in which it draws nothing.
page = await context.newPage();
await measure('open anew', () => page.goto(origin));
const grid = page.locator('.list-pane [role=grid]');
console.log(`rows ${await grid.getAttribute('aria-rowcount')}`);
await measure('to the middle', () => scrollTo(0.5));
await measure('to a third', () => scrollTo(0.33));
await measure('to the end', () => scrollTo(1));
await measure('to the top', () => scrollTo(0));
await scrollSlowly();
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
