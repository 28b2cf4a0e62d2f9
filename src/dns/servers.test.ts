import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseDnsServers, parseDnsServer } from './servers.ts';

describe('DNS servers', () => {
  it('are numeric addresses with a port or without', () => {
    assert.deepEqual(parseDnsServer('192.0.2.1'), { address: '192.0.2.1', port: 53 });
    assert.deepEqual(parseDnsServer('192.0.2.1:5353'), { address: '192.0.2.1', port: 5353 });
    assert.deepEqual(parseDnsServer('2001:db8::1'), { address: '2001:db8::1', port: 53 });
    assert.deepEqual(parseDnsServer('[2001:db8::1]'), { address: '2001:db8::1', port: 53 });
    assert.deepEqual(parseDnsServer('[::1]:5353'), { address: '::1', port: 5353 });
    assert.deepEqual(parseDnsServer('fe80::1%eth0'), { address: 'fe80::1%eth0', port: 53 });
    const bad = ['', 'localhost', 'dns.example:53', '192.0.2.1:0', '192.0.2.1:65536', '192.0.2.1:', '[192.0.2.1]:53'];
    for (const text of [...bad, '[::1', '::1]:53', '[]:53', '300.1.1.1'])
      assert.equal(parseDnsServer(text), undefined, text);
  });

  it('are the settings’, else those of resolv.conf, else this machine', () => {
    const resolvConf = '# by hand\nsearch example\nnameserver 192.0.2.53\nnameserver  ::1 \nnameserver dns.example\n';
    const choose = (servers: string[], text: string) =>
      chooseDnsServers({ servers, trustAd: 'auto', resolvConf: text }).map(({ address, port }) => [address, port]);
    assert.deepEqual(choose(['192.0.2.1:54'], resolvConf), [['192.0.2.1', 54]]);
    assert.deepEqual(choose([], resolvConf), [
      ['192.0.2.53', 53],
      ['::1', 53],
    ]);
    assert.deepEqual(choose([], ''), [['127.0.0.1', 53]]);
  });

  it('are believed about DNSSEC when they are near, or the operator says so', () => {
    const trusted = (trustAd: 'auto' | 'always' | 'never', resolvConf: string, servers: string[] = []) =>
      chooseDnsServers({ servers, trustAd, resolvConf }).map(({ isTrusted }) => isTrusted);
    const far = 'nameserver 192.0.2.53\n';
    assert.deepEqual(trusted('auto', `${far}nameserver ::1`), [false, true]);
    assert.deepEqual(trusted('auto', `${far}options edns0 trust-ad`), [true]);
    assert.deepEqual(trusted('never', `${far}options trust-ad\nnameserver 127.0.0.1`), [false, false]);
    assert.deepEqual(trusted('always', far), [true]);
    // What resolv.conf says is about its own servers.
    assert.deepEqual(trusted('auto', 'options trust-ad', ['192.0.2.1', '127.0.0.53:53']), [false, true]);
  });
});
