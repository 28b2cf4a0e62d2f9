/**
 * SMTP smuggling: ends of data that some server takes for one and others do not. None of them may end data here, what
 * follows must never run as commands, and the message must be refused and the connection closed.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { startServer } from './testing/test-client.ts';

const fakeEnds = [
  '\n.\n',
  '\n.\r\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\n',
  '\r\n.\r',
  '\n.\r',
  '\r.\n',
  '\r\n\0.\r\n',
  '\r\n.\0\r\n',
  '\r\r\n.\r\n',
  '\r\n.\r\r\n',
  '\r\n\r.\r\n',
  '\n\r\n.\n',
];

const smuggled = 'MAIL FROM:<evil@example.net>\r\nRCPT TO:<victim@example.edu>\r\nDATA\r\nSubject: evil\r\n';

describe('smuggling', () => {
  for (const fakeEnd of fakeEnds) {
    for (const isSplit of [false, true]) {
      // CR CR LF . CR LF holds the true end: the message before it is refused, and the connection goes no further.
      it(`${JSON.stringify(fakeEnd)}${isSplit ? ' octet by octet' : ''}`, { timeout: 5000 }, async () => {
        await using host = await startServer();
        const client = await host.connect();
        await client.open('HELO c', 'MAIL FROM:<a@example.net>', 'RCPT TO:<b@example.edu>', 'DATA');
        const octets = `Subject: x\r\n\r\nbody${fakeEnd}${smuggled}\r\n.\r\nQUIT\r\n`;
        if (isSplit) for (const octet of octets) client.send(octet);
        else client.send(octets);
        assert.match(
          (await client.reply()) ?? '',
          /^55[04] 5\.[56]\.[02] Message refused: (bare <..>|NUL octet) in it/,
        );
        if (fakeEnd.includes('\0')) assert.equal(await client.reply(), '221 2.0.0 mx.example.edu closing');
        assert.ok(await client.isClosed());
        assert.deepEqual(host.receiver.messages, []);
        assert.equal(host.receiver.events.filter((event) => event.startsWith('mail')).length, 1);
      });
    }
  }
});
