import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import type { AccountId } from '#base/ids.ts';
import type { AddressResolution } from '#directory/address-resolution.ts';

import { judgeAuthors, mayUse } from './check-author.ts';
import { FakeClock } from '#base/clock.ts';
import { DomainLives } from '#directory/domain-lives.ts';
import type { AuthorDirectory } from './check-author.ts';

const LI = 1 as AccountId;
const WANG = 2 as AccountId;
/** Account 3 has stopped taking mail. */
const RETIRED = 3 as AccountId;
/** Li may write as one and for the other. */
const OFFICE = 4 as AccountId;
const DEAN = 5 as AccountId;
/** What Li has chosen to write as. */
let chosen: string | null = null;
const clock = new FakeClock();

/** As the real one resolves: any case, subaddresses after `+`, and `postmaster` alone. */
const directory: AuthorDirectory = {
  async resolveAddress(address): Promise<AddressResolution> {
    const plain = address.toLowerCase().replace(/\+[^@]*/, '');
    if (plain === 'retired@example.edu') return { kind: 'notReceiving', accountId: RETIRED };
    const accountId = new Map([
      ['li@example.edu', LI],
      ['li@old.example.edu', LI],
      ['reader@old.example.edu', LI],
      ['李雷@example.edu', LI],
      ['li lei@example.edu', LI],
      ['wang@example.edu', WANG],
      ['postmaster', WANG],
      ['office@example.edu', OFFICE],
      ['dean@example.edu', DEAN],
    ]).get(plain);
    if (accountId !== undefined) return { kind: 'account', accountId, address: plain, detail: null };
    return { kind: plain.endsWith('@example.edu') ? 'unknownUser' : 'unknownDomain' };
  },
  async mayWriteAs(accountId, ownerId) {
    if (accountId !== LI) return undefined;
    return ownerId === OFFICE ? 'alone' : ownerId === DEAN ? 'onBehalf' : undefined;
  },
  defaultSender: async () => chosen,
  findAddress: async () => undefined,
  addressesOf: async () => [
    { localPart: 'li', domain: 'old.example.edu', accountId: LI, kind: 'primary', createdAt: 0 },
    { localPart: 'li.lei', domain: 'example.edu', accountId: LI, kind: 'alias', createdAt: 0 },
    { localPart: 'li', domain: 'example.edu', accountId: LI, kind: 'alias', createdAt: 0 },
  ],
  lives: new DomainLives(
    {
      sunsets: [
        {
          domain: 'old.example.edu',
          successor: 'example.edu',
          announcedAt: clock.now() + 1,
          sendBlockedAt: clock.now() + 2,
          refusedAt: clock.now() + 3,
          goneAt: clock.now() + 4,
          setsReplyTo: true,
        },
      ],
      maintenance: [],
    },
    clock,
  ),
};

function judge(header: string, accountId: AccountId = LI) {
  const octets = Buffer.from(`${header}\r\n\r\nFrom: wang@example.edu\r\n`);
  return judgeAuthors(directory, { accountId, loginAddress: 'li@example.edu' }, octets);
}

/** The first author that is somebody else. */
async function find(header: string, accountId: AccountId = LI): Promise<string | undefined> {
  const judged = await judge(header, accountId);
  return judged.kind === 'foreign' ? judged.author : undefined;
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

describe('another account', () => {
  it('is written as by who may, alone or with the writer, and by nobody else', async () => {
    for (const address of ['office@example.edu', 'OFFICE+x@example.edu', 'dean@example.edu']) {
      assert.equal(await mayUse(directory, LI, address), true, address);
      assert.equal(await mayUse(directory, WANG, address), false, address);
    }
    const as = async (header: string) => {
      const judged = await judge(header);
      return judged.kind === 'permitted' ? judged.as : 'foreign';
    };
    const office = { accountId: OFFICE, how: 'alone' };
    assert.deepEqual(await as('From: 教务处 <office@example.edu>'), office);
    assert.deepEqual(await as('From: office@example.edu\r\nSender: li@example.edu'), office);
    assert.deepEqual(await as('From: li@example.edu, office@example.edu'), office);
    assert.deepEqual(await as('From: dean@example.edu'), { accountId: DEAN, how: 'onBehalf' });
    assert.equal(await as('From: li@example.edu\r\nSender: office@example.edu'), undefined);
    assert.equal(await find('From: office@example.edu', WANG), 'office@example.edu');
  });

  it('does not hide a writer who has to be seen', async () => {
    assert.equal(await find('From: li@example.edu\r\nSender: dean@example.edu'), 'dean@example.edu');
  });

  it('may be the sender somebody has chosen, for what has no From', async (t) => {
    t.after(() => (chosen = null));
    assert.deepEqual(await judge('Subject: x'), { kind: 'permitted', from: 'li@example.edu', as: undefined });
    chosen = 'dean@example.edu';
    const as = { accountId: DEAN, how: 'onBehalf' };
    assert.deepEqual(await judge('Subject: x'), { kind: 'permitted', from: 'dean@example.edu', as });
    assert.deepEqual(await judge('From: li@example.edu'), { kind: 'permitted', from: 'li@example.edu', as: undefined });
  });
});

describe('judgeAuthors', () => {
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
        await judgeAuthors(directory, { accountId: LI, loginAddress: 'li@example.edu' }, message);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves an outage of the directory to the engine', async () => {
    const broken: AuthorDirectory = {
      ...directory,
      resolveAddress: () => Promise.reject(new Error('injected')),
    };
    const li = { accountId: LI, loginAddress: 'li@example.edu' };
    await assert.rejects(judgeAuthors(broken, li, Buffer.from('From: li@example.edu\r\n\r\n')), /injected/);
  });
});

// The clock moves on: last.
describe('an address whose domain is given up', () => {
  const old = 'From: Li <LI@old.example.edu>';

  it('may be written from, with answers to the new one once that is announced', async () => {
    const replyTo = async (header: string) => {
      const judged = await judge(header);
      return judged.kind === 'permitted' ? judged.replyTo : judged.kind;
    };
    assert.equal(await replyTo(old), undefined);
    clock.advance(1);
    assert.equal(await replyTo(old), 'li@example.edu');
    assert.equal(await replyTo('From: reader@old.example.edu'), 'li.lei@example.edu');
    assert.equal(await replyTo(`${old}\r\nReply-To: x@y.example`), undefined);
    assert.equal(await replyTo('From: li@example.edu'), undefined);
  });

  it('may not be written from when that time has come; who chose it writes from the new one', async () => {
    clock.advance(1);
    assert.deepEqual(await judge(old), {
      kind: 'blocked',
      author: 'LI@old.example.edu',
      instead: 'li@example.edu',
      successor: 'example.edu',
    });
    assert.equal((await judge('From: li@example.edu\r\nSender: li@old.example.edu')).kind, 'blocked');
    chosen = 'li@old.example.edu';
    const judged = await judge('Subject: x');
    chosen = null;
    assert.equal(judged.kind === 'permitted' && judged.from, 'li@example.edu');
  });
});
