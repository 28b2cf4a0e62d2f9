import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Connection } from './connection.ts';
import type { Platform } from './platform.ts';
import { Push, type Heard } from './push.ts';
import { FakeBrowser } from './testing/fake-browser.ts';
import { ACCOUNT, FakeServer } from './testing/fake-server.ts';

let server: FakeServer;
let browser: FakeBrowser;

beforeEach(() => {
  server = new FakeServer();
  browser = new FakeBrowser(server);
});

function openTab(without: Partial<Platform> = {}): { readonly push: Push; readonly heard: Heard[] } {
  const tab = { ...browser.openTab(), ...without };
  const push = new Push(new Connection(tab), tab, ACCOUNT);
  const heard: Heard[] = [];
  push.heard.add((one) => heard.push(one));
  push.start();
  return { push, heard };
}

test('what changes is heard; after the line opens, everything is looked at', async () => {
  const { push, heard } = openTab();
  await browser.settle();
  assert.equal(push.getSnapshot(), 'listening');
  assert.deepEqual(heard, ['everything']);
  server.deliver();
  server.announce();
  assert.equal((heard[1] as Record<string, string>)['Email'], server.state('Email'));
});

test('two tabs share one line, and the second takes it over when the first closes', async () => {
  const first = openTab();
  await browser.settle();
  const second = openTab();
  await browser.settle();
  assert.equal(server.heard.size, 1);
  assert.equal(second.push.getSnapshot(), 'following');
  server.announce();
  await browser.settle();
  assert.equal(second.heard.length, 1);
  first.push.stop();
  await browser.settle();
  assert.equal(second.push.getSnapshot(), 'listening');
  assert.equal(server.heard.size, 1);
  assert.equal(second.heard.at(-1), 'everything');
});

test('without locks each tab listens for itself', async () => {
  openTab({ locks: undefined });
  openTab({ locks: undefined });
  await browser.settle();
  assert.equal(server.heard.size, 2);
});

test('a line that breaks is opened again, ever more slowly, and the server is polled until it holds', async () => {
  const { push, heard } = openTab();
  await browser.settle();
  server.isReachable = false;
  browser.sources[0]?.emit('error');
  assert.equal(push.getSnapshot(), 'connecting');
  await browser.pass(500);
  await browser.pass(1000);
  assert.equal(push.getSnapshot(), 'polling');
  await browser.pass(60_000);
  assert.equal(heard.length, 2);
  server.isReachable = true;
  await browser.pass(30_000);
  assert.equal(push.getSnapshot(), 'listening');
  assert.equal(heard.at(-1), 'everything');
});

test('a line that has gone silent is taken for dead', async () => {
  openTab();
  await browser.settle();
  await browser.pass(100_000);
  browser.sources[0]?.emit('ping');
  await browser.pass(100_000);
  assert.equal(browser.sources.length, 1);
  await browser.pass(50_000);
  await browser.pass(500);
  assert.equal(browser.sources.length, 2);
});

test('a line that is not opened in a while is given up and opened again', async () => {
  const { push } = openTab();
  await browser.settle();
  server.isSilent = true;
  browser.sources[0]?.emit('error');
  await browser.pass(500);
  assert.equal(browser.sources.length, 2);
  await browser.pass(20_000);
  server.isSilent = false;
  await browser.pass(1000);
  assert.equal(push.getSnapshot(), 'listening');
});

test('back online, the line is opened at once', async () => {
  const { push } = openTab();
  await browser.settle();
  browser.setOnline(false);
  assert.equal(server.heard.size, 0);
  await browser.pass(600_000);
  assert.equal(browser.sources.length, 1, 'offline, nothing is tried');
  browser.setOnline(true);
  await browser.settle();
  assert.equal(push.getSnapshot(), 'listening');
  push.stop();
  assert.equal(server.heard.size, 0);
});
