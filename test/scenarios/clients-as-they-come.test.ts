/** The conversations that well-known clients begin with, as their logs show them: each must get what it builds on. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Campus, LI, openCampus, PASSWORD, WANG, ZHANG } from '#test/harness/campus.ts';
import type { ImapTestClient } from '#test/harness/line-client.ts';

const HTML_MAIL = [
  'From: =?gb18030?B?1cXI/Q==?= <z@b.example>',
  'Subject: =?utf-8?B?5L2g5aW9?=',
  'Date: Tue, 1 Sep 2026 10:00:00 +0800',
  'Message-ID: <html@b.example>',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=m',
  '',
  '--m',
  'Content-Type: multipart/alternative; boundary=a',
  '',
  '--a',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: base64',
  '',
  '5L2g5aW9',
  '--a',
  'Content-Type: text/html; charset=gb18030',
  '',
  '<p>hi</p>',
  '--a--',
  '--m',
  'Content-Type: application/pdf; name="=?utf-8?B?6ZmE5Lu2LnBkZg==?="',
  "Content-Disposition: attachment; filename*=utf-8''%E9%99%84%E4%BB%B6.pdf",
  'Content-Transfer-Encoding: base64',
  '',
  'JVBERg==',
  '--m--',
  '',
].join('\r\n');

/** Matches each pattern against some response; the rest may be anything. */
function assertSays(responses: readonly string[], ...patterns: readonly RegExp[]): void {
  for (const pattern of patterns) {
    assert.ok(
      responses.some((response) => pattern.test(response)),
      `${String(pattern)} is missing in\n${responses.join('\n')}`,
    );
  }
}

function highestModSeq(responses: readonly string[]): number {
  return Number(/HIGHESTMODSEQ (\d+)/.exec(responses.join('\n'))?.[1]);
}

describe('clients as they come', { concurrency: false }, () => {
  let campus: Campus;
  before(async () => {
    campus = await openCampus();
    for (const login of [ZHANG, LI, WANG]) {
      await campus.deliver(login, HTML_MAIL);
      await campus.deliver(login, 'From: a@b.example\r\nSubject: plain\r\n\r\nplain text\r\n');
    }
  });
  after(() => campus[Symbol.asyncDispose]());

  async function authenticate(imap: ImapTestClient, login: string): Promise<string[]> {
    return imap.command(`AUTHENTICATE PLAIN ${Buffer.from(`\0${login}\0${PASSWORD}`).toString('base64')}`);
  }

  test('Thunderbird: ID, folders, SELECT, flags of all, headers, body parts, deletion by move', async () => {
    const imap = await campus.connectImap();
    assertSays(await imap.command('CAPABILITY'), /IMAP4rev1 .*AUTH=PLAIN/);
    await authenticate(imap, ZHANG);
    assertSays(await imap.command('CAPABILITY'), /IDLE.*UIDPLUS.*MOVE|UIDPLUS/, /CONDSTORE/, /SPECIAL-USE/);
    assertSays(await imap.command('ID ("name" "Thunderbird" "version" "128.0")'), /^\* ID \(/);
    assertSays(await imap.command('NAMESPACE'), /^\* NAMESPACE \(\("" "\/"\)\) \(\("Other Users\/" "\/"\)\) NIL$/);
    await imap.command('ENABLE UTF8=ACCEPT');
    assertSays(await imap.command('LIST (SUBSCRIBED) "" "*" RETURN (SPECIAL-USE)'), /\\Sent .*"Sent"/, /"INBOX"/);
    assertSays(await imap.command('LIST "" "INBOX"'), /"INBOX"/);
    const selected = await imap.command('SELECT "INBOX" (CONDSTORE)');
    assertSays(selected, /^\* 2 EXISTS$/, /UIDVALIDITY/, /UIDNEXT 3/, /HIGHESTMODSEQ/, /PERMANENTFLAGS \(.*\\\*\)/);
    assertSays(await imap.command('UID FETCH 1:* (FLAGS)'), /^\* 1 FETCH \((?=.*UID 1)(?=.*FLAGS \(\\Recent\))/);
    const fields =
      'From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To';
    const headers = await imap.command(`UID FETCH 1:2 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (${fields})])`);
    assertSays(
      headers,
      /BODY\[HEADER\.FIELDS \(From To .*Reply-To\)\] \{\d+\}\r\n(?:.*\r\n)*Subject: =\?utf-8\?B\?5L2g5aW9\?=/,
    );
    assertSays(
      await imap.command('UID FETCH 1 (BODYSTRUCTURE)'),
      /\("application" "pdf" .*"attachment" \("filename\*?"/i,
    );
    await imap.command('UID FETCH 1 (UID BODY.PEEK[HEADER] BODY.PEEK[1.1] BODY.PEEK[1.2.MIME] BODY.PEEK[2]<0.4>)');
    assertSays(
      await imap.command(String.raw`UID STORE 1 +FLAGS (\Seen NonJunk $label1)`),
      /FLAGS \(.*\\Seen.*nonjunk/i,
    );
    assertSays(await imap.command('UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1)'), /UID 1 .*MODSEQ/);
    assertSays(await imap.command('UID MOVE 2 "Trash"'), /COPYUID/, /^\* 2 EXPUNGE$/);
    await imap.command('NOOP');
    await imap.command('CLOSE');
    assertSays(await imap.command('STATUS "Trash" (UIDNEXT MESSAGES UNSEEN RECENT)'), /MESSAGES 1/);
    assertSays(await imap.command('GETQUOTAROOT "INBOX"'), /^\* QUOTAROOT "INBOX"/);
    assertSays(await imap.command('LOGOUT'), /^\* BYE/);
  });

  test('Apple Mail and iOS: ID, LIST with STATUS, CONDSTORE, searches with RETURN, mail in pieces', async () => {
    const imap = await campus.connectImap();
    await imap.command('ID ("name" "iPhone Mail" "version" "22A" "os" "iOS" "os-version" "18.0")');
    await authenticate(imap, LI);
    const listed = await imap.command(
      'LIST "" "*" RETURN (SPECIAL-USE STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ))',
    );
    assertSays(
      listed,
      /^\* LIST .*\\Trash.*"Trash"/,
      /^\* STATUS "INBOX" \(MESSAGES 2 UIDNEXT 3 UIDVALIDITY \d+ UNSEEN 2 HIGHESTMODSEQ \d+\)/,
    );
    assertSays(await imap.command('LSUB "" "*"'), /^\* LSUB .*"INBOX"/);
    await imap.command('ENABLE CONDSTORE');
    const modSeq = highestModSeq(await imap.command('SELECT INBOX (CONDSTORE)'));
    assert.ok(modSeq > 0);
    assertSays(
      await imap.command('UID SEARCH RETURN (ALL) UNDELETED SINCE 1-Jan-2020'),
      /^\* ESEARCH \(TAG ".*"\) UID ALL 1:2$/,
    );
    assertSays(await imap.command('UID SEARCH 1:* NOT DELETED'), /^\* SEARCH 1 2$/);
    const items =
      'INTERNALDATE UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (date subject from to cc message-id in-reply-to references content-type x-priority list-id)]';
    assertSays(await imap.command(`FETCH 1:2 (${items})`), /INTERNALDATE "[ \d]\d-\w{3}-\d{4} /, /list-id\)\] \{\d+\}/);
    assertSays(await imap.command('UID FETCH 1 (BODYSTRUCTURE BODY.PEEK[HEADER])'), /"alternative" \("boundary" "a"\)/);
    assertSays(
      await imap.command('UID FETCH 1 (BODY.PEEK[1.1]<0.65536> BODY.PEEK[1.2])'),
      /BODY\[1\.1\]<0> \{8\}\r\n5L2g5aW9 BODY\[1\.2\] \{9\}\r\n<p>hi<\/p>/,
    );
    await imap.command(String.raw`UID STORE 1:2 +FLAGS.SILENT (\Seen)`);
    const since = await imap.command(`UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE ${modSeq})`);
    assert.equal(since.filter((line) => /\\Seen.*MODSEQ/.test(line)).length, 2);
    const copied = await imap.command('UID COPY 2 Archive');
    assert.deepEqual(
      copied.filter((line) => line.includes('EXPUNGE')),
      [],
    );
    await imap.command(String.raw`UID STORE 2 +FLAGS.SILENT (\Deleted)`);
    assertSays(await imap.command('UID EXPUNGE 2'), /^\* 2 EXPUNGE$/);
    assertSays(
      await imap.command('UID SEARCH RETURN (COUNT MIN MAX) SEEN'),
      /^\* ESEARCH \(TAG ".*"\) UID MIN 1 MAX 1 COUNT 1$/,
    );
    assertSays(await imap.command('UID SEARCH RETURN (SAVE) ALL'));
    assertSays(await imap.command('UID FETCH $ (FLAGS)'), /UID 1/);
  });

  test('Outlook: LOGIN, LIST and LSUB, UID FETCH of envelopes and whole messages, APPEND to Sent, IDLE', async () => {
    const imap = await campus.openImap(WANG);
    assertSays(await imap.command('CAPABILITY'), /^\* CAPABILITY/);
    assertSays(await imap.command('LIST "" ""'), /^\* LIST \(\\Noselect\) "\/" ""$/i);
    assertSays(await imap.command('LIST "" "%"'), /"Drafts"/);
    assertSays(await imap.command('LSUB "" "%"'), /"Drafts"/);
    await imap.command('CREATE "Outlook/RSS 源"');
    await imap.command('SUBSCRIBE "Outlook/RSS 源"');
    assertSays(await imap.command('SELECT "INBOX"'), /^\* 2 RECENT$/, /^\* OK \[UNSEEN 1\]/);
    assertSays(
      await imap.command('UID FETCH 1:* (UID FLAGS RFC822.SIZE BODY.PEEK[HEADER] INTERNALDATE)'),
      /UID 2 .*BODY\[HEADER\]/,
    );
    assertSays(await imap.command('UID FETCH 1:2 (ENVELOPE BODY)'), /ENVELOPE \("Tue, 1 Sep 2026/);
    assertSays(await imap.command('UID FETCH 2 (UID BODY[])'), /plain text/);
    assertSays(await imap.command('UID FETCH 2 (FLAGS)'), /\\Seen/);
    const sent = 'From: me@b.example\r\nSubject: sent\r\n\r\nx\r\n';
    await imap.command(`APPEND "Sent" (\\Seen) "23-Nov-2026 10:00:00 +0800" {${sent.length}+}\r\n${sent}`);
    assertSays(await imap.command('STATUS "Sent" (MESSAGES UNSEEN UIDVALIDITY)'), /MESSAGES 1 UNSEEN 0/);
    imap.send('i IDLE\r\n');
    assert.match(await imap.readResponse(), /^\+ /);
    await campus.deliver(WANG, 'Subject: while idle\r\n\r\nx\r\n');
    assert.equal(await imap.readResponse(), '* 3 EXISTS');
    assert.equal(await imap.readResponse(), '* 3 RECENT');
    imap.send('DONE\r\n');
    assert.match(await imap.readResponse(), /^i OK/);
    assertSays(await imap.command('UID FETCH 3:* (UID FLAGS)'), /UID 3/);
    await assert.rejects(imap.command('SELECT "[Gmail]/All Mail"'), /NO \[NONEXISTENT\]/);
    // Nothing is selected after a SELECT that failed (RFC 9051 §6.3.2).
    await assert.rejects(imap.command('CHECK'), / BAD /);
  });
});
