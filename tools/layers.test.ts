import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFINEMENTS, HOUSES, type Packages, judgeImport, judgeName, placeOf } from './layers.ts';

const packages: Packages = {
  dependencies: new Set(['pino', 'postgres', '@node-rs/argon2']),
  devDependencies: new Set(['fast-check']),
};

/** The rules an import breaks. */
const broken = (path: string, specifier: string) => judgeImport(path, specifier, packages).map(({ rule }) => rule);

test('the table is sound: known houses, every line below its own floor', () => {
  for (const [name, { floor, mayImport }] of Object.entries(HOUSES)) {
    for (const entry of mayImport) {
      if (entry.includes('*')) continue;
      const house = entry.startsWith('web/') ? entry : (entry.split('/')[0] ?? '');
      const below = HOUSES[house];
      assert.ok(below !== undefined, `${name} names ${entry}, which has no line`);
      assert.ok(below.floor < floor, `${name} (floor ${floor}) names ${entry} (floor ${below.floor})`);
    }
  }
  for (const { to } of CONFINEMENTS) {
    for (const place of to) assert.ok(place in HOUSES || placeOf(place) !== undefined, place);
  }
});

test('floors', () => {
  assert.deepEqual(broken('src/imap/session.ts', '#mail/account.ts'), []);
  assert.deepEqual(broken('src/imap/commands/fetch.ts', '#imap/session.ts'), []);
  assert.deepEqual(broken('src/mail/account.ts', '#imap/session.ts'), ['floors']);
  assert.deepEqual(broken('src/smtp/session.ts', '#mail/account.ts'), ['floors']);
  assert.deepEqual(broken('src/pop3/session.ts', '#store/memory/store.ts'), ['floors']);
  assert.deepEqual(broken('src/base/ids.ts', '#contract/jmap/ids.ts'), ['floors']);
  assert.deepEqual(broken('src/jmap/core/request.ts', '#contract/jmap/ids.ts'), []);
  assert.deepEqual(broken('src/mail/account.ts', '#test/harness/clock.ts'), ['floors']);
  assert.deepEqual(broken('src/app/serve.ts', '#store/sqlite/store.ts'), []);
  assert.deepEqual(broken('src/app/serve.ts', '#test/harness/clock.ts'), ['floors']);
  assert.deepEqual(broken('src/main.ts', '#app/cli.ts'), ['spelling']);
  assert.deepEqual(broken('src/main.ts', './app/cli.ts'), []);
  assert.deepEqual(broken('src/main.ts', './mail/account.ts'), ['floors']);
  assert.deepEqual(broken('src/newcomer/thing.ts', '#base/ids.ts'), ['floors']);
  assert.deepEqual(broken('contract/jmap/ids.ts', '#base/ids.ts'), ['floors']);
  assert.deepEqual(broken('web/webmail/list.tsx', '#web/console/page.tsx'), ['floors']);
  assert.deepEqual(broken('web/webmail/list.tsx', '#web/ui/button.tsx'), []);
});

test('doors and rooms', () => {
  assert.deepEqual(broken('src/imap/session.ts', '#mail/operations/append.ts'), ['doors']);
  assert.deepEqual(broken('src/imap/session.ts', '#mail/ports/mail-store.ts'), ['doors']);
  assert.deepEqual(broken('src/store/sqlite/store.ts', '#mail/ports/mail-store.ts'), []);
  assert.deepEqual(broken('src/store/sqlite/store.ts', '#mail/operations/append.ts'), ['doors']);
  assert.deepEqual(broken('src/queue/attempt.ts', '#smtp/client/client.ts'), []);
  assert.deepEqual(broken('src/queue/attempt.ts', '#smtp/wire/lexer.ts'), ['doors']);
  assert.deepEqual(broken('src/delivery/pipeline.ts', '#smtp/client/client.ts'), ['doors']);
  assert.deepEqual(broken('src/migration/copy.ts', '#imap/client/client.ts'), []);
  assert.deepEqual(broken('src/migration/copy.ts', '#imap/session.ts'), ['floors']);
});

test('tests see every door and the harness; the harness sees the rooms', () => {
  assert.deepEqual(broken('src/base/ids.test.ts', '#delivery/pipeline.ts'), []);
  assert.deepEqual(broken('src/imap/fetch.test.ts', '#test/harness/store.ts'), []);
  assert.deepEqual(broken('src/imap/fetch.test.ts', '#mail/operations/append.ts'), ['doors']);
  assert.deepEqual(broken('src/imap/fetch.test.ts', '#store/memory/store.ts'), ['doors']);
  assert.deepEqual(broken('test/harness/store.ts', '#store/memory/store.ts'), []);
  assert.deepEqual(broken('test/contract/mail-store.ts', '#mail/ports/mail-store.ts'), []);
  assert.deepEqual(broken('tools/bench/run.ts', '#test/harness/store.ts'), []);
  assert.deepEqual(broken('src/imap/testing/test-server.ts', '#test/harness/store.ts'), []);
  assert.deepEqual(broken('src/imap/session.ts', './testing/test-server.ts'), ['doors']);
  assert.deepEqual(broken('src/trust/spf.test.ts', '#dns/testing/zone.ts'), []);
  assert.deepEqual(broken('src/trust/spf.ts', '#dns/testing/zone.ts'), ['doors']);
  assert.deepEqual(broken('src/trust/spf.test.ts', '#dns/transport/exchange.ts'), ['doors']);
});

test('spelling', () => {
  assert.deepEqual(broken('src/mail/account.ts', '#mail/types.ts'), ['spelling']);
  assert.deepEqual(broken('src/mail/operations/move.ts', '#mail/types.ts'), []);
  assert.deepEqual(broken('src/mail/operations/move.ts', '../types.ts'), ['spelling']);
  assert.deepEqual(broken('src/mail/operations/move.ts', '../../imap/session.ts'), ['spelling', 'floors']);
  assert.deepEqual(broken('src/mail/account.ts', './operations/move.ts'), []);
  assert.deepEqual(broken('src/mail/account.ts', './operations/../../imap/session.ts'), ['spelling', 'floors']);
  assert.deepEqual(broken('src/mail/account.ts', 'https://example.org/x.ts'), ['spelling']);
  const instead = (path: string, specifier: string) => judgeImport(path, specifier, packages)[0]?.instead;
  assert.equal(instead('src/mail/operations/move.ts', '../types.ts'), '#mail/types.ts');
  assert.equal(instead('src/mail/account.ts', '../mail/operations/move.ts'), './operations/move.ts');
  assert.equal(instead('src/mail/account.ts', '#mail/types.ts'), './types.ts');
  assert.equal(instead('test/scenarios/first.test.ts', '../harness/store.ts'), '#test/harness/store.ts');
});

test('packages', () => {
  assert.deepEqual(broken('src/app/log.ts', 'pino'), []);
  assert.deepEqual(broken('src/directory/password.ts', '@node-rs/argon2/deep.js'), []);
  assert.deepEqual(broken('src/mime/lexer.test.ts', 'fast-check'), []);
  assert.deepEqual(broken('src/mime/lexer.ts', 'fast-check'), ['packages']);
  assert.deepEqual(broken('src/mime/lexer.ts', 'left-pad'), ['packages']);
  assert.deepEqual(broken('src/mime/lexer.ts', 'crypto'), ['packages']);
  assert.deepEqual(broken('contract/jmap/ids.ts', 'pino'), ['confined']);
});

test('confinements', () => {
  const rules = (path: string, name: string) => judgeName(path, name).map(({ rule }) => rule);
  assert.deepEqual(broken('src/store/postgres/pool.ts', 'postgres'), []);
  assert.deepEqual(broken('src/mail/account.ts', 'postgres'), ['confined']);
  assert.deepEqual(broken('src/mail/account.test.ts', 'node:sqlite'), ['confined']);
  assert.deepEqual(broken('src/net/listener.ts', 'node:tls'), []);
  assert.deepEqual(broken('src/smtp/server.ts', 'node:tls'), ['confined']);
  assert.deepEqual(broken('src/smtp/testing/test-client.ts', 'node:tls'), []);
  assert.deepEqual(broken('src/delivery/pipeline.ts', 'node:net'), ['confined']);
  assert.deepEqual(broken('src/imap/fetch.ts', 'node:fs/promises'), ['confined']);
  assert.deepEqual(broken('src/imap/fetch.test.ts', 'node:fs/promises'), []);
  assert.deepEqual(broken('web/ui/button.tsx', 'node:fs'), ['confined']);
  assert.deepEqual(rules('src/mail/account.ts', 'Date.now'), ['confined']);
  assert.deepEqual(rules('src/mail/account.test.ts', 'Date.now'), ['confined']);
  assert.deepEqual(rules('src/base/clock.ts', 'Date.now'), []);
  assert.deepEqual(rules('src/app/config.ts', 'process.env'), []);
  assert.deepEqual(rules('src/app/serve.ts', 'process.env'), ['confined']);
  assert.deepEqual(rules('src/mail/account.ts', 'Date.UTC'), []);
  assert.deepEqual(rules('web/ui/clock.tsx', 'Date.now'), []);
});
