import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgePassword } from './password-policy.ts';
import type { PasswordFault, PasswordOwner } from './password-policy.ts';
import { digestTail, holdsTail } from './tail-check.ts';

const key = Buffer.alloc(32, 3);
const person = { number: '2023001', tailCheck: digestTail(key, '2023001', '11010519491231002X') };
const owner: PasswordOwner = {
  accountNames: ['2023001', 'zgf'],
  names: ['曾国藩', 'Robert Müller-Lüdenscheidt'],
  phones: ['13829047165'],
  holdsDocument: (text) => holdsTail(key, person, text),
  siteWords: ['kust'],
};

const judge = (password: string) => judgePassword(password, owner);

describe('a new password', () => {
  for (const good of [
    'v9#Lq2!xTz',
    'Dragon-83726150',
    'correct horse battery staple',
    '山高月小 水落石出 2b',
    'Ünïcödé-ist-7fein',
  ])
    test(`${good} is good`, async () => assert.deepEqual(await judge(good), []));

  const bad: readonly [string, ...PasswordFault[]][] = [
    ['v9#Lq2!xT', 'tooShort'],
    ['v9#Lq2!xTz'.repeat(7), 'tooLong'],
    ['a'.repeat(100_000), 'tooLong'],
    ['vqlxtznwkd', 'tooSimple'],
    ['vq7l4tz2nw', 'tooSimple'],
    ['xQ!2023-001w', 'holdsAccount'],
    ['９！ｘＱ２０２３００１ｗ', 'holdsAccount'],
    ['ZengGuofan!74q', 'holdsName'],
    ['x7!guofan.zeng', 'holdsName'],
    ['x7!Guofan5q#', 'holdsName'],
    ['ceng-guo-fan.Q7', 'holdsName'],
    ['曾国藩v9#Lq2!xTz', 'holdsName'],
    ['ROBERT#4v8x!', 'holdsName'],
    ['xQ!29047165wv', 'holdsPhone'],
    ['xQ!31002x.wvz', 'holdsDocument'],
    ['xQ!1231002X.wvz', 'holdsDocument'],
    ['xQ!19850412.wvz', 'holdsBirthday'],
    ['P@ssw0rd2023!', 'common'],
    ['Admin@12345', 'common'],
    ['Qwertyuiop1!', 'common'],
    ['1qaz2wsx#EDC', 'common'],
    ['Woaini5201314', 'common'],
    ['Aa1aaaaaaaaaaaaa', 'common'],
    ['Kust@2023!!', 'common'],
  ];
  for (const [password, ...faults] of bad)
    test(`${password.slice(0, 20)}: ${faults.join(', ')}`, async () => assert.deepEqual(await judge(password), faults));

  test('every reason is told at once', async () => {
    assert.deepEqual(await judge('2023001'), ['tooShort', 'tooSimple', 'holdsAccount', 'common']);
    assert.deepEqual(await judge(''), ['tooShort', 'tooSimple', 'common']);
  });
});
