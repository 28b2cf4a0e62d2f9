/** What every TrustStore promises, as tests; called by each backend. */
import { DAY_MS } from '#base/clock.ts';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isMailError } from '#base/errors.ts';
import type { DkimKey } from '#trust/dkim-keys.ts';
import type { DmarcObservation, ReceivedDmarcReport } from '#trust/dmarc-report.ts';
import { MAX_DMARC_REPORTS_PER_DAY } from '#trust/limits.ts';
import type { StsPolicy } from '#trust/mta-sts.ts';
import type { TrustStore } from '#trust/ports/trust-store.ts';
import type { TlsObservation } from '#trust/tls-report.ts';
import type { DmarcRecord } from '#trust/types.ts';
import type { TestStore } from '#test/harness/stores.ts';

const DAY = 20_000;

const key = (selector: string, patch: Partial<DkimKey> = {}): DkimKey => ({
  domain: 'example.edu',
  selector,
  algorithm: 'rsa-sha256',
  state: 'new',
  privateKey: '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n',
  publicKey: 'MIIB',
  createdAt: 5,
  changedAt: 5,
  ...patch,
});

const policy = (patch: Partial<DmarcRecord> = {}): DmarcRecord => ({
  domain: 'bank.example',
  p: 'reject',
  sp: 'quarantine',
  np: 'reject',
  pct: 100,
  adkim: 'r',
  aspf: 's',
  rua: 'mailto:d@bank.example',
  isTesting: false,
  ...patch,
});

const seen = (sourceIp: string, patch: Partial<DmarcObservation> = {}): DmarcObservation => ({
  policyDomain: 'bank.example',
  sourceIp,
  headerFrom: 'bank.example',
  disposition: 'none',
  override: '',
  dkim: 'pass',
  spf: 'fail',
  spfDomain: 'mailer.example',
  spfResult: 'pass',
  dkimDomain: 'bank.example',
  dkimSelector: 's',
  dkimResult: 'pass',
  ...patch,
});

const session = (mxHost: string, patch: Partial<TlsObservation> = {}): TlsObservation => ({
  policyDomain: 'bank.example',
  policyType: 'sts',
  mxHost,
  result: 'success',
  receivingIp: '192.0.2.1',
  ...patch,
});

const report = (reportId: string, endS: number, patch: Partial<ReceivedDmarcReport> = {}): ReceivedDmarcReport => ({
  orgName: '示例 "Inc"',
  reportId,
  domain: 'example.edu',
  beginS: endS - 86_399,
  endS,
  rows: [
    { sourceIp: '2001:db8::1', count: 3, disposition: 'none', dkim: 'pass', spf: 'fail', headerFrom: 'example.edu' },
  ],
  isCut: false,
  ...patch,
});

export function trustStoreContract(name: string, open: () => Promise<TestStore>): void {
  const withStore = (title: string, body: (store: TrustStore, opened: TestStore) => Promise<void>): void => {
    test(title, async () => {
      const opened = await open();
      try {
        await body(opened.trust, opened);
      } finally {
        await opened.close();
      }
    });
  };
  const states = async (store: TrustStore): Promise<unknown> =>
    (await store.reader.dkimKeys('example.edu')).map(({ selector, state }) => [selector, state]);

  describe(`TrustStore contract: ${name}`, () => {
    withStore('nothing is there at first', async ({ reader }) => {
      assert.deepEqual(await reader.dkimKeys(), []);
      assert.equal(await reader.stsPolicy('example.edu'), undefined);
      assert.deepEqual(await reader.dmarcDomains(DAY), []);
      assert.equal(await reader.dmarcDay(DAY, 'bank.example'), undefined);
      assert.deepEqual(await reader.tlsDomains(DAY), []);
      assert.deepEqual(await reader.tlsDay(DAY, 'bank.example'), []);
      assert.deepEqual(await reader.dmarcReports('example.edu', 0, 10), []);
    });

    withStore('keys come back as they were added, each name once a domain', async (store) => {
      const keys = [
        key('c2026b', { createdAt: 9, changedAt: 9 }),
        key('c2026a', { algorithm: 'ed25519-sha256' }),
        key('c2026a', { domain: 'a.example' }),
      ];
      for (const one of keys) await store.run('addDkimKey', { key: one });
      assert.deepEqual(await store.reader.dkimKeys(), [keys[2], keys[1], keys[0]]);
      assert.deepEqual(await store.reader.dkimKeys('example.edu'), [keys[1], keys[0]]);
      await assert.rejects(store.run('addDkimKey', { key: keys[0] }), (error) => isMailError(error, 'alreadyExists'));
      for (const bad of [key('c2026c', { state: 'active' }), key('a b')]) {
        await assert.rejects(store.run('addDkimKey', { key: bad }), (error) => isMailError(error, 'invalid'));
      }
      const races = await Promise.allSettled(
        Array.from({ length: 6 }, () => store.run('addDkimKey', { key: key('raced') })),
      );
      assert.equal(races.filter(({ status }) => status === 'fulfilled').length, 1);
    });

    withStore('of each algorithm one key is active, also when two race', async (store, { clock }) => {
      const names = ['c2026a', 'c2026b', 'c2026c', 'c2026d'];
      for (const [index, selector] of names.entries()) {
        await store.run('addDkimKey', { key: key(selector, { createdAt: index }) });
      }
      await store.run('addDkimKey', { key: key('ed', { algorithm: 'ed25519-sha256', createdAt: 9 }) });
      await store.run('activateDkimKey', { domain: 'example.edu', selector: 'c2026a' });
      await store.run('activateDkimKey', { domain: 'example.edu', selector: 'ed' });
      await store.run('activateDkimKey', { domain: 'example.edu', selector: 'c2026b' });
      assert.deepEqual(await states(store), [
        ['c2026a', 'retired'],
        ['c2026b', 'active'],
        ['c2026c', 'new'],
        ['c2026d', 'new'],
        ['ed', 'active'],
      ]);
      assert.equal((await store.reader.dkimKeys('example.edu'))[1]?.changedAt, clock.now());
      await Promise.all(
        ['c2026c', 'c2026d'].map((selector) => store.run('activateDkimKey', { domain: 'example.edu', selector })),
      );
      const active = (await store.reader.dkimKeys()).filter(({ state }) => state === 'active');
      assert.deepEqual(active.map(({ algorithm }) => algorithm).toSorted(), ['ed25519-sha256', 'rsa-sha256']);
      const again = store.run('activateDkimKey', { domain: 'example.edu', selector: 'c2026a' });
      await assert.rejects(again, (error) => isMailError(error, 'invalid'));
      const unknown = store.run('activateDkimKey', { domain: 'example.edu', selector: 'never' });
      await assert.rejects(unknown, (error) => isMailError(error, 'notFound'));
    });

    withStore('a key goes when no mail of it is on its way', async (store, { clock }) => {
      const at = { domain: 'example.edu', selector: 'c2026a' };
      const remove = (): Promise<unknown> => store.run('removeDkimKey', at);
      await store.run('addDkimKey', { key: key('c2026a') });
      // One that never signed is not made to wait two weeks for mail that there is none of.
      await assert.rejects(store.run('retireDkimKey', at), (error) => isMailError(error, 'invalid'));
      await remove();
      assert.deepEqual(await store.reader.dkimKeys(), []);
      await store.run('addDkimKey', { key: key('c2026a') });
      await store.run('activateDkimKey', at);
      await assert.rejects(remove(), (error) => isMailError(error, 'inUse'));
      await store.run('retireDkimKey', at);
      await store.run('retireDkimKey', at);
      await assert.rejects(remove(), (error) => isMailError(error, 'inUse'));
      if (!('advance' in clock)) throw new Error('a FakeClock is needed');
      (clock as { advance(ms: number): void }).advance(15 * DAY_MS);
      await remove();
      assert.deepEqual(await store.reader.dkimKeys(), []);
    });

    withStore('whoever watches hears of changed keys, and of nothing else', async (store) => {
      const heard: string[] = [];
      let wake = (): void => {};
      const stop = store.watch((domain) => {
        heard.push(domain);
        wake();
      });
      const woken = new Promise<void>((resolve) => (wake = resolve));
      await store.run('countObservations', { day: DAY, dmarc: [], tls: [{ ...session('mx'), count: 1 }] });
      await store.run('addDkimKey', { key: key('c2026a') });
      await woken;
      stop();
      assert.deepEqual(heard, ['example.edu']);
    });

    withStore('policies of others are kept, replaced and forgotten', async (store) => {
      const sts: StsPolicy = { id: '1', mode: 'enforce', mx: ['*.bank.example'], expiresAt: 1000 };
      await store.run('keepStsPolicy', { domain: 'bank.example', policy: sts });
      assert.deepEqual(await store.reader.stsPolicy('bank.example'), sts);
      await store.run('keepStsPolicy', { domain: 'bank.example', policy: { ...sts, id: '2', expiresAt: 2000 } });
      assert.equal((await store.reader.stsPolicy('bank.example'))?.id, '2');
      await store.run('forget', { expiredBefore: 2000, observedBeforeDay: 0, reportsBeforeS: 0 });
      assert.equal((await store.reader.stsPolicy('bank.example'))?.id, '2');
      await store.run('forget', { expiredBefore: 2001, observedBeforeDay: 0, reportsBeforeS: 0 });
      assert.equal(await store.reader.stsPolicy('bank.example'), undefined);
    });

    withStore('what is alike is counted together, by day and domain', async (store) => {
      const count = (day: number, patch: Partial<DmarcRecord>, ...rows: readonly [DmarcObservation, number][]) =>
        store.run('countObservations', {
          day,
          dmarc: [{ policy: policy(patch), rows: rows.map(([row, times]) => ({ ...row, count: times })) }],
          tls: [{ ...session('mx1.bank.example'), count: 2 }],
        });
      await count(DAY, {}, [seen('192.0.2.1'), 2], [seen('192.0.2.2'), 1]);
      await count(DAY, { p: 'none' }, [seen('192.0.2.1'), 5], [seen('192.0.2.1', { disposition: 'reject' }), 1]);
      await count(DAY + 1, {}, [seen('192.0.2.1'), 9]);
      await count(DAY, { domain: 'a.example' }, [
        seen('192.0.2.1', { policyDomain: 'a.example', spfDomain: 'a\0b' }),
        1,
      ]);
      assert.deepEqual(await store.reader.dmarcDomains(DAY), ['a.example', 'bank.example']);
      const day = await store.reader.dmarcDay(DAY, 'bank.example');
      assert.deepEqual(day?.policy, policy({ p: 'none' }));
      assert.deepEqual(
        day?.rows.map(({ sourceIp, disposition, count: times }) => [sourceIp, disposition, times]),
        [
          ['192.0.2.1', 'none', 7],
          ['192.0.2.1', 'reject', 1],
          ['192.0.2.2', 'none', 1],
        ],
      );
      assert.deepEqual(day?.rows[2], { ...seen('192.0.2.2'), count: 1 });
      assert.deepEqual(await store.reader.tlsDomains(DAY), ['bank.example']);
      assert.deepEqual(await store.reader.tlsDay(DAY, 'bank.example'), [{ ...session('mx1.bank.example'), count: 6 }]);
      await Promise.all(
        Array.from({ length: 8 }, () => count(DAY + 2, {}, [seen('192.0.2.1'), 1], [seen('192.0.2.2'), 1])),
      );
      const raced = await store.reader.dmarcDay(DAY + 2, 'bank.example');
      assert.deepEqual(
        raced?.rows.map(({ count: times }) => times),
        [8, 8],
      );
      await store.run('forget', { expiredBefore: 0, observedBeforeDay: DAY + 1, reportsBeforeS: 0 });
      assert.deepEqual(await store.reader.dmarcDomains(DAY), []);
      assert.equal(await store.reader.dmarcDay(DAY, 'bank.example'), undefined);
      assert.deepEqual(await store.reader.tlsDay(DAY, 'bank.example'), []);
      assert.equal((await store.reader.dmarcDay(DAY + 1, 'bank.example'))?.rows.length, 1);
    });

    withStore('each report is claimed once, in order, until all are claimed', async (store) => {
      const domains = ['a.example', 'b.example', 'c.example', 'd.example'];
      const claim = (day: number, kind: string) =>
        store.run('claimReport', { day, kind }) as Promise<string | undefined>;
      assert.equal(await claim(DAY, 'tls'), undefined);
      for (const day of [DAY, DAY + 1]) {
        const tls = domains.map((policyDomain) => ({ ...session('mx', { policyDomain }), count: 1 }));
        const dmarc = [{ policy: policy(), rows: [{ ...seen('192.0.2.1'), count: 1 }] }];
        await store.run('countObservations', { day, dmarc, tls: tls.toReversed() });
      }
      assert.equal(await claim(DAY, 'tls'), 'a.example');
      assert.equal(await claim(DAY, 'dmarc'), 'bank.example');
      assert.equal(await claim(DAY, 'dmarc'), undefined);
      const raced = await Promise.all(Array.from({ length: 5 }, () => claim(DAY, 'tls')));
      assert.deepEqual(raced.filter((one): one is string => one !== undefined).toSorted(), domains.slice(1));
      assert.equal(await claim(DAY + 1, 'tls'), 'a.example');
      // Also the claims of a day go with it.
      await store.run('forget', { expiredBefore: 0, observedBeforeDay: DAY + 1, reportsBeforeS: 0 });
      await store.run('countObservations', { day: DAY, dmarc: [], tls: [{ ...session('mx'), count: 1 }] });
      assert.equal(await claim(DAY, 'tls'), 'bank.example');
      assert.equal(await claim(DAY + 1, 'tls'), 'b.example');
    });

    withStore('of the reports on one day so many are kept', async (store) => {
      const add = (id: number, endS: number): Promise<unknown> =>
        store.run('addDmarcReport', { report: report(String(id), endS) });
      await Promise.all(Array.from({ length: MAX_DMARC_REPORTS_PER_DAY }, (_, id) => add(id, 86_400 + id)));
      await assert.rejects(add(-1, 90_000), (error) => isMailError(error, 'limit'));
      assert.equal(await add(-1, 86_399), true);
    });

    withStore('a report is kept once, and found by its domain and time', async (store) => {
      assert.equal(await store.run('addDmarcReport', { report: report('1', 1000) }), true);
      assert.equal(await store.run('addDmarcReport', { report: report('1', 2000) }), false);
      assert.equal(await store.run('addDmarcReport', { report: report('1', 1500, { orgName: 'other' }) }), true);
      assert.equal(await store.run('addDmarcReport', { report: report('1', 9, { domain: 'b.example' }) }), true);
      assert.deepEqual(await store.reader.dmarcReports('example.edu', 0, 10), [
        report('1', 1500, { orgName: 'other' }),
        report('1', 1000),
      ]);
      assert.equal((await store.reader.dmarcReports('example.edu', 0, 1)).length, 1);
      assert.equal((await store.reader.dmarcReports('example.edu', 1001, 10)).length, 1);
      await store.run('forget', { expiredBefore: 0, observedBeforeDay: 0, reportsBeforeS: 1500 });
      assert.equal((await store.reader.dmarcReports('example.edu', 0, 10)).length, 1);
      assert.deepEqual(await store.reader.dmarcReports('b.example', 0, 10), []);
    });

    withStore('it outlives the store that wrote it', async (store, opened) => {
      await store.run('addDkimKey', { key: key('c2026a') });
      const reopened = await opened.reopen();
      assert.deepEqual(await reopened.trust.reader.dkimKeys(), [key('c2026a')]);
    });
  });
}
