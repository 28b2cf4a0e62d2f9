/**
 * `node test/e2e/measure-start.ts URL LOGIN PASSWORD [ROUNDS]`: how long somebody on a phone waits for the mailbox, from pressing 登录 and
 * from opening the page anew, in Chromium with the processor slowed down four times. Against a server that runs, such as `npm start`'s.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './web-pages.ts';

/** As Lighthouse has a mid-range phone. */
const SLOWDOWN = 4;

interface Waits {
  readonly signInMs: number;
  readonly againMs: number;
}

declare global {
  // What the page tells: when a row of the list stood and had been painted.
  var rowPaintedMs: Promise<number>;
}

/** In the page: counts from the event, or from when the page began. */
function watchRows(from?: 'submit'): void {
  let beganAt = from === undefined ? 0 : Infinity;
  if (from !== undefined) addEventListener(from, () => (beganAt = performance.now()), { capture: true });
  globalThis.rowPaintedMs = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (beganAt === Infinity || document.querySelector('[role=row]') === null) return;
      observer.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - beganAt)));
    });
    observer.observe(document, { childList: true, subtree: true });
  });
}

const readPainted = (): Promise<number> => globalThis.rowPaintedMs;

async function measure(browser: Browser, origin: string, login: string, password: string): Promise<Waits> {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    locale: 'zh-CN',
  });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
  await page.goto(`${origin}/sign-in`);
  await page.locator('form input').first().fill(login);
  await page.locator('input[type=password]').fill(password);
  await page.evaluate(watchRows, 'submit');
  await page.keyboard.press('Enter');
  const signInMs = await page.evaluate(readPainted);
  await page.addInitScript(watchRows);
  await page.goto(origin);
  const againMs = await page.evaluate(readPainted);
  await context.close();
  return { signInMs, againMs };
}

const { positionals } = parseArgs({ allowPositionals: true });
const [origin = 'http://127.0.0.1:8080', login = '', password = '', rounds = '5'] = positionals;
const browser = await launchBrowser();
const waits: Waits[] = [];
for (let round = 0; round < Number(rounds); round++) waits.push(await measure(browser, origin, login, password));
await browser.close();
console.log(`from pressing 登录 to the mailbox, ms   ${waits.map(({ signInMs }) => Math.round(signInMs)).join(' ')}`);
console.log(`from opening the page, signed in, ms   ${waits.map(({ againMs }) => Math.round(againMs)).join(' ')}`);
console.log(`load ${loadavg()[0]?.toFixed(1)}`);
