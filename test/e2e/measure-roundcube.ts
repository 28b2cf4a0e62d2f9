/**
 * `node test/e2e/measure-roundcube.ts --ours URL --our-account LOGIN:PASSWORD --theirs URL --their-account LOGIN:PASSWORD [--rounds N] [--phone]`:
 * how long somebody waits in our webmail and in a Roundcube 1.6 (skin elastic) over the same mail, in one Chromium, in turns. Both mailboxes
 * have been filled by `tools/bench/fill-professor.ts`; some letters of them are moved and deleted. Milliseconds until it was painted, medians.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { encodeModifiedUtf7 } from '#imap/modified-utf7.ts';
import { launchBrowser } from './web-pages.ts';

const WORD = '答辩';
const MOVED_TO = '家人';
const DELETED = 50;
/** As Lighthouse has a mid-range phone. */
const PHONE_SLOWDOWN = 4;

type Act = (page: Page) => Promise<unknown>;

/** Something that one does: it settles when what it leads to has been painted. */
interface Step {
  /** Done first, and not measured. */
  readonly before?: Act;
  readonly act: Act;
  /** Whether a request is the one that has the server do it. */
  readonly isKeptBy?: (url: string, body: string) => boolean;
}

type StepName = (typeof STEPS)[number];
type Steps = Readonly<Record<StepName, Step>>;

interface Webmail {
  readonly name: string;
  readonly origin: string;
  readonly openSignIn: Act;
  readonly steps: Steps;
}

const STEPS = [
  'sign in',
  'open anew',
  'open a letter',
  'another letter',
  'to the middle of the list',
  'search the inbox',
  'search all folders, texts too',
  'move one letter',
  'delete 50',
] as const;

/** On a phone the list is not beside the letter, and has fewer ways: what is done there most. */
const PHONE_STEPS: readonly StepName[] = ['sign in', 'open anew', 'open a letter'];

declare global {
  // Roundcube's own, in its page.
  var rcmail: { readonly env: Record<string, unknown>; command(name: string, value?: string): void };
}

const { values } = parseArgs({
  options: {
    ours: { type: 'string', default: 'http://127.0.0.1:8080' },
    'our-account': { type: 'string', default: '' },
    theirs: { type: 'string', default: '' },
    'their-account': { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    phone: { type: 'boolean', default: false },
  },
});
const webmails = [ours(values.ours, values['our-account']), theirs(values.theirs, values['their-account'])];
const steps = values.phone ? PHONE_STEPS : STEPS;
const browser = await launchBrowser();
const all = webmails.map((): Map<string, number>[] => []);
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [at, webmail] of webmails.entries()) all[at]?.push(await measure(browser, webmail));
}
await browser.close();
report();

async function measure(browser: Browser, webmail: Webmail): Promise<Map<string, number>> {
  const context = await browser.newContext({
    locale: 'zh-CN',
    ...(values.phone
      ? { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
      : { viewport: { width: 1440, height: 900 } }),
  });
  context.setDefaultTimeout(60_000);
  const ms = new Map<string, number>();
  let page = await context.newPage();
  let traffic = await watch(page);
  await webmail.openSignIn(page);
  for (const name of steps) {
    const step = webmail.steps[name];
    if (name === 'open anew') {
      // In a tab of its own: to let go of the page before takes a Chromium without a graphics card seconds.
      page = await context.newPage();
      traffic = await watch(page);
    }
    await step.before?.(page);
    const beganAt = performance.now();
    const kept = step.isKeptBy && page.waitForResponse((answer) => isAnswerTo(answer.request(), step.isKeptBy));
    await step.act(page);
    await page.evaluate(paint);
    ms.set(name, performance.now() - beganAt);
    if (kept !== undefined) {
      await kept;
      ms.set(`${name}: until the server has it`, performance.now() - beganAt);
    }
    if (name === 'sign in' || name === 'open anew') {
      await settle(page, traffic);
      const what = name === 'sign in' ? 'first picture, nothing cached' : 'opened anew';
      ms.set(`${what}: requests`, traffic.requests);
      ms.set(`${what}: kB`, traffic.octets / 1000);
    }
  }
  await context.close();
  return ms;
}

function isAnswerTo(request: { url(): string; postData(): string | null }, isKeptBy: Step['isKeptBy']): boolean {
  return isKeptBy?.(request.url(), request.postData() ?? '') === true;
}

/** What goes over the wire for a page and its frames, compressed, without what its service worker fetches for later. */
async function watch(page: Page): Promise<{ requests: number; octets: number }> {
  const traffic = { requests: 0, octets: 0 };
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  if (values.phone) await devtools.send('Emulation.setCPUThrottlingRate', { rate: PHONE_SLOWDOWN });
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    if (encodedDataLength === 0) return;
    traffic.requests++;
    traffic.octets += encodedDataLength;
  });
  return traffic;
}

/** Until a second has brought nothing more: what is pushed keeps a connection open for good. */
async function settle(page: Page, traffic: { readonly requests: number }): Promise<void> {
  let before = -1;
  while (before !== traffic.requests) {
    before = traffic.requests;
    await page.waitForTimeout(1_000);
  }
}

function report(): void {
  const names = [...(all[0]?.[0]?.keys() ?? [])];
  console.log('| what | ours | Roundcube | Roundcube / ours |\n|---|---|---|---|');
  for (const name of names) {
    const [our = Number.NaN, their = Number.NaN] = all.map((rounds) => median(rounds.map((ms) => ms.get(name) ?? 0)));
    console.log(`| ${name} | ${Math.round(our)} | ${Math.round(their)} | ${(their / our).toFixed(1)} |`);
  }
  console.log(`${values.rounds} rounds in turns, medians; load ${loadavg()[0]?.toFixed(1)}`);
}

function median(numbers: readonly number[]): number {
  const sorted = Float64Array.from(numbers);
  sorted.sort();
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function paint(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
}

function ours(origin: string, account: string): Webmail {
  const [login = '', password = ''] = account.split(':');
  const rows: Act = (page) => page.waitForFunction(isOurListPainted, undefined, { polling: 'raf' });
  const box = (page: Page) => page.getByPlaceholder('搜索邮件、联系人、附件');
  const grid = (page: Page) => page.locator('.list-pane [role=grid]');
  const subjects = (page: Page) => page.locator('.list-pane [role=row] .row__subject');
  const total = (page: Page) => grid(page).getAttribute('aria-rowcount').then(Number);
  const search: Act = async (page) => {
    await box(page).press('Enter');
    await page.waitForFunction(() => document.querySelector('.list-pane__title')?.textContent?.startsWith('搜索'));
    await rows(page);
  };
  const letter =
    (at: number): Act =>
    async (page) => {
      await subjects(page).nth(at).click();
      await page.waitForFunction(isOurLetterPainted, at, { polling: 'raf' });
    };
  let shown = 0;
  return {
    name: 'ours',
    origin,
    async openSignIn(page) {
      await page.goto(`${origin}/sign-in`);
      await page.locator('input[name=login]').fill(login);
      await page.locator('input[name=password]').fill(password);
    },
    steps: {
      'sign in': {
        act: async (page) => {
          await page.locator('input[name=password]').press('Enter');
          await rows(page);
        },
      },
      'open anew': {
        act: async (page) => {
          await page.goto(origin, { waitUntil: 'commit' });
          await rows(page);
        },
      },
      'open a letter': { act: letter(2) },
      'another letter': { act: letter(4) },
      'to the middle of the list': {
        act: async (page) => {
          await grid(page).evaluate((element) => void (element.scrollTop = element.scrollHeight / 2));
          await rows(page);
        },
      },
      'search the inbox': { before: (page) => box(page).fill(`in:inbox ${WORD}`), act: search },
      'search all folders, texts too': { before: (page) => box(page).fill(`in:anywhere ${WORD}`), act: search },
      'move one letter': {
        before: async (page) => {
          await page.goto(origin);
          await rows(page);
          shown = await total(page);
          await subjects(page)
            .first()
            .click({ modifiers: ['Control'] });
          await page.keyboard.press('v');
          await page.locator('.palette__input').fill(MOVED_TO);
        },
        act: async (page) => {
          await page.keyboard.press('Enter');
          await page.waitForFunction(isOurListOf, shown - 1, { polling: 'raf' });
        },
        isKeptBy: (url, body) => url.endsWith('/jmap/api') && body.includes('Email/set'),
      },
      'delete 50': {
        before: async (page) => {
          shown = await total(page);
          await subjects(page)
            .first()
            .click({ modifiers: ['Control'] });
          await grid(page).focus();
          for (let n = 1; n < DELETED; n++) await page.keyboard.press('Shift+ArrowDown');
          await page.getByText(`已选 ${DELETED} 个`).waitFor();
        },
        act: async (page) => {
          await page.keyboard.press('#');
          await page.waitForFunction(isOurListOf, shown - DELETED, { polling: 'raf' });
          await rows(page);
        },
        isKeptBy: (url, body) => url.endsWith('/jmap/api') && body.includes('Email/set'),
      },
    },
  };
}

/** In the page: there are rows, and none of those in view is blank. */
function isOurListPainted(): boolean {
  const pane = document.querySelector('.list-pane [role=grid]')?.getBoundingClientRect();
  const rows = Array.from(document.querySelectorAll('.list-pane [role=row]')).filter((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return pane !== undefined && bottom > pane.top && top < pane.bottom;
  });
  return rows.length > 0 && rows.every((row) => !row.classList.contains('row--blank'));
}

function isOurListOf(count: number): boolean {
  return document.querySelector('.list-pane [role=grid]')?.getAttribute('aria-rowcount') === String(count);
}

/** In the page: the letter of the row `at` is open, and the last of its texts is there. */
function isOurLetterPainted(at: number): boolean {
  const row = document.querySelector(`.list-pane [aria-rowindex="${at + 1}"]`);
  if (row !== null && row.getAttribute('aria-current') !== 'true') return false;
  const body = Array.from(document.querySelectorAll('.reading article.card .card__body')).at(-1);
  const text = body?.querySelector('iframe')?.contentDocument?.body?.textContent ?? body?.textContent ?? '';
  return text.trim() !== '';
}

function theirs(origin: string, account: string): Webmail {
  const [login = '', password = ''] = account.split(':');
  const rows: Act = (page) => page.waitForFunction(isTheirListPainted, undefined, { polling: 'raf' });
  const subjects = (page: Page) => page.locator('#messagelist tbody tr td.subject span.subject a');
  const first = (page: Page) => page.locator('#messagelist tbody tr').first().getAttribute('id');
  /** Another list than before has come. */
  const another =
    (act: Act): Act =>
    async (page) => {
      await page.evaluate(() => document.querySelector('#messagelist tbody tr')?.setAttribute('data-before', ''));
      await act(page);
      await page.waitForFunction(isTheirListAnother, undefined, { polling: 'raf' });
    };
  const search = another((page) => page.locator('#mailsearchform').press('Enter'));
  const letter =
    (at: number): Act =>
    async (page) => {
      await subjects(page).nth(at).click();
      const id = await page.locator('#messagelist tbody tr').nth(at).getAttribute('id');
      await page.waitForFunction(isTheirLetterPainted, id, { polling: 'raf' });
    };
  let shown: string | null = '';
  return {
    name: 'Roundcube',
    origin,
    async openSignIn(page) {
      await page.goto(origin);
      await page.locator('#rcmloginuser').fill(login);
      await page.locator('#rcmloginpwd').fill(password);
    },
    steps: {
      'sign in': {
        act: async (page) => {
          await page.locator('#rcmloginpwd').press('Enter');
          await rows(page);
        },
      },
      'open anew': {
        act: async (page) => {
          await page.goto(origin, { waitUntil: 'commit' });
          await rows(page);
        },
      },
      'open a letter': { act: letter(2) },
      'another letter': { act: letter(4) },
      'to the middle of the list': {
        before: async (page) => {
          const pages = await page.evaluate(() => globalThis.rcmail.env['pagecount'] as number);
          await page.locator('input.rcpagejumper').fill(String(Math.ceil(pages / 2)));
        },
        act: another((page) => page.locator('input.rcpagejumper').press('Enter')),
      },
      'search the inbox': { before: (page) => page.locator('#mailsearchform').fill(WORD), act: search },
      'search all folders, texts too': {
        before: (page) =>
          page.evaluate(() => {
            globalThis.rcmail.env['search_mods'] = { '*': { text: 1 } };
            globalThis.rcmail.env['search_scope'] = 'all';
          }),
        act: search,
      },
      'move one letter': {
        before: async (page) => {
          await page.goto(origin);
          await rows(page);
          shown = await first(page);
          await subjects(page)
            .first()
            .click({ modifiers: ['Control'] });
        },
        act: async (page) => {
          await page.evaluate((folder) => globalThis.rcmail.command('move', folder), encodeModifiedUtf7(MOVED_TO));
          await page.waitForFunction(isTheirRowGone, shown, { polling: 'raf' });
        },
        isKeptBy: (url) => url.includes('_action=move'),
      },
      'delete 50': {
        before: async (page) => {
          await page.evaluate(() => globalThis.rcmail.command('select-all', 'page'));
          shown = await first(page);
        },
        act: async (page) => {
          await page.evaluate(() => globalThis.rcmail.command('delete'));
          await page.waitForFunction(isTheirRowGone, shown, { polling: 'raf' });
          await rows(page);
        },
        isKeptBy: (url) => url.includes('_action=move') || url.includes('_action=delete'),
      },
    },
  };
}

function isTheirListPainted(): boolean {
  return document.querySelectorAll('#messagelist tbody tr').length > 0;
}

function isTheirListAnother(): boolean {
  return (
    document.querySelector('#messagelist tbody tr[data-before]') === null &&
    document.querySelectorAll('#messagelist tbody tr').length > 0
  );
}

function isTheirRowGone(id: string | null): boolean {
  return document.getElementById(id ?? '')?.checkVisibility() !== true;
}

/** In the page: the letter of the row is open, and its text is there. */
function isTheirLetterPainted(id: string | null): boolean {
  const frame = document.querySelector<HTMLIFrameElement>('#messagecontframe')?.contentWindow;
  const uid = atob(id?.slice('rcmrow'.length) ?? '');
  const isIt = new URLSearchParams(frame?.location.search).get('_uid') === uid;
  return isIt && (frame?.document.querySelector('#messagebody')?.textContent ?? '').trim() !== '';
}
