/** What strangers write is shown and does nothing: no script, no request, no control, no way out of the frame. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Frame, Page } from 'playwright-core';
import { HOSTILE_LETTERS } from './hostile-letters.ts';
import { signedIn, startWebPages, type WebPages } from './web-pages.ts';

let pages: WebPages;
before(async () => {
  pages = await startWebPages(signedIn);
});
after(() => pages[Symbol.asyncDispose]());

/** The frame of a letter, once the letter stands in it. */
async function showLetter(page: Page, html: string): Promise<Frame> {
  const id = `try-${Buffer.from(`${html}<p id="end">end</p>`).toString('base64')}`;
  // Within the application, so that one page serves for all.
  await page.evaluate(
    (address) => {
      history.pushState(null, '', address);
      dispatchEvent(new PopStateEvent('popstate'));
    },
    `/mail/inbox/${encodeURIComponent(id)}`,
  );
  const element = await page.waitForSelector(`iframe[title*="Mallory"]`);
  const frame = await element.contentFrame();
  assert.ok(frame);
  await page.waitForFunction(
    (iframe) => (iframe as HTMLIFrameElement).contentDocument?.head?.querySelector('style') !== null,
    element,
  );
  return frame;
}

/** Looked at from the application, since nothing can be run in the frame. */
function inspect(page: Page) {
  return page.evaluate(() => {
    const body = document.querySelector<HTMLIFrameElement>('.mail-frame__page')?.contentDocument?.documentElement;
    const all = [...(body?.querySelectorAll('*') ?? [])];
    const attributes = all.flatMap((element) => [...element.attributes].map(({ name, value }) => ({ name, value })));
    return {
      harm: [window, ...Array.from({ length: frames.length }, (_, at) => frames[at])].some(
        (one) => one !== undefined && 'harm' in one,
      ),
      handlers: attributes.filter(({ name }) => name.startsWith('on')).length,
      tags: [...new Set(all.map(({ localName }) => localName))],
      addresses: attributes
        .filter(({ name }) => ['href', 'src', 'action', 'background', 'ping', 'srcset'].includes(name))
        .map(({ value }) => value),
      targets: all
        .filter((element) => element.matches('[href]:not([href^="#"])'))
        .map((link) => `${link.getAttribute('target')} ${link.getAttribute('rel')}`),
      covers: all.filter((element) => /fixed|sticky/.test(getComputedStyle(element).position)).length,
      frameCount: frames.length,
    };
  });
}

const NEVER = [
  'script',
  'iframe',
  'object',
  'embed',
  'form',
  'input',
  'button',
  'select',
  'textarea',
  'base',
  'meta',
  'link',
  'svg',
  'math',
  'video',
  'audio',
  'dialog',
  'template',
];

test('hostile letters do nothing', async () => {
  const { page, complaints } = await pages.open({ path: '/' });
  page.on('dialog', (dialog) => void dialog.dismiss().then(() => assert.fail('a dialog opened')));
  for (const [name, html] of Object.entries(HOSTILE_LETTERS)) {
    await showLetter(page, html);
    const found = await inspect(page);
    assert.equal(found.harm, false, name);
    assert.equal(found.handlers, 0, name);
    // The frame's own page has one meta of its own.
    const tags = found.tags.filter((tag) => NEVER.includes(tag) && tag !== 'meta');
    assert.deepEqual(tags, [], name);
    assert.equal(found.frameCount, 1, name);
    assert.equal(found.covers, 0, name);
    for (const address of found.addresses)
      assert.match(address, /^(?:#|https?:\/\/[a-z]+\.example|data:image\/(?!svg)|mailto:)/, name);
    for (const target of found.targets) assert.equal(target, '_blank noopener noreferrer nofollow', name);
    assert.equal(new URL(page.url()).origin, pages.origin, name);
  }
  assert.deepEqual(pages.strays, [], 'something was fetched from elsewhere');
  // The parser of the frame's realm says of each handler it reads that it will not compile it, and of each <base> that it heeds none: that is the frame at work.
  assert.deepEqual(
    complaints.filter((complaint) => !/^Blocked script execution|base URI/.test(complaint)),
    [],
  );
});

test('a link that asks for a letter begins one, all of it in sight, and sends nothing', async () => {
  const { page } = await pages.open({ path: '/' });
  const link = 'mailto:a@x.example?bcc=b@y.example&subject=%E4%BD%A0%E5%A5%BD&body=one%0D%0A%3Cb%3Etwo';
  const frame = await showLetter(page, `<a href="${link.replaceAll('&', '&amp;')}"><i>write</i></a>`);
  await frame.getByText('write').click();
  const letter = page.locator('.compose');
  await letter.getByText('b@y.example').waitFor();
  assert.equal(await letter.getByText('a@x.example').count(), 1);
  assert.equal(await letter.getByLabel('主题').inputValue(), '你好');
  assert.match(await letter.locator('.editor__text').innerText(), /one\s+<b>two/);
  assert.equal(page.context().pages().length, 1);
  await page.context().close();
});

test('pictures from elsewhere load when they are asked for, and those of the letter at once', async () => {
  const { page } = await pages.open({ path: '/' });
  const letter =
    '<img src="cid:logo@here" width=40 height=40><img src="https://pictures.example/a.png" alt="plan"><img src="https://pictures.example/t.gif" width="1" height="1">';
  await showLetter(page, letter);
  const before = await inspect(page);
  assert.deepEqual(before.addresses, ['/favicon.svg']);
  assert.deepEqual(pages.strays, []);
  await page.getByRole('button', { name: '显示图片' }).click();
  await page.waitForFunction(() => document.querySelector('.mail-frame .banner') === null);
  assert.deepEqual(
    new Set(pages.strays),
    new Set(['https://pictures.example/a.png', 'https://pictures.example/t.gif']),
  );
});

test('a link that poses as another says where it leads', async () => {
  const { page } = await pages.open({ path: '/' });
  const frame = await showLetter(
    page,
    '<a href="https://evil.example/login">https://mail.example.edu.cn/</a> <a href="https://www.example.edu.cn/a">example.edu.cn</a> <a href="https://jw.example/x">教务系统</a>',
  );
  const marks = await frame.locator('.campusmail-real-target').allInnerTexts();
  assert.deepEqual(
    marks.map((mark) => mark.trim()),
    ['⚠ evil.example'],
  );
  assert.equal(await frame.locator('a').first().getAttribute('title'), 'https://evil.example/login');
});

test("the server's policy alone stops what a sanitiser might let through", async () => {
  const { page } = await pages.open({ path: '/' });
  const strays = pages.strays.length;
  await showLetter(page, '<p>x</p>');
  const harmed = await page.evaluate(async () => {
    const frame = document.querySelector<HTMLIFrameElement>('.mail-frame__page')?.contentDocument;
    if (!frame) throw new Error('no frame');
    const host = frame.createElement('div');
    host.innerHTML =
      '<img src=x onerror="top.harm=1"><img src="https://evil.example/pixel.gif"><iframe srcdoc="<script>top.harm=1</script>"></iframe><style>@import "https://evil.example/i.css";</style>';
    frame.body.append(host);
    const script = frame.createElement('script');
    script.textContent = 'top.harm = 1';
    frame.body.append(script);
    // A request made now is answered after whatever the letter asked for before it was refused.
    await fetch('/favicon.svg');
    await new Promise(requestAnimationFrame);
    return 'harm' in window;
  });
  assert.equal(harmed, false);
  assert.equal(pages.strays.length, strays);
});
