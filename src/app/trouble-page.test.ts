import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonAnswer, plainAnswer, statusAnswer } from '#http/answers.ts';
import { withServer } from '#http/testing/serve.ts';
import { explainTrouble } from './trouble-page.ts';

const site = { name: '昆明理工大学', phones: ['0871-6591 5868'], mail: 'its@kust.example' };
const config = { site, hostname: 'mail.kust.example' } as unknown as Parameters<typeof explainTrouble>[0];

test('whoever came to a page is told what it means and whom to ask; programs get the bare words', async () => {
  const routes = [
    { method: 'GET', path: '/gone', respond: () => statusAnswer(404) },
    { method: 'GET', path: '/odd', respond: () => plainAnswer(418, '<b>teapot</b>\n') },
    { method: 'GET', path: '/json', respond: () => jsonAnswer(403, {}) },
    { method: 'GET', path: '/well', respond: () => plainAnswer(200, 'well\n') },
  ] as const;
  const explain = explainTrouble.bind(undefined, config);
  await withServer({ routes, explain }, async ({ base }) => {
    const get = async (path: string, dest = 'document') => {
      const answer = await fetch(`${base}${path}`, { headers: { 'sec-fetch-dest': dest } });
      return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() };
    };
    for (const path of ['/gone', '/nowhere']) {
      const { status, type, text } = await get(path);
      assert.equal(status, 404);
      assert.match(type, /^text\/html/);
      assert.match(text, /没有这个页面，或者链接已经失效。/);
      assert.match(text, /<a href="tel:087165915868">0871-6591 5868<\/a> · <a href="mailto:its@kust.example">/);
    }
    assert.match((await get('/odd')).text, /这一步没有成功。[^]*418 &lt;b&gt;teapot/);
    assert.deepEqual(await get('/gone', 'empty'), {
      status: 404,
      type: 'text/plain; charset=utf-8',
      text: 'not found\n',
    });
    assert.match((await get('/json')).type, /json/);
    assert.equal((await get('/well')).text, 'well\n');
  });
});
