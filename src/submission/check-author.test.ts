import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import type { AccountId } from '#base/ids.ts';
import type { AddressResolution } from '#directory/address-resolution.ts';

import { findForeignAuthor, mayUse } from './check-author.ts';
import type { AuthorDirectory } from './check-author.ts';

const LI = 1 as AccountId;
const WANG = 2 as AccountId;
/** Account 3 has stopped taking mail. */
const RETIRED = 3 as AccountId;

/** As the real one resolves: any case, subaddresses after `+`, and `postmaster` alone. */
const directory: AuthorDirectory = {
  async resolveAddress(address): Promise<AddressResolution> {
    const plain = address.toLowerCase().replace(/\+[^@]*/, '');
    if (plain === 'retired@example.edu') return { kind: 'notReceiving', accountId: RETIRED };
    const accountId = new Map([
      ['li@example.edu', LI],
      ['李雷@example.edu', LI],
      ['li lei@example.edu', LI],
      ['wang@example.edu', WANG],
      ['postmaster', WANG],
    ]).get(plain);
    if (accountId !== undefined) return { kind: 'account', accountId, address: plain, detail: null };
    return { kind: plain.endsWith('@example.edu') ? 'unknownUser' : 'unknownDomain' };
  },
};

function find(header: string, accountId: AccountId = LI): Promise<string | undefined> {
  return findForeignAuthor(directory, accountId, Buffer.from(`${header}\r\n\r\nFrom: wang@example.edu\r\n`));
}

describe('mayUse', () => {
  it('allows every address of the account, its subaddresses and the null path', async () => {
    for (const address of ['li@example.edu', 'LI@Example.EDU', '李雷@example.edu', 'li+list@example.edu', ''])
      assert.equal(await mayUse(directory, LI, address), true, address);
  });

  it('allows the address of an account that takes no mail to that account alone', async () => {
    assert.equal(await mayUse(directory, RETIRED, 'retired@example.edu'), true);
    assert.equal(await mayUse(directory, LI, 'retired@example.edu'), false);
  });

  it('allows nothing else', async () => {
    for (const address of ['wang@example.edu', 'wang+li@example.edu', 'nobody@example.edu', 'li@example.net', 'li'])
      assert.equal(await mayUse(directory, LI, address), false, address);
  });
});

describe('findForeignAuthor', () => {
  it('finds none where every author is the account', async () => {
    for (const header of [
      'Subject: no From at all',
      'From: li@example.edu',
      'FROM : <LI@example.edu>',
      'From: 李雷 <李雷@example.edu>',
      'From: =?utf-8?B?5p2O6Zu3?= <li+list@example.edu>',
      'From: =?gb18030?B?wO7A1w==?=\r\n =?utf-8?Q?=2C?= <li@example.edu>',
      'From: "Wang <wang@example.edu>" <li@example.edu>',
      'From: "li lei"@example.edu',
      'From: Us: li@example.edu, 李雷@example.edu;',
      'From: li@example.edu, 李雷@example.edu\r\nSender: li@example.edu',
      'From: li@example.edu\r\nResent-From: li@example.edu\r\nResent-Sender: li@example.edu\r\nResent-From: li@example.edu',
      'From: li@example.edu\r\nReply-To: wang@example.edu\r\nTo: wang@example.edu',
    ])
      assert.equal(await find(header), undefined, header);
  });

  it('finds somebody else, wherever the name stands', async () => {
    for (const header of [
      'From: wang@example.edu',
      'From: "li@example.edu" <wang@example.edu>',
      'From: li@example.edu, wang@example.edu',
      'From: Us: li@example.edu, wang@example.edu;',
      'From: =?utf-8?B?bGlAZXhhbXBsZS5lZHU=?= <wang@example.edu>',
      'From: =?utf-8?Q?Wang_=3Cwang=40example=2Eedu=3E?=',
      'From: li@example.edu\r\nSender: wang@example.edu',
      'From: li@example.edu\r\nResent-From: li@example.edu\r\nResent-From: wang@example.edu',
      'From: li@example.edu\r\nResent-Sender: wang@example.edu',
      'From: li@example.edu,\r\n\twang@example.edu',
    ])
      assert.equal(await find(header), 'wang@example.edu', header);
    assert.equal(await find('From: li@example.edu', WANG), 'li@example.edu');
  });

  it('takes a field that names nobody for somebody else', async () => {
    for (const [value, shown] of [
      ['', ''],
      ['校长 <>', '校长 <>'],
      ['Us:;', 'Us:;'],
      ['li@example.edu, 校长 <>', 'li@example.edu, 校长 <>'],
      ['校长', '校长'],
    ] as const)
      assert.equal(await find(`From: ${value}`), shown, value);
    // A bare role is what the directory says it is.
    assert.equal(await find('From: postmaster'), 'postmaster');
    assert.equal(await find('From: postmaster', WANG), undefined);
  });

  it('refuses two From fields, the same twice included', async () => {
    assert.equal(await find('From: li@example.edu\r\nfrom : li@example.edu'), 'From: + From:');
  });

  it('refuses what is too long to be judged whole', async () => {
    assert.equal(await find(`From: ${'li@example.edu,'.repeat(9)} 李雷@example.edu`), undefined);
    assert.notEqual(await find(`From: ${'li@example.edu,'.repeat(10)} 李雷@example.edu`), undefined);
    assert.notEqual(await find(`From: li@example.edu${' '.repeat(300_000)}, wang@example.edu`), undefined);
    assert.notEqual(await find(`From: li@example.edu${' '.repeat(5000)}"" wang@example.edu`), undefined);
    assert.equal(await find(`From: li@example.edu\r\n${'X:\r\n'.repeat(1990)}`), undefined);
    assert.notEqual(await find(`From: li@example.edu\r\n${'X:\r\n'.repeat(2000)}From: wang@example.edu`), undefined);
  });

  it('never throws, whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (octets) => {
        const message = Buffer.concat([Buffer.from('From: '), octets, Buffer.from('\r\n\r\n')]);
        await findForeignAuthor(directory, LI, message);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves an outage of the directory to the engine', async () => {
    const broken: AuthorDirectory = {
      resolveAddress: () => Promise.reject(new Error('injected')),
    };
    await assert.rejects(findForeignAuthor(broken, LI, Buffer.from('From: li@example.edu\r\n\r\n')), /injected/);
  });
});
