import assert from 'node:assert/strict';
import { test } from 'node:test';
import iconv from 'iconv-lite';
import { nameOfCard, type Card } from '#contract/jmap/contacts.ts';
import { formatContactTable, parseContactTable } from './contact-table.ts';

function read(text: string | Buffer) {
  return parseContactTable(Buffer.from(text), () => 'u');
}

const short = (card: Card | undefined) =>
  card && [
    nameOfCard(card),
    Object.values(card.emails ?? {}).map(({ address }) => address),
    Object.values(card.phones ?? {}).map(({ number }) => number),
  ];

test('tables of other programs are read, in Chinese or English, in GBK or UTF-8', () => {
  const outlook =
    '名,姓,单位,部门,职务,商务电话,移动电话,电子邮件地址,电子邮件 2 地址,附注\r\n国藩,曾,昆明理工大学,教务处,处长,0871-1,138,zeng@x.example,z@y.example,"一行\n二行"\r\n';
  for (const octets of [Buffer.from(outlook), Buffer.from(`\uFEFF${outlook}`), iconv.encode(outlook, 'gbk')]) {
    const found = read(octets);
    assert.deepEqual(short(found?.cards[0]), ['曾国藩', ['zeng@x.example', 'z@y.example'], ['0871-1', '138']]);
    assert.deepEqual(found?.cards[0]?.organizations, { '1': { name: '昆明理工大学', units: [{ name: '教务处' }] } });
    assert.equal(found.cards[0]?.notes?.['1']?.note, '一行\n二行');
  }
  const foxmail = iconv.encode('姓名,邮箱,手机\r\n学校,xuexiao@x.example,1\r\n', 'gbk');
  assert.deepEqual(short(read(foxmail)?.cards[0]), ['学校', ['xuexiao@x.example'], ['1']]);
  const gmail =
    'Name,Given Name,Family Name,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Value\nLi Lei,Lei,Li,*,li@x.example ::: lei@y.example,+1\n';
  assert.deepEqual(short(read(gmail)?.cards[0]), ['Li Lei', ['li@x.example', 'lei@y.example'], ['+1']]);
});

test('rows that name nobody are counted; what has no such columns is no table of contacts', () => {
  const found = read('姓名,邮箱,备注\n,,x\n李雷,,\n,not an address,\n');
  assert.deepEqual([found?.cards.length, found?.skipped], [1, 2]);
  for (const none of ['', 'a,b\n1,2\n', '"never closed\n', '\0\0\0']) assert.equal(read(none), undefined);
});

test('what is written is read again, and no spreadsheet reckons with it', () => {
  const card: Card = {
    '@type': 'Card',
    version: '1.0',
    uid: 'u',
    kind: 'individual',
    name: { full: '=1+1' },
    emails: { a: { address: 'a@x.example' }, b: { address: 'b@x.example' } },
    phones: { p: { number: '+86 138' } },
    organizations: { o: { name: '单位', units: [{ name: '部门' }] } },
    titles: { t: { name: '教授' } },
    notes: { n: { note: '"引号", 逗号\n换行' } },
  };
  const { text, count } = formatContactTable([card, { ...card, kind: 'group' }]);
  assert.equal(count, 1);
  assert.match(text, /^\uFEFF"姓名"/);
  assert.doesNotMatch(text, /[",][=+\-@]/);
  const again = read(text)?.cards[0];
  assert.deepEqual(short(again), ['=1+1', ['a@x.example', 'b@x.example'], ['+86 138']]);
  assert.equal(again?.notes?.['1']?.note, '"引号", 逗号\n换行');
});
