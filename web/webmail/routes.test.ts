import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatRoute, parseRoute, SETTINGS_PAGES, type Route } from './routes.ts';

const id = fc.string({ minLength: 1, unit: 'grapheme' }).filter((id) => id.isWellFormed());
const route: fc.Arbitrary<Route> = fc.oneof(
  fc.record({
    screen: fc.constant('mailbox' as const),
    mailboxId: id,
    conversationId: fc.option(id, { nil: undefined }),
  }),
  fc.record({ screen: fc.constant('search' as const), text: id, conversationId: fc.option(id, { nil: undefined }) }),
  fc.record({ screen: fc.constant('settings' as const), page: fc.constantFrom(...SETTINGS_PAGES) }),
  fc.record({ screen: fc.constant('help' as const), topic: fc.option(id, { nil: undefined }) }),
  fc.record({ screen: fc.constant('contacts' as const), unit: fc.option(id, { nil: undefined }) }),
  fc.record({ screen: fc.constant('contacts' as const), unit: fc.constant(undefined), groupId: id }),
  fc.record({ screen: fc.constant('setup' as const) }),
  fc.record({ screen: fc.constant('notices' as const), noticeId: fc.option(id, { nil: undefined }) }),
  fc.record({
    screen: fc.constant('authorize' as const),
    query: fc.constant('client_id=a%2Bb&state=%E8%AF%BB&state=c'),
  }),
  fc.record({
    screen: fc.constant('open' as const),
    target: fc.constantFrom('inbox' as const, 'unread' as const, 'compose' as const, 'contacts' as const, {
      read: 'M1',
    }),
    recipients: fc.array(id, { maxLength: 3 }),
  }),
);

test('a route comes back from its address', () => {
  fc.assert(
    fc.property(route, (route) => {
      // '.' and '..' are steps in a path, however they are escaped.
      fc.pre(!Object.values(route).some((value) => value === '.' || value === '..'));
      assert.deepEqual(parseRoute(formatRoute(route)), { ...route });
    }),
  );
});

test('a portal leads to what is on the list, and to the inbox otherwise', () => {
  const open = { screen: 'open', recipients: [] };
  assert.deepEqual(parseRoute('/open?to=read/M12'), { ...open, target: { read: 'M12' } });
  for (const address of ['/open', '/open?to=', '/open?to=//evil.example', '/open?to=read/..%2F', '/open?to=settings'])
    assert.deepEqual(parseRoute(address), { ...open, target: 'inbox' }, address);
});

test('a link elsewhere that asks for a letter begins one, also after signing in', () => {
  const mailto = 'mailto:li@kust.example?subject=%E4%BD%A0%E5%A5%BD&body=a%26b';
  const open = { screen: 'open', target: 'compose', recipients: [], mailto };
  const address = `/open?mailto=${encodeURIComponent(mailto)}`;
  assert.deepEqual(parseRoute(address), open);
  assert.deepEqual(parseRoute(formatRoute(parseRoute(address))), open);
  assert.deepEqual(parseRoute('/open?mailto=https://evil.example/'), {
    screen: 'open',
    target: 'inbox',
    recipients: [],
  });
});

test('what is no address of ours leads to the inbox', () => {
  const inbox = { screen: 'mailbox', mailboxId: 'inbox', conversationId: undefined };
  for (const address of ['/', '/nowhere', '/mail', '/mail/', '/mail/%E0%A4%A', '//evil.example/']) {
    assert.deepEqual(parseRoute(address), inbox, address);
  }
  assert.deepEqual(parseRoute('/settings/none'), { screen: 'settings', page: 'profile' });
});

test('signing in leads nowhere else than here', () => {
  for (const next of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '\t//e',
    '/\t/evil.example',
  ]) {
    const parsed = parseRoute(`/sign-in?next=${encodeURIComponent(next)}`);
    assert.deepEqual(parsed, { screen: 'signIn', next: '/' }, next);
  }
  assert.deepEqual(parseRoute('/sign-in?next=%2Fmail%2Fa%3Fb'), { screen: 'signIn', next: '/mail/a?b' });
  const asked = { screen: 'authorize', query: 'redirect_uri=http%3A%2F%2F127.0.0.1%2Fback&scope=imap+smtp' } as const;
  const signIn = parseRoute(formatRoute({ screen: 'signIn', next: formatRoute(asked) }));
  assert.deepEqual(
    signIn.screen === 'signIn' && parseRoute(signIn.next),
    asked,
    'a program’s question stays as it was',
  );
});
