/**
 * Realistic bad mail with what a reader should get from it. Made in code, octet by octet, so that every trap can be
 * seen. `shows` is what describeDigest (src/mime/digest.test.ts) writes.
 */

export interface HostileMail {
  readonly name: string;
  readonly octets: Buffer;
  readonly shows: string;
}

/** Joins lines with CRLF; a string is written as UTF-8, `gb('…')` as the octets given in hexadecimal. */
function mail(...lines: readonly (string | Buffer | readonly (string | Buffer)[])[]): Buffer {
  const pieces: Buffer[] = [];
  for (const line of lines) {
    for (const piece of Array.isArray(line) ? (line as (string | Buffer)[]) : [line as string | Buffer]) {
      pieces.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
    }
    pieces.push(Buffer.from('\r\n'));
  }
  return Buffer.concat(pieces);
}

function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex');
}

/** GBK: 系统通知, 学校通知, 张三, 通知. */
const XITONG_TONGZHI = hex('CFB5 CDB3 CDA8 D6AA');
const XUEXIAO_TONGZHI = hex('D1A7 D0A3 CDA8 D6AA');
const ZHANG_SAN = hex('D5C5 C8FD');
const TONGZHI = hex('CDA8 D6AA');

export const HOSTILE_MAILS: readonly HostileMail[] = [
  {
    name: 'a subject in raw UTF-8 that goes on as a GBK word, a raw GBK name, a gb2312 body with GBK characters',
    octets: mail(
      ['Subject: 回复：', '=?gbk?B?', XITONG_TONGZHI.toString('base64'), '?='],
      ['From: ', ZHANG_SAN, ' <zs@x.edu.cn>'],
      'To: undisclosed-recipients:;',
      'Date: Mon, 16 Sep 2019 10:00:00 +0800 (CST)',
      'Message-ID: <1@x.edu.cn>',
      'Content-Type: text/plain; charset="gb2312',
      '',
      [hex('D6EC E946 BBF9'), ' ', hex('86B4'), ' ', hex('8139EE39'), ' ', hex('A2E3')],
    ),
    shows: `
subject 回复：系统通知
base 系统通知
from 张三 <zs@x.edu.cn>
sent 2019-09-16T02:00:00.000Z
preview 朱镕基 喆 㐀 €
envelope ("Mon, 16 Sep 2019 10:00:00 +0800 (CST)" "=?UTF-8?B?5Zue5aSN77ya57O757uf6YCa55+l?=" (("=?UTF-8?B?5byg5LiJ?=" NIL "zs" "x.edu.cn")) (("=?UTF-8?B?5byg5LiJ?=" NIL "zs" "x.edu.cn")) (("=?UTF-8?B?5byg5LiJ?=" NIL "zs" "x.edu.cn")) ((NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL)) NIL NIL NIL "<1@x.edu.cn>")
text/plain 7bit lines=1
`,
  },
  {
    name: 'the 联通 trap: an unlabelled GBK subject that is valid UTF-8, in a message labelled us-ascii',
    octets: mail(
      ['Subject: ', XUEXIAO_TONGZHI],
      ['From: "', XITONG_TONGZHI, '" <nic@x.edu.cn>'],
      'X-Mailer: Foxmail 6.5',
      'Content-Type: text/plain; charset=us-ascii',
      '',
      [XUEXIAO_TONGZHI],
    ),
    shows: `
subject 学校通知
base 学校通知
from 系统通知 <nic@x.edu.cn>
preview 学校通知
text/plain 7bit lines=1
`,
  },
  {
    name: 'a gbk label on UTF-8, names in three RFC 2231 pieces of GBK, in an encoded word inside quotes, and as percent escapes',
    octets: mail(
      'Subject: =?GBK?Q?=CD=A8?=',
      ' =?GBK?Q?=D6=AA_=A1?= =?GBK?Q?=B6?=',
      'From: =?utf-8?B?IuW8oOS4iSIgPHpzQHguY24+?=',
      'Content-Type: multipart/mixed; boundary="b"',
      '',
      '--b',
      'Content-Type: text/html; charset=gbk',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '<html><head><style>p{}</style><title>no</title></head><p>=E7=B3=BB=E7=BB=9F=',
      '=E9=80=9A=E7=9F=A5&nbsp;&amp;<script>no</script><br>ok',
      '--b',
      'Content-Type: application/ms-tnef; name=winmail.dat',
      "Content-Disposition: attachment; filename*1*=%D6; filename*0*=gbk''%CD%A8; filename*2*=%AA.dat",
      'Content-Transfer-Encoding: base64',
      '',
      'eJ8+Ig==',
      '--b',
      'Content-Type: application/zip; name="=?gbk?B?zajWqi56aXA=?="',
      'Content-Disposition: attachment',
      '',
      'PK',
      '--b',
      'Content-Disposition: attachment; filename="..\\..\\%E6%98%86\u202egpj.exe. "',
      '',
      '--b',
      'Content-Disposition: inline; filename=con.txt',
      '',
      'x',
      '--b--',
      'epilogue',
    ),
    shows: `
subject 通知 《
base 通知 《
from 张三 <zs@x.cn>
preview 系统通知 & ok
attachment
multipart/mixed 7bit
  text/html quoted-printable lines=1
  application/ms-tnef base64 name=通知.dat
  application/zip 7bit name=通知.zip
  text/plain 7bit lines=0 name=昆gpj.exe
  text/plain 7bit lines=0 name=_con.txt
`,
  },
  {
    name: 'boundaries that begin each other, an enclosed message with the boundary of its parent, no final boundary',
    octets: mail(
      'Content-Type: multipart/mixed; boundary=a',
      '',
      'preamble',
      '--a',
      'Content-Type: multipart/alternative; boundary=aa',
      '',
      '--aa',
      '',
      '--aab is no boundary, nor is',
      '--aaa',
      '--aa',
      'Content-Type: text/html',
      '',
      '<p>no</p>',
      '--a',
      'Content-Type: message/rfc822',
      '',
      ['Subject: ', TONGZHI],
      'Content-Type: multipart/mixed; boundary=a',
      '',
      '--a',
      '',
      'inner',
      '--a--',
      'inner epilogue',
      '--a',
      'Content-Type: image/png',
      '',
      'cut off',
    ),
    shows: `
subject 
base 
preview --aab is no boundary, nor is --aaa
attachment
multipart/mixed 7bit
  multipart/alternative 7bit
    text/plain 7bit lines=1
    text/html 7bit lines=0
  message/rfc822 7bit lines=7
    multipart/mixed 7bit enclosed (NIL "=?UTF-8?B?6YCa55+l?=" NIL NIL NIL NIL NIL NIL NIL NIL)
      text/plain 7bit lines=0
  image/png 7bit
`,
  },
  {
    name: 'a digest, a base64 message that stays closed, a header without body, a multipart without boundary',
    octets: mail(
      'Content-Type: multipart/digest; boundary=d',
      '',
      '--d',
      '',
      'Subject: one',
      '',
      'first',
      '--d',
      'Content-Type: message/rfc822',
      'Content-Transfer-Encoding: base64',
      '',
      'U3ViamVjdDogeAoK',
      '--d',
      'Content-Type: text/plain',
      '--d',
      'Content-Type: multipart/mixed',
      '',
      'no boundary',
      '--d--',
    ),
    shows: `
subject 
base 
preview no boundary
attachment
multipart/digest 7bit
  message/rfc822 7bit lines=2
    text/plain 7bit lines=0 enclosed (NIL "one" NIL NIL NIL NIL NIL NIL NIL NIL)
  message/rfc822 base64 lines=0
    text/plain 7bit lines=0 enclosed (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)
  text/plain 7bit lines=0
  text/plain 7bit lines=0
`,
  },
  {
    name: 'a bounce: its parts are no attachments',
    octets: mail(
      'Subject: Undelivered Mail Returned to Sender',
      'From: <>',
      'Content-Type: multipart/report; report-type=delivery-status; boundary=r',
      '',
      '--r',
      '',
      '> not this line',
      'User unknown',
      '--r',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.x.edu.cn',
      '--r',
      'Content-Type: message/rfc822',
      '',
      'Subject: hello',
      '',
      '--r--',
    ),
    shows: `
subject Undelivered Mail Returned to Sender
base undelivered mail returned to sender
preview User unknown
multipart/report 7bit
  text/plain 7bit lines=1
  message/delivery-status 7bit lines=0
  message/rfc822 7bit lines=2
    text/plain 7bit lines=0 enclosed (NIL "hello" NIL NIL NIL NIL NIL NIL NIL NIL)
`,
  },
  {
    name: 'bare line feeds, a NUL, a header injected by an encoded word, an mbox line, fields without colon',
    octets: Buffer.from(
      'From someone Mon Sep 16 10:00:00 2019\nno colon here\nSubject : =?utf-8?Q?a=0D=0ABcc:_x\0y?=\n' +
        'To: "Last, First" <a@b>, , broken <c@d, "unclosed <e@f>\nCONTENT-TYPE: TEXT/PLAIN\n\nbo\0dy\n',
    ),
    shows: `
subject a Bcc: xy
base a bcc: xy
to Last, First <a@b> | broken <c@d> | unclosed <e@f>
preview body
text/plain 7bit lines=1
`,
  },
];
