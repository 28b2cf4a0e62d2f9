import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Random } from '#base/random.ts';
import { systemRandom } from '#base/random.ts';
import { FakeResolver } from '#dns/testing/zone.ts';
import type { Zone } from '#dns/testing/zone.ts';
import { findHosts } from './find-hosts.ts';
import type { HostFinder } from './find-hosts.ts';

const zone: Zone = {
  'x.example': {
    mx: [
      { exchange: 'mx2.x.example', preference: 20 },
      { exchange: 'mx1.x.example', preference: 10 },
    ],
  },
  'mx1.x.example': { a: ['1.0.0.1'], aaaa: ['2a00::1'] },
  'mx2.x.example': { a: ['1.0.0.2'] },
};

function finderOf(more: Zone = {}, settings: Partial<HostFinder> = {}): HostFinder & { resolver: FakeResolver } {
  return {
    random: systemRandom,
    hostname: 'Mail.example.edu',
    port: 25,
    ownAddresses: () => new Set(['1.0.1.77', '2a00::77']),
    allowsPrivate: false,
    prefersIPv6: false,
    ...settings,
    resolver: new FakeResolver({
      ...zone,
      ...more,
    }),
  };
}

/** `name/address …` of what was found, or why nothing. */
async function find(domain: string, more: Zone = {}, settings: Partial<HostFinder> = {}): Promise<string> {
  const found = await findHosts(domain, finderOf(more, settings));
  if (found.kind === 'hosts') return found.hosts.map(({ name, address }) => `${name}/${address}`).join(' ');
  return `${found.isPermanent ? 'never' : 'later'} ${found.enhanced}`;
}

const mx = (...exchanges: string[]): Zone => ({
  'y.example': { mx: exchanges.map((exchange, i) => ({ exchange, preference: i })) },
});

describe('findHosts', () => {
  it('orders servers by preference, and their addresses by family', async () => {
    assert.equal(await find('x.example'), 'mx1.x.example/1.0.0.1 mx1.x.example/2a00::1 mx2.x.example/1.0.0.2');
    const ipv6First = 'mx1.x.example/2a00::1 mx1.x.example/1.0.0.1 mx2.x.example/1.0.0.2';
    assert.equal(await find('x.example', {}, { prefersIPv6: true }), ipv6First);
  });

  it('draws lots among servers of one preference', async () => {
    const equal: Zone = {
      'y.example': { mx: ['mx1', 'mx2'].map((name) => ({ exchange: `${name}.x.example`, preference: 5 })) },
    };
    const draw = (lots: number[]): Random => ({ bytes: (length) => Buffer.alloc(length, lots.shift()) });
    assert.match(await find('y.example', equal, { random: draw([1, 2]) }), /^mx1/);
    assert.match(await find('y.example', equal, { random: draw([2, 1]) }), /^mx2/);
  });

  it('takes the domain for its server where it has no MX', async () => {
    assert.equal(await find('y.example', { 'y.example': { a: ['1.0.0.9'] } }), 'y.example/1.0.0.9');
  });

  it('never sends to a null MX, nor to a domain that does not exist', async () => {
    assert.equal(await find('y.example', mx('')), 'never 5.1.10');
    assert.equal(await find('nowhere.example'), 'never 5.1.2');
    assert.equal(await find('no domain'), 'never 5.1.2');
  });

  it('passes over a null MX among others', async () => {
    assert.equal(await find('y.example', mx('', 'mx2.x.example')), 'mx2.x.example/1.0.0.2');
  });

  for (const fails of ['servfail', 'timeout', 'refused', 'malformed'] as const) {
    it(`waits while the DNS says ${fails}`, async () => {
      assert.equal(await find('y.example', { 'y.example': { fails } }), 'later 4.4.3');
      assert.equal(await find('y.example', { ...mx('mx.y.example'), 'mx.y.example': { fails } }), 'later 4.4.3');
    });
  }

  it('uses the servers that can be looked up though others cannot', async () => {
    const some = { ...mx('mx.y.example', 'mx2.x.example'), 'mx.y.example': { fails: 'servfail' } } as const;
    assert.equal(await find('y.example', some), 'mx2.x.example/1.0.0.2');
  });

  it('returns what has servers without addresses', async () => {
    assert.equal(await find('y.example', mx('gone.example')), 'never 5.4.4');
    assert.equal(await find('y.example', { 'y.example': { txt: ['no mail'] } }), 'never 5.4.4');
  });

  it('leaves out servers no better than this one', async () => {
    assert.equal(await find('y.example', mx('mail.example.edu', 'mx2.x.example')), 'never 5.4.6');
    const better = mx('mx2.x.example', 'mail.example.edu', 'mx1.x.example');
    assert.equal(await find('y.example', better), 'mx2.x.example/1.0.0.2');
  });

  it('knows itself by its addresses too, whatever name they go by', async () => {
    const us: Zone = { 'us.other.example': { aaaa: ['2a00::77'] } };
    assert.equal(await find('y.example', { ...mx('us.other.example', 'mx2.x.example'), ...us }), 'never 5.4.6');
    const better = { ...mx('mx2.x.example', 'us.other.example', 'mx1.x.example'), ...us };
    assert.equal(await find('y.example', better), 'mx2.x.example/1.0.0.2');
    assert.equal(await find('us.other.example', us), 'never 5.4.6');
    assert.equal(await find('[1.0.1.77]'), 'never 5.4.6');
    assert.equal(await find('[ipv6:::ffff:1.0.1.77]'), 'never 5.4.6');
  });

  it('does not send to itself for want of an MX', async () => {
    assert.equal(await find('mail.example.edu', { 'mail.example.edu': { a: ['1.0.0.7'] } }), 'never 5.4.6');
  });

  it('refuses private addresses unless they are allowed', async () => {
    const inside: Zone = {
      'y.example': { a: ['127.0.0.1', '1.0.0.1'] },
      'z.example': { a: ['10.0.0.1'], aaaa: ['::1'] },
    };
    assert.equal(await find('y.example', inside), 'y.example/1.0.0.1');
    assert.equal(await find('z.example', inside), 'never 5.4.4');
    assert.equal(await find('z.example', inside, { allowsPrivate: true }), 'z.example/10.0.0.1 z.example/::1');
  });

  it('takes address literals at their word', async () => {
    assert.equal(await find('[1.0.0.3]'), '1.0.0.3/1.0.0.3');
    assert.equal(await find('[ipv6:2a00::3]'), '2a00::3/2a00::3');
    assert.equal(await find('[127.0.0.1]'), 'never 5.4.4');
    assert.equal(await find('[ipv6:::ffff:127.0.0.1]'), 'never 5.4.4');
    assert.equal(await find('[ipv6:fe80::1%lo]'), 'never 5.4.4');
    assert.equal(await find('[1.2.3]'), 'never 5.1.2');
    assert.equal(await find('[127.0.0.1]', {}, { allowsPrivate: true }), '127.0.0.1/127.0.0.1');
  });

  it('asks about so many servers and no more', async () => {
    const names = Array.from({ length: 500 }, (_, i) => `mx${i}.many.example`);
    const addresses = Array.from({ length: 200 }, (_, i) => `1.0.0.${i}`);
    const finder = finderOf({ ...mx(...names), ...Object.fromEntries(names.map((name) => [name, { a: addresses }])) });
    const found = await findHosts('y.example', finder);
    assert.equal(finder.resolver.asked.length, 1 + 8 * 2);
    assert.equal(found.kind === 'hosts' && found.hosts.length, 8 * 4);
  });

  it('says whether DNSSEC proved the way', async () => {
    const isAuthentic = true;
    const signed: Zone = {
      'y.example': { a: ['1.0.0.1'], isAuthentic },
      'mx1.x.example': { a: ['1.0.0.2'], isAuthentic },
    };
    const prove = async (domain: string): Promise<unknown> => {
      const found = await findHosts(domain, finderOf(signed));
      return found.kind === 'hosts' && found.hosts[0]?.isAuthentic;
    };
    assert.equal(await prove('y.example'), true);
    assert.equal(await prove('x.example'), false);
  });
});
