/** The webmail of a real server in a browser, as somebody who signs in. */
import type { Browser, Page } from 'playwright-core';

/** Fills in the form that the page shows, and sends it. */
export async function enter(page: Page, login: string, password: string): Promise<void> {
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill(password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
}

/** The same, until the mailbox is there. */
export async function signIn(page: Page, login: string, password: string): Promise<void> {
  await enter(page, login, password);
  await page.waitForSelector('.list-pane');
}

export interface PageSettings {
  readonly width?: number;
  readonly height?: number;
  /** `block`: as a browser that has none. */
  readonly serviceWorkers?: 'allow' | 'block';
}

/** A context of its own, so a browser that nobody has used; on a narrow one it is a phone's. */
export async function openPage(
  browser: Browser,
  origin: string,
  { width = 1440, height = 900, serviceWorkers = 'allow' }: PageSettings = {},
): Promise<Page> {
  const isPhone = width < 600;
  const context = await browser.newContext({
    locale: 'zh-CN',
    viewport: { width, height },
    isMobile: isPhone,
    hasTouch: isPhone,
    serviceWorkers,
  });
  const page = await context.newPage();
  await page.goto(origin);
  return page;
}

/** Somebody's mail there. */
export async function openMailOf(
  browser: Browser,
  origin: string,
  login: string,
  password: string,
  settings: PageSettings = {},
): Promise<Page> {
  const page = await openPage(browser, origin, settings);
  await signIn(page, login, password);
  return page;
}
