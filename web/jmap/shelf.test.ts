import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Shelf } from './shelf.ts';
import { FakeBrowser } from './testing/fake-browser.ts';
import { FakeServer } from './testing/fake-server.ts';

let browser: FakeBrowser;
const openTab = async () => {
  const shelf = new Shelf(browser.openTab(), 'A');
  await shelf.open();
  return shelf;
};
const NO_FILES = new Map<string, Blob>();

beforeEach(() => {
  browser = new FakeBrowser(new FakeServer());
});

test('what a tab leaves behind is the next one’s, with its files; what is in hand elsewhere is not', async () => {
  const first = await openTab();
  await first.take('a');
  await first.put({ id: 'a', value: { subject: '一' }, files: new Map([['f', new Blob(['课表'])]]) });
  await first.put({ id: 'a', value: { subject: '一二' }, files: new Map([['f', new Blob(['课表'])]]) });
  const second = await openTab();
  assert.deepEqual(await second.recover(), []);

  first.release('a');
  const third = await openTab();
  const [item, ...others] = await third.recover();
  assert.deepEqual([item?.value, others], [{ subject: '一二' }, []]);
  assert.equal(await item?.files.get('f')?.text(), '课表');
  assert.ok(!(await second.take('a')), 'it is in hand again');
  assert.deepEqual(await third.recover(), [], 'once');
});

test('what was dropped or erased is gone, with its files', async () => {
  const first = await openTab();
  await first.put({ id: 'a', value: 1, files: new Map([['f', new Blob(['x'])]]) });
  await first.put({ id: 'a', value: 2, files: NO_FILES });
  await first.put({ id: 'b', value: 3, files: NO_FILES });
  await first.drop('b');
  const second = await openTab();
  assert.deepEqual(
    (await second.recover()).map(({ id, value, files }) => [id, value, files.size]),
    [['a', 2, 0]],
  );
  await second.erase();
  assert.deepEqual(await (await openTab()).recover(), []);
});

test('without room nothing is kept, and nothing fails', async () => {
  const shelf = new Shelf({ indexedDB: undefined, locks: undefined }, 'A');
  await shelf.open();
  await shelf.put({ id: 'a', value: 1, files: NO_FILES });
  assert.ok(await shelf.take('a'));
  assert.deepEqual(await shelf.recover(), []);
  await shelf.drop('a');
  await shelf.erase();
});
