/**
 * `node tools/screenshots.ts [FOLDER]`: a picture of every screen over made-up mail at the widths of a desk, a laptop and a phone, light and
 * dark, for people to look at.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { signedIn, startWebPages } from '#test/e2e/web-pages.ts';

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly prepare?: (page: Page) => Promise<unknown>;
}

const SHOTS: readonly Shot[] = [
  { name: 'inbox', path: '/' },
  { name: 'read-text', path: '/mail/inbox/inbox-0' },
  { name: 'read-html', path: '/mail/inbox/inbox-2' },
  { name: 'read-phishing', path: '/mail/inbox/inbox-3' },
  { name: 'read-conversation', path: '/mail/inbox/inbox-1' },
  { name: 'compose', path: '/mail/inbox/inbox-4', prepare: (page) => page.keyboard.press('a') },
  { name: 'palette', path: '/mail/inbox/inbox-0', prepare: (page) => page.keyboard.press('Control+k') },
  { name: 'search', path: '/search?q=通知', prepare: (page) => page.keyboard.press('/') },
  {
    name: 'selected',
    path: '/',
    prepare: async (page) => {
      await page.locator('[role=grid]').focus();
      for (const key of ['ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown']) await page.keyboard.press(key);
    },
  },
  { name: 'settings-appearance', path: '/settings/appearance' },
  { name: 'settings-mail', path: '/settings/mail' },
  { name: 'settings-shortcuts', path: '/settings/shortcuts' },
  { name: 'contacts', path: '/contacts' },
  { name: 'contacts-group', path: '/contacts?group=g1' },
  { name: 'contacts-unit', path: '/contacts/教务处' },
  {
    name: 'contacts-edit',
    path: '/contacts',
    prepare: (page) => page.getByRole('button', { name: /欧阳慧敏.*ouyang/ }).click(),
  },
  {
    name: 'contacts-chosen',
    path: '/contacts',
    prepare: async (page) => {
      for (const name of ['欧阳慧敏', '张伟']) await page.getByRole('checkbox', { name: `选择 ${name}` }).check();
      await page.getByRole('button', { name: '对所选的操作' }).click();
    },
  },
  {
    name: 'contacts-import',
    path: '/contacts',
    prepare: async (page) => {
      await page.getByRole('button', { name: '更多' }).click();
      await page.getByRole('menuitem', { name: '导入联系人' }).click();
      await page
        .locator('input[type=file]')
        .setInputFiles({ name: 'a.vcf', mimeType: 'text/vcard', buffer: Buffer.from('') });
      await page.getByRole('button', { name: '导入 3 位' }).waitFor();
    },
  },
  {
    name: 'suggested',
    path: '/',
    prepare: async (page) => {
      await page.locator('[role=row]').first().waitFor();
      await page.keyboard.press('c');
      await page.getByRole('combobox', { name: '收件人' }).fill('课题');
      await page.locator('.suggested__person').first().waitFor();
    },
  },
  { name: 'help', path: '/help/servers' },
  { name: 'setup', path: '/setup' },
  { name: 'sign-in', path: '/sign-in' },
];

const folder = process.argv[2] ?? 'screenshots';
const only = process.argv[3];
mkdirSync(folder, { recursive: true });
await using pages = await startWebPages(signedIn);
for (const shot of SHOTS) {
  if (only !== undefined && !new RegExp(only).test(shot.name)) continue;
  for (const width of [1440, 1024, 390]) {
    for (const theme of ['light', 'dark'] as const) {
      const { page, complaints } = await pages.open({ path: shot.path, width, theme });
      await page.waitForLoadState('networkidle');
      await shot.prepare?.(page);
      await page.waitForTimeout(shot.prepare ? 400 : 100);
      await page.screenshot({ path: join(folder, `${shot.name}-${width}-${theme}.png`) });
      for (const complaint of complaints) console.log(`${shot.name} ${width} ${theme}: ${complaint}`);
      await page.context().close();
    }
  }
}
