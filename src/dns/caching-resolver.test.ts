import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { systemRandom } from '#base/random.ts';
import { CachingResolver, type CachingResolverParts } from './caching-resolver.ts';
import { parseDnsServer, type DnsServer } from './servers.ts';
import { TestDnsServer, type Behave, type Behaviour } from './testing/dns-server.ts';
import { FakeResolver, type Zone } from './testing/zone.ts';

const timeout = 20_000;

const LONG_TEXT = `v=DKIM1; p=${'A'.repeat(60_000)}`;
const ZONE: Zone = {
  'kust.example': {
    mx: [
      { exchange: 'mx2.kust.example', preference: 20 },
      { exchange: 'mx1.kust.example', preference: 10 },
    ],
    txt: ['v=spf1 mx -all', '学校 🏫'],
    isAuthentic: true,
    ttlS: 120,
  },
  'mx1.kust.example': { a: ['192.0.2.1', '192.0.2.2'], aaaa: ['2001:db8::1'], isAuthentic: true },
  '_25._tcp.mx1.kust.example': {
    tlsa: [{ usage: 3, selector: 1, matchingType: 1, data: new Uint8Array(32).fill(7) }],
    isAuthentic: true,
  },
  '_imaps._tcp.kust.example': { srv: [{ priority: 0, weight: 1, port: 993, target: 'mx1.kust.example' }] },
  '_pop3._tcp.kust.example': { srv: [{ priority: 0, weight: 0, port: 0, target: '' }] },
  'nothing.example': { mx: [{ exchange: '', preference: 0 }] },
  '192.0.2.1': { ptr: ['mx1.kust.example'] },
  '2001:db8::1': { ptr: ['mx1.kust.example'] },
  'alias.example': { cname: 'alias2.example', ttlS: 30, isAuthentic: true },
  'alias2.example': { cname: 'mx1.kust.example', ttlS: 90, isAuthentic: true },
  'dangling.example': { cname: 'nowhere.example' },
  'circle.example': { cname: 'circle2.example' },
  'circle2.example': { cname: 'circle.example' },
  'long.example': { txt: [LONG_TEXT] },
  'many.example': { a: Array.from({ length: 150 }, (_, i) => `198.51.100.${i}`) },
  'deep.below.example': { a: ['192.0.2.9'] },
  'xn--fiqs8s.example': { a: ['192.0.2.8'] },
  'broken.example': { fails: 'servfail' },
  'closed.example': { fails: 'refused' },
};

function serverOf(server: TestDnsServer, isTrusted = true): DnsServer {
  return { address: '127.0.0.1', port: server.port, isTrusted };
}

interface Scene extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly servers: readonly TestDnsServer[];
  readonly first: TestDnsServer;
  readonly second: TestDnsServer;
  readonly resolver: CachingResolver;
  readonly counted: Map<string, number>;
}

async function open(
  options: { behave?: Behave; behaveSecond?: Behave } & Partial<CachingResolverParts> = {},
): Promise<Scene> {
  const clock = new FakeClock();
  const first = await TestDnsServer.start({ zone: ZONE, ...(options.behave && { behave: options.behave }) });
  const second = await TestDnsServer.start({
    zone: ZONE,
    ...(options.behaveSecond && { behave: options.behaveSecond }),
  });
  const counted = new Map<string, number>();
  const resolver = new CachingResolver({
    servers: options.behaveSecond === undefined ? [serverOf(first)] : [serverOf(first), serverOf(second)],
    clock,
    random: systemRandom,
    metrics: {
      count: (name) => counted.set(name, (counted.get(name) ?? 0) + 1),
      gauge: () => undefined,
      observe: () => undefined,
    },
    ...options,
  });
  return {
    clock,
    servers: [first, second],
    first,
    second,
    resolver,
    counted,
    async [Symbol.asyncDispose]() {
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
    },
  };
}

/** A behaviour for each question in turn; the last one stays. */
function inTurn(...behaviours: Behaviour[]): Behave {
  return () => (behaviours.length > 1 ? (behaviours.shift() as Behaviour) : (behaviours[0] as Behaviour));
}

describe('look-ups', { timeout }, () => {
  it('are what the zone says, as the resolver for tests has it', async () => {
    await using scene = await open();
    const fake = new FakeResolver(ZONE);
    const names = [
      ...Object.keys(ZONE),
      'KUST.Example.',
      '中国.example',
      'below.example',
      'absent.example',
      'a..b',
      '',
    ];
    for (const name of names) {
      for (const method of ['mx', 'a', 'aaaa', 'txt', 'ptr', 'tlsa', 'srv', 'cname'] as const) {
        const [real, faked] = [await scene.resolver[method](name), await fake[method](name)];
        if (name === 'many.example' && method === 'a') continue;
        if (real.kind === 'failed' && faked.kind === 'failed') assert.equal(real.why, faked.why, `${method} ${name}`);
        else if (real.kind === 'found' && faked.kind === 'found') {
          const sort = (records: readonly object[] | readonly string[]) =>
            records.map((r) => JSON.stringify(r)).toSorted();
          assert.deepEqual(sort(real.records as string[]), sort(faked.records as string[]));
          assert.deepEqual([real.isAuthentic, real.ttlS], [faked.isAuthentic, faked.ttlS], `${method} ${name}`);
        } else if (real.kind === 'absent' && faked.kind === 'absent') {
          assert.deepEqual([real.why, real.isAuthentic], [faked.why, faked.isAuthentic], `${method} ${name}`);
        } else assert.fail(`${method} ${name}: ${real.kind}, ${faked.kind}`);
      }
    }
  });

  it('show the null MX', async () => {
    await using scene = await open();
    const answer = await scene.resolver.mx('nothing.example');
    assert.deepEqual(answer.kind === 'found' && answer.records, [{ exchange: '', preference: 0 }]);
  });

  it('go to TCP for what does not fit a datagram', async () => {
    await using scene = await open();
    const answer = await scene.resolver.txt('long.example');
    assert.deepEqual(answer.kind === 'found' && answer.records, [LONG_TEXT]);
    assert.deepEqual(
      scene.first.asked.map(({ transport }) => transport),
      ['udp', 'tcp'],
    );
  });

  it('keep so many records and no more', async () => {
    await using scene = await open();
    const answer = await scene.resolver.a('many.example');
    assert.equal(answer.kind === 'found' && answer.records.length, 100);
  });

  it('send nothing for what is no name', async () => {
    await using scene = await open();
    for (const name of ['', 'a..b', `${'x'.repeat(64)}.example`, 'a\nb']) {
      const answer = await scene.resolver.a(name);
      assert.equal(answer.kind === 'failed' && answer.why, 'badName');
    }
    assert.equal((await scene.resolver.ptr('mail.example')).kind, 'failed');
    assert.deepEqual(scene.first.asked, []);
  });
});

describe('aliases', { timeout }, () => {
  it('are followed through the answer, and the shortest TTL of all counts', async () => {
    await using scene = await open();
    const answer = await scene.resolver.a('alias.example');
    assert.deepEqual(answer, { kind: 'found', records: ['192.0.2.1', '192.0.2.2'], isAuthentic: true, ttlS: 30 });
    assert.equal(scene.first.asked.length, 1);
  });

  it('are asked for on when the answer stops at one', async () => {
    await using scene = await open({ behave: ({ name }) => (name.startsWith('alias') ? 'aliasOnly' : 'answer') });
    const answer = await scene.resolver.a('alias.example');
    assert.equal(answer.kind === 'found' && answer.ttlS, 30);
    assert.deepEqual(
      scene.first.asked.map(({ name }) => name),
      ['alias.example', 'alias2.example', 'mx1.kust.example'],
    );
  });

  it('that lead nowhere, far or in a circle end', async () => {
    await using scene = await open({ behave: ({ name }) => (name.startsWith('c') ? 'aliasOnly' : 'answer') });
    const nowhere = await scene.resolver.mx('dangling.example');
    assert.equal(nowhere.kind === 'absent' && nowhere.why, 'nxdomain');
    const circle = await scene.resolver.a('circle.example');
    assert.equal(circle.kind === 'failed' && circle.why, 'servfail');
    for (const length of [8, 9]) {
      scene.first.zone = Object.fromEntries([
        ...Array.from({ length }, (_, i) => [
          `c${i}.far${length}.example`,
          { cname: `c${i + 1}.far${length}.example` },
        ]),
        [`c${length}.far${length}.example`, { a: ['192.0.2.3'] }],
      ]) as Zone;
      const far = await scene.resolver.a(`c0.far${length}.example`);
      assert.equal(far.kind, length === 8 ? 'found' : 'failed');
    }
  });

  it('are not authentic when any of them is not', async () => {
    await using scene = await open();
    scene.first.zone = { ...ZONE, 'alias2.example': { cname: 'mx1.kust.example' } };
    const answer = await scene.resolver.a('alias.example');
    assert.equal(answer.kind === 'found' && answer.isAuthentic, false);
  });
});

describe('a server', { timeout }, () => {
  it('is believed about DNSSEC only when it is trusted', async () => {
    await using server = await TestDnsServer.start({ zone: ZONE });
    for (const isTrusted of [true, false]) {
      const resolver = new CachingResolver({
        servers: [serverOf(server, isTrusted)],
        clock: new FakeClock(),
        random: systemRandom,
      });
      const answer = await resolver.mx('kust.example');
      assert.equal(answer.kind === 'found' && answer.isAuthentic, isTrusted);
      assert.equal(server.asked.at(-1)?.isDnssecWanted, isTrusted);
    }
  });

  it('that cannot say is asked once, and the next one asked', async () => {
    for (const fault of ['servfail', 'refused', Buffer.from('garbage'), 'wrongId'] as const) {
      // What is no answer is not fatal: the server is waited for.
      const behave: Behave = () =>
        fault === 'servfail' || fault === 'refused' ? fault : [fault, 'otherQuestion', 'answer'];
      await using scene = await open({ behave, behaveSecond: () => 'answer' });
      const answer = await scene.resolver.mx('kust.example');
      assert.equal(answer.kind, 'found', String(fault));
      assert.equal(scene.first.asked.length, 1);
      assert.equal(scene.second.asked.length, fault === 'servfail' || fault === 'refused' ? 1 : 0);
      if (scene.second.asked.length === 0) assert.equal(scene.counted.get('campusmail_dns_strays_total'), 2);
    }
  });

  it('that is silent is asked again, and last for a while', async () => {
    await using scene = await open({ behave: inTurn('drop', 'answer'), behaveSecond: () => 'servfail' });
    const { clock, first, second, resolver } = scene;
    const answer = resolver.mx('kust.example');
    await first.waitForQuestions(1);
    clock.advance(2_000);
    assert.equal((await answer).kind, 'found');
    assert.deepEqual([first.asked.length, second.asked.length], [2, 1]);
    // It answered: it comes first again.
    await resolver.a('mx1.kust.example');
    assert.deepEqual([first.asked.length, second.asked.length], [3, 1]);

    first.behave = () => 'drop';
    second.behave = () => 'answer';
    const slow = resolver.aaaa('mx1.kust.example');
    await first.waitForQuestions(4);
    clock.advance(2_000);
    assert.equal((await slow).kind, 'found');
    await resolver.txt('kust.example');
    assert.deepEqual([first.asked.length, second.asked.length], [4, 3]);
    clock.advance(30_000);
    first.behave = () => 'answer';
    await resolver.tlsa('_25._tcp.mx1.kust.example');
    assert.deepEqual([first.asked.length, second.asked.length], [5, 3]);
  });

  it('is not called dead for one lost datagram while it answers others', async () => {
    const behave: Behave = ({ name }) => (name === 'lost.example' ? 'drop' : 'answer');
    await using scene = await open({ behave, behaveSecond: () => 'answer' });
    const { clock, first, second, resolver } = scene;
    const lost = resolver.a('lost.example');
    await first.waitForQuestions(1);
    clock.advance(1_000);
    await resolver.a('mx1.kust.example');
    clock.advance(1_000);
    assert.equal((await lost).kind, 'absent');
    await resolver.mx('kust.example');
    assert.deepEqual([first.asked.length, second.asked.length], [3, 1]);
  });

  it('may fail with all others: the answer is a failure, never "no such domain"', async () => {
    await using scene = await open({ behave: () => 'drop', behaveSecond: () => 'drop' });
    const { clock, first, second, resolver } = scene;
    const answer = resolver.mx('kust.example');
    await first.waitForQuestions(1);
    clock.advance(2_000);
    await second.waitForQuestions(1);
    clock.advance(2_000);
    await first.waitForQuestions(2);
    clock.advance(2_000);
    await second.waitForQuestions(2);
    clock.advance(2_000);
    const failed = await answer;
    assert.equal(failed.kind === 'failed' && failed.why, 'timeout');
    // With nobody alive, one round has to do.
    const next = resolver.a('kust.example');
    await first.waitForQuestions(3);
    clock.advance(2_000);
    await second.waitForQuestions(3);
    clock.advance(2_000);
    assert.equal((await next).kind, 'failed');
  });

  it('that is not there is known at once', async () => {
    await using scene = await open();
    const gone = createSocket('udp4');
    gone.bind(0, '127.0.0.1');
    await once(gone, 'listening');
    const nobody = { ...(parseDnsServer(`127.0.0.1:${gone.address().port}`) as DnsServer), isTrusted: false };
    gone.close();
    await once(gone, 'close');
    // No time passes on this clock: only the system's word can end the first try.
    const resolver = new CachingResolver({
      servers: [nobody, serverOf(scene.first)],
      clock: scene.clock,
      random: systemRandom,
    });
    assert.equal((await resolver.mx('kust.example')).kind, 'found');
  });

  it('that sends garbage under the right header is malformed', async () => {
    await using scene = await open();
    scene.first.behave = () => 'truncate';
    const truncatedTwice = await scene.resolver.a('mx1.kust.example');
    assert.equal(truncatedTwice.kind === 'failed' && truncatedTwice.why, 'malformed');
    scene.first.behave = inTurn('truncate', 'closeConnection');
    const closed = await scene.resolver.aaaa('mx1.kust.example');
    assert.equal(closed.kind === 'failed' && closed.why, 'malformed');
    scene.first.behave = inTurn('truncate', Buffer.from('garbage'));
    const garbage = await scene.resolver.mx('kust.example');
    assert.equal(garbage.kind === 'failed' && garbage.why, 'malformed');
    // The records are there, and none can be used.
    scene.first.behave = () => 'answer';
    scene.first.zone = { 'bad.example': { mx: [{ exchange: 'a b.example', preference: 1 }] } };
    const unusable = await scene.resolver.mx('bad.example');
    assert.equal(unusable.kind === 'failed' && unusable.why, 'malformed');
  });

  it('that folds case, or is drowned out by forgers, is asked by TCP', async () => {
    for (const behaviour of [['lowerCase'], Array<Behaviour>(20).fill('wrongId')] as const) {
      await using scene = await open({ behave: ({ transport }) => (transport === 'udp' ? behaviour : 'lowerCase') });
      assert.equal((await scene.resolver.mx('kust.example')).kind, 'found');
      assert.equal(scene.first.asked.at(-1)?.transport, 'tcp');
    }
  });

  it('that does not know EDNS is asked without', async () => {
    for (const fault of ['formerr', 'bareFormerr'] as const) {
      await using scene = await open({ behave: ({ hasEdns }) => (hasEdns ? fault : 'answer') });
      assert.equal((await scene.resolver.mx('kust.example')).kind, 'found');
      scene.first.behave = () => fault;
      const failed = await scene.resolver.a('kust.example');
      assert.equal(failed.kind === 'failed' && failed.why, 'servfail');
    }
  });
});

describe('the cache', { timeout }, () => {
  it('answers until the TTL is over, and says what is left of it', async () => {
    await using scene = await open();
    const { clock, first, resolver } = scene;
    await resolver.mx('kust.example');
    clock.advance(50_000);
    const kept = await resolver.mx('KUST.example.');
    assert.equal(kept.kind === 'found' && kept.ttlS, 70);
    clock.advance(69_999);
    await resolver.mx('kust.example');
    assert.equal(first.asked.length, 1);
    clock.advance(1);
    await resolver.mx('kust.example');
    assert.equal(first.asked.length, 2);
  });

  it('keeps within bounds what has no TTL, or too long a one', async () => {
    await using scene = await open();
    scene.first.zone = {
      'short.example': { a: ['192.0.2.1'], ttlS: 0 },
      'long.example': { a: ['192.0.2.1'], ttlS: 2 ** 31 - 1 },
    };
    const ttl = async (name: string) => {
      const answer = await scene.resolver.a(name);
      return answer.kind === 'found' && answer.ttlS;
    };
    assert.deepEqual([await ttl('short.example'), await ttl('long.example')], [1, 86_400]);
  });

  it('keeps that there is none for as long as the zone says, and failures for a short time', async () => {
    await using scene = await open();
    const { clock, first, resolver } = scene;
    const asked = async (name: string): Promise<number> => {
      await resolver.mx(name);
      return first.asked.length;
    };
    assert.equal(await asked('absent.example'), 1);
    clock.advance(59_000);
    assert.equal(await asked('absent.example'), 1);
    clock.advance(1_000);
    assert.equal(await asked('absent.example'), 2);
    assert.equal(await asked('broken.example'), 3);
    clock.advance(14_000);
    assert.equal(await asked('broken.example'), 3);
    clock.advance(1_000);
    assert.equal(await asked('broken.example'), 4);
  });

  it('asks once what many want to know at the same time', async () => {
    const gate = Promise.withResolvers<Behaviour>();
    await using scene = await open({ behave: () => gate.promise });
    const answers = Array.from({ length: 50 }, () => scene.resolver.mx('kust.example'));
    await scene.first.waitForQuestions(1);
    gate.resolve('answer');
    for (const answer of await Promise.all(answers)) assert.equal(answer.kind, 'found');
    assert.equal(scene.first.asked.length, 1);
  });

  it('never holds more than it may', async () => {
    const limits = { cacheEntries: 3 };
    await using scene = await open({ limits });
    for (const name of ['a.example', 'b.example', 'c.example', 'd.example', 'a.example', 'd.example']) {
      await scene.resolver.a(name);
    }
    assert.equal(scene.first.asked.length, 5);
    await using small = await open({ limits: { cacheOctets: 10_000 } });
    await small.resolver.txt('long.example');
    await small.resolver.txt('long.example');
    assert.equal(small.first.asked.length, 4);
  });

  it('takes answers in any order, each for its own question', async () => {
    const gates: (() => void)[] = [];
    const behave: Behave = () => new Promise<Behaviour>((resolve) => gates.push(() => resolve('answer')));
    await using scene = await open({ behave, limits: { questionsUnderWay: 40 } });
    const zone: Record<string, { a: string[] }> = {};
    for (let i = 0; i < 40; i++) zone[`host${i}.example`] = { a: [`192.0.2.${i}`] };
    scene.first.zone = zone;
    const answers = Object.keys(zone).map((name) => scene.resolver.a(name));
    await scene.first.waitForQuestions(40);
    // A stride that is prime to 40 visits all of them, far from the order they came in.
    for (let i = 0; i < 40; i++) gates[(i * 17 + 5) % 40]?.();
    const found = (await Promise.all(answers)).map((answer) => (answer.kind === 'found' ? answer.records : []));
    assert.deepEqual(
      found,
      Object.values(zone).map(({ a }) => a),
    );
  });

  it('asks so many questions at once, and turns away what would wait too long', async () => {
    const gate = Promise.withResolvers<Behaviour>();
    const limits = { questionsUnderWay: 2, questionsWaiting: 3 };
    await using scene = await open({ behave: () => gate.promise, limits });
    const answers = [0, 1, 2, 3, 4, 5].map((i) => scene.resolver.a(`host${i}.example`));
    await scene.first.waitForQuestions(2);
    const turnedAway = await answers[5];
    assert.equal(turnedAway?.kind === 'failed' && turnedAway.why, 'timeout');
    assert.equal(scene.first.asked.length, 2);
    gate.resolve('answer');
    for (const answer of await Promise.all(answers.slice(0, 5))) assert.equal(answer.kind, 'absent');
  });
});
