import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openJmap } from '#jmap/testing/jmap.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { RequestError } from './errors.ts';
import { readRequest } from './read-request.ts';

const CORE = 'urn:ietf:params:jmap:core';

test('echo answers what it was told; an unknown method, and one not used, is an error among the answers', async (t) => {
  const { request, store } = await openJmap();
  t.after(() => store.close());
  const answers = await request(
    [
      ['Core/echo', { hello: true, high: 5 }, 'b3ff'],
      ['Foo/bar', {}, 'x'],
      ['Mailbox/get', {}, 'y'],
    ],
    [CORE],
  );
  assert.deepEqual(answers, [
    ['Core/echo', { hello: true, high: 5 }, 'b3ff'],
    ['error', { type: 'unknownMethod' }, 'x'],
    ['error', { type: 'unknownMethod' }, 'y'],
  ]);
});

test('another’s account is not found; wrong arguments are named by their path', async (t) => {
  const { refusal, store } = await openJmap();
  t.after(() => store.close());
  assert.equal((await refusal('Mailbox/get', { accountId: 'A8' })).type, 'accountNotFound');
  const wrong = await refusal('Mailbox/get', { ids: ['M1-1', 5] });
  assert.equal(wrong.type, 'invalidArguments');
  assert.match(wrong.description, /^\/ids\/1: /);
  assert.match((await refusal('Mailbox/get', { nonsense: 1 })).description, /nonsense/);
  const deep = await refusal('Email/changes', { sinceState: { a: 1 } });
  assert.match(deep.description, /^\/sinceState: /);
});

test('capabilities nobody knows, JSON that is none, and requests of another shape are refused whole', async (t) => {
  const { request, store } = await openJmap();
  t.after(() => store.close());
  await assert.rejects(request([], ['urn:x']), isProblem('unknownCapability'));
  const refused = (text: string, type: string): void =>
    assert.throws(() => readRequest(Buffer.from(text)), isProblem(type), text.slice(0, 60));
  refused('{', 'notJSON');
  refused('{"using":["\\ud800"],"methodCalls":[]}', 'notJSON');
  refused(`{"using":[],"methodCalls":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'notJSON');
  assert.throws(() => readRequest(Buffer.from([0x7b, 0xff, 0x7d])), isProblem('notJSON'));
  refused('[]', 'notRequest');
  refused('{"using":[]}', 'notRequest');
  refused('{"using":"x","methodCalls":[]}', 'notRequest');
  refused('{"using":[],"methodCalls":[["Core/echo",{}]]}', 'notRequest');
  refused('{"using":[],"methodCalls":[["Core/echo",[],"a"]]}', 'notRequest');
  const calls = Array.from({ length: JMAP_LIMITS.callsInRequest + 1 }, () => ['Core/echo', {}, 'a']);
  refused(JSON.stringify({ using: [CORE], methodCalls: calls }), 'limit');
});

test('braces in strings are no depth', () => {
  const text = JSON.stringify({ using: [CORE], methodCalls: [['Core/echo', { a: '[['.repeat(1000) + '\\"[' }, 'a']] });
  assert.equal(readRequest(Buffer.from(text)).methodCalls.length, 1);
});

function isProblem(type: string): (error: unknown) => boolean {
  return (error) => error instanceof RequestError && error.type === `urn:ietf:params:jmap:error:${type}`;
}
