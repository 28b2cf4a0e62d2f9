import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import type { SmtpPeer } from './receiver.ts';
import { countReceived, formatDateTime, formatReceived } from './trace.ts';

const peer: SmtpPeer = {
  sessionId: 'abcdefghij',
  protocol: 'smtp',
  remoteAddress: '192.0.2.7',
  localPort: 25,
  helo: 'client.example.net',
  withProtocol: 'ESMTP',
};
const facts = {
  peer,
  hostname: 'mx.example.edu',
  queueId: 'q1',
  receivedAt: Date.UTC(2019, 8, 6, 4, 5, 9),
  forwardPaths: [{ address: 'b@example.edu' }],
};

describe('formatReceived', () => {
  it('names the one recipient', () => {
    assert.equal(
      formatReceived(facts),
      'Received: from client.example.net ([192.0.2.7])\r\n\tby mx.example.edu with ESMTP id q1\r\n' +
        '\tfor <b@example.edu>;\r\n\tFri, 6 Sep 2019 04:05:09 +0000\r\n',
    );
  });

  it('names none of several, and the cipher suite', () => {
    assert.equal(
      formatReceived({
        ...facts,
        peer: { ...peer, remoteAddress: '2001:db8::1', withProtocol: 'ESMTPS', tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384' },
        forwardPaths: [{ address: 'b@example.edu' }, { address: 'c@example.edu' }],
      }),
      'Received: from client.example.net ([IPv6:2001:db8::1])\r\n\tby mx.example.edu with ESMTPS id q1\r\n' +
        '\ttls TLS_AES_256_GCM_SHA384 (TLSv1.3);\r\n\tFri, 6 Sep 2019 04:05:09 +0000\r\n',
    );
  });

  it('writes UTF-8 only where the message may hold it', () => {
    const forwardPaths = [{ address: '张三@例え.jp' }];
    const helo = '例え.jp';
    assert.match(
      formatReceived({ ...facts, forwardPaths, peer: { ...peer, helo } }),
      /from xn--r8jz45g\.jp .*for <\?\?@xn--r8jz45g\.jp>/s,
    );
    const utf8Peer = { ...peer, helo, withProtocol: 'UTF8SMTP' };
    assert.match(formatReceived({ ...facts, forwardPaths, peer: utf8Peer }), /from 例え\.jp .*for <张三@例え\.jp>/s);
  });

  it('holds whatever the peer says in its place', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        fc.boolean(),
        (helo, local, utf8) => {
          const field = formatReceived({
            ...facts,
            peer: { ...peer, helo, withProtocol: utf8 ? 'UTF8SMTP' : 'ESMTP' },
            forwardPaths: [{ address: `${local}@example.edu` }],
          });
          assert.equal(field.split('\r\n').length, 5);
          assert.doesNotMatch(field.replaceAll('\r\n\t', '').slice(0, -2), /\p{Cc}/u);
          if (!utf8) assert.match(field, /^[\r\n\t\x20-\x7e]*$/);
          assert.match(field, /^Received: from \S+ \(\[192\.0\.2\.7\]\)\r\n/);
        },
      ),
    );
  });
});

describe('formatDateTime', () => {
  it('is what Date reads', () => {
    const day = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(day, (date) => {
        const ms = Math.floor(date.getTime() / 1000) * 1000;
        assert.equal(Date.parse(formatDateTime(ms)), ms);
      }),
    );
  });
});

describe('countReceived', () => {
  it('counts fields of the header section', () => {
    assert.equal(countReceived(Buffer.from('')), 0);
    assert.equal(
      countReceived(Buffer.from('Received: a\r\n\tReceived: b\r\nRECEIVED:c\r\nX-Received: d\r\nReceived-SPF: x\r\n')),
      2,
    );
    assert.equal(countReceived(Buffer.from('\r\nReceived: a\r\n')), 0);
    assert.equal(countReceived(Buffer.from('received: a')), 1);
  });
});
