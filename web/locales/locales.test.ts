import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { en } from './en.ts';
import { findTopics, type HelpTopic } from './help.ts';
import { HELP as HELP_EN } from './help.en.ts';
import { HELP as HELP_ZH } from './help.zh-CN.ts';
import type { Message } from './texts.ts';
import { zhCN } from './zh-CN.ts';

const WEB = join(import.meta.dirname, '..');

const placesIn = (text: string) =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name)).toSorted((a, b) => a.localeCompare(b));
const formsOf = (message: Message) => (typeof message === 'string' ? [message] : [message.one, message.other]);

test('every language has the same keys with the same places, and no text is empty', () => {
  assert.deepEqual(Object.keys(en), Object.keys(zhCN));
  for (const [key, chinese] of Object.entries(zhCN)) {
    for (const form of [chinese, ...formsOf(en[key as keyof typeof zhCN])]) {
      assert.notEqual(form.trim(), '', key);
      assert.deepEqual(placesIn(form), placesIn(chinese), `${key}: ${form}`);
    }
  }
});

test('every key is used, and every key that is used exists', () => {
  const sources = globSync('**/*.{ts,tsx}', { cwd: WEB }).filter((file) => !/^locales\/|\.test\.ts$/.test(file));
  const used = new Set<string>();
  const prefixes = new Set<string>();
  for (const file of sources) {
    const text = readFileSync(join(WEB, file), 'utf8');
    for (const [, key] of text.matchAll(/'([a-z][A-Za-z]*\.[a-z][A-Za-z0-9]*)'/g)) used.add(String(key));
    // t(`signIn.${refusal}`): each of a closed set, which the compiler checks.
    for (const [, prefix] of text.matchAll(/`([a-z][A-Za-z]*\.)\$\{/g)) prefixes.add(String(prefix));
    for (const [, key] of text.matchAll(/\bt\('([^']+)'/g)) assert.ok(String(key) in zhCN, `${file}: ${key}`);
  }
  const own = new Set(['date.today', 'date.yesterday']);
  const unused = Object.keys(zhCN).filter(
    (key) => !used.has(key) && !own.has(key) && ![...prefixes].some((prefix) => key.startsWith(prefix)),
  );
  assert.deepEqual(unused, []);
});

test('the help centre has the same topics in every language', () => {
  const ids = HELP_ZH.map(({ id }) => id);
  assert.deepEqual(
    HELP_EN.map(({ id }) => id),
    ids,
  );
  assert.equal(new Set(ids).size, ids.length);
});

test('the help centre is found by what people type', () => {
  const first = (topics: readonly HelpTopic[], wanted: string) => findTopics(topics, wanted)[0]?.id;
  for (const [wanted, id] of [
    ['忘记密码', 'recovery'],
    ['激活', 'activation'],
    ['换手机号', 'phone'],
    ['别名', 'alias'],
    ['默认发信账号', 'default-from'],
    ['二维码 安装', 'clients'],
    ['服务器地址', 'servers'],
    ['授权码', 'client-passwords'],
    ['ｔｏｔｐ', 'second-step'],
    ['统一身份', 'sso'],
    ['部门邮箱', 'shared-boxes'],
    ['秘书', 'delegation'],
    ['旧域名', 'old-domain'],
    ['备份', 'take-out'],
    ['黑名单', 'rules'],
    ['召回', 'recall'],
  ] as const)
    assert.equal(first(HELP_ZH, wanted), id, wanted);
  for (const [wanted, id] of [
    ['Forgot', 'recovery'],
    ['app password', 'client-passwords'],
    ['2fa', 'second-step'],
    ['unsend', 'recall'],
    ['mbox', 'take-out'],
  ] as const)
    assert.equal(first(HELP_EN, wanted), id, wanted);
  assert.deepEqual(findTopics(HELP_ZH, '量子纠缠'), []);
  assert.deepEqual(findTopics(HELP_ZH, ' '), HELP_ZH);
});
