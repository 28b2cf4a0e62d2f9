import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { DAY_MS, FakeClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { noMetrics } from '#base/metrics.ts';
import { systemRandom } from '#base/random.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { openAliyun } from './providers/aliyun.ts';
import { openTencent } from './providers/tencent.ts';
import type { SmsStore } from './ports/sms-store.ts';
import { Sms, type SmsSettings } from './sms.ts';
import { openFakeVendors, type FakeAnswer, type FakeVendors } from './testing/fake-vendors.ts';
import type { ProviderOutcome, SmsMessage, SmsOutcome, SmsProvider } from './types.ts';

const PHONE = '+8613800001234';
const HOUR_MS = 3_600_000;
const SETTINGS: SmsSettings = { mostADay: 1000, mostAMonth: 10_000, perAddress: 20, perNetwork: 60, perPrefix: 100 };

const message = (patch: Partial<SmsMessage> = {}): SmsMessage => ({
  smsId: 'id-1',
  phone: PHONE,
  template: 'code',
  values: [
    { name: 'code', text: '012345' },
    { name: 'minutes', text: '5' },
  ],
  ...patch,
});

/** Sends nothing, and notes what it was given. */
function recorder(name: string, outcome: ProviderOutcome = { kind: 'sent', providerId: 'x' }) {
  const messages: SmsMessage[] = [];
  const receipt: { value: 'sent' | 'failed' | undefined } = { value: undefined };
  const provider: SmsProvider = {
    name,
    async send(one) {
      messages.push(one);
      return outcome;
    },
    findReceipt: async () => receipt.value,
  };
  return { provider, messages, receipt };
}

async function openSms(providers: readonly SmsProvider[], settings: Partial<SmsSettings> = {}) {
  const clock = new FakeClock();
  const store: SmsStore = (await openMemoryStore({ clock })).sms;
  const sms = new Sms({
    store,
    providers,
    key: Buffer.alloc(32, 3),
    clock,
    random: systemRandom,
    log: silentLog,
    metrics: noMetrics,
    settings: { ...SETTINGS, ...settings },
    isShared: (address) => address === '198.51.100.1',
  });
  const ask = (patch: Partial<Parameters<Sms['sendCode']>[0]> = {}) =>
    sms.sendCode({ codeId: 'activation 1', phone: PHONE, remoteAddress: '192.0.2.1', ...patch });
  return { sms, clock, ask };
}

function codeOf({ values }: SmsMessage): string {
  return values.find(({ name }) => name === 'code')?.text ?? '';
}

describe('vendors of SMS, by their own clients against a server that speaks like them', () => {
  let vendors: FakeVendors;
  before(async () => void (vendors = await openFakeVendors()));
  after(() => vendors.close());
  beforeEach(() => {
    for (const [vendor, code] of [
      [vendors.aliyun, 'OK'],
      [vendors.tencent, 'Ok'],
    ] as const) {
      vendor.sent.length = 0;
      vendor.actions.length = 0;
      vendor.answer = { code };
      vendor.tellsReceipts = false;
    }
  });

  test('Aliyun gets named values, Tencent an ordered list; both signed so that they take it', async () => {
    const aliyun = await openAliyun(vendors.aliyunSettings).send(message());
    assert.deepEqual(aliyun, { kind: 'sent', providerId: 'biz-1' });
    assert.deepEqual(vendors.aliyun.sent, [
      { phone: '13800001234', template: 'SMS_1', values: '{"code":"012345","minutes":"5"}', id: 'id-1' },
    ]);
    const tencent = await openTencent(vendors.tencentSettings).send(message());
    assert.deepEqual(tencent, { kind: 'sent', providerId: 'serial-1' });
    assert.deepEqual(vendors.tencent.sent, [{ phone: PHONE, template: '101', values: '["012345","5"]', id: 'id-1' }]);
  });

  test('a wrong secret is our trouble, not the number’s', async () => {
    const aliyun = openAliyun({ ...vendors.aliyunSettings, accessKeySecret: 'other' });
    assert.equal((await aliyun.send(message())).kind, 'refused');
    const tencent = openTencent({ ...vendors.tencentSettings, secretKey: 'other' });
    assert.equal((await tencent.send(message())).kind, 'refused');
    assert.deepEqual([vendors.aliyun.sent, vendors.tencent.sent], [[], []]);
  });

  const aliyunCases: readonly (readonly [FakeAnswer, ProviderOutcome['kind'], number?])[] = [
    [{ code: 'isv.BUSINESS_LIMIT_CONTROL', message: '触发分钟级流控Permits:1' }, 'tooOften', 60_000],
    [{ code: 'isv.BUSINESS_LIMIT_CONTROL', message: '触发小时级流控Permits:5' }, 'tooOften', HOUR_MS],
    [{ code: 'isv.BUSINESS_LIMIT_CONTROL', message: '触发天级流控Permits:10' }, 'tooOften', DAY_MS],
    [{ code: 'isv.MOBILE_NUMBER_ILLEGAL' }, 'badNumber'],
    [{ code: 'isv.BLACK_KEY_CONTROL_LIMIT' }, 'blocked'],
    [{ code: 'isv.OUT_OF_SERVICE' }, 'refused'],
    [{ code: 'isv.DAY_LIMIT_CONTROL' }, 'refused'],
    [{ code: 'isv.SMS_SIGN_ILLEGAL' }, 'refused'],
    [{ code: 'isp.RAM_PERMISSION_DENY' }, 'refused'],
    [{ code: 'isv.DENY_IP_RANGE' }, 'refused'],
    [{ code: 'isv.A_CODE_OF_NEXT_YEAR' }, 'refused'],
    ['fault', 'unclear'],
    ['garbage', 'unclear'],
    ['silent', 'unclear'],
  ];
  for (const [answer, kind, retryAfterMs] of aliyunCases) {
    test(`Aliyun: ${JSON.stringify(answer)} means ${kind}, after one call`, async () => {
      vendors.aliyun.answer = answer;
      const outcome = await openAliyun(vendors.aliyunSettings).send(message());
      assert.equal(outcome.kind, kind);
      if (outcome.kind === 'tooOften') assert.equal(outcome.retryAfterMs, retryAfterMs);
      assert.deepEqual(vendors.aliyun.actions, ['SendSms']);
    });
  }

  const tencentCases: readonly (readonly [FakeAnswer, ProviderOutcome['kind'], number?])[] = [
    [{ code: 'LimitExceeded.DeliveryFrequencyLimit' }, 'tooOften', 60_000],
    [{ code: 'LimitExceeded.PhoneNumberThirtySecondLimit' }, 'tooOften', 60_000],
    [{ code: 'LimitExceeded.PhoneNumberOneHourLimit' }, 'tooOften', HOUR_MS],
    [{ code: 'LimitExceeded.PhoneNumberDailyLimit' }, 'tooOften', DAY_MS],
    [{ code: 'InvalidParameterValue.IncorrectPhoneNumber' }, 'badNumber'],
    [{ code: 'FailedOperation.PhoneNumberInBlacklist' }, 'blocked'],
    [{ code: 'FailedOperation.SignatureIncorrectOrUnapproved' }, 'refused'],
    [{ code: 'UnauthorizedOperation.RequestIpNotInWhitelist' }, 'refused'],
    ['fault', 'unclear'],
    ['garbage', 'unclear'],
    ['silent', 'unclear'],
  ];
  for (const [answer, kind, retryAfterMs] of tencentCases) {
    test(`Tencent: ${JSON.stringify(answer)} means ${kind}, after one call`, async () => {
      vendors.tencent.answer = answer;
      const outcome = await openTencent(vendors.tencentSettings).send(message());
      assert.equal(outcome.kind, kind);
      if (outcome.kind === 'tooOften') assert.equal(outcome.retryAfterMs, retryAfterMs);
      assert.deepEqual(vendors.tencent.actions, ['SendSms']);
    });
  }

  test('nobody there: nothing was sent', async () => {
    const closed = await openFakeVendors();
    await closed.close();
    assert.equal((await openAliyun(closed.aliyunSettings).send(message())).kind, 'refused');
    assert.equal((await openTencent(closed.tencentSettings).send(message())).kind, 'refused');
  });

  test('receipts are found by our own id', async () => {
    const all = [openAliyun(vendors.aliyunSettings), openTencent(vendors.tencentSettings)];
    for (const provider of all) {
      await provider.send(message());
      assert.equal(await provider.findReceipt(message(), Date.UTC(2026, 10, 28)), undefined);
    }
    vendors.aliyun.tellsReceipts = true;
    vendors.tencent.tellsReceipts = true;
    for (const provider of all) {
      assert.equal(await provider.findReceipt(message(), Date.UTC(2026, 10, 28)), 'sent');
      assert.equal(await provider.findReceipt(message({ smsId: 'id-2' }), Date.UTC(2026, 10, 28)), undefined);
    }
  });

  test('of a vendor that falls silent the receipt is asked; only without one does the other send', async () => {
    vendors.aliyun.answer = 'silent';
    vendors.aliyun.tellsReceipts = true;
    const providers = [openAliyun(vendors.aliyunSettings), openTencent(vendors.tencentSettings)];
    const first = await openSms(providers);
    const outcome = await first.ask();
    assert.ok(outcome.kind === 'admitted');
    assert.equal((await outcome.sent).kind, 'sent');
    assert.deepEqual([vendors.aliyun.sent.length, vendors.tencent.sent.length], [1, 0]);

    vendors.aliyun.tellsReceipts = false;
    const second = await openSms(providers);
    const again = await second.ask();
    assert.ok(again.kind === 'admitted');
    assert.deepEqual(await again.sent, { kind: 'sent', provider: 'tencent', providerId: 'serial-1' });
    // The same code both times.
    const [code] = JSON.parse(vendors.tencent.sent[0]?.values ?? '') as readonly string[];
    assert.equal((JSON.parse(vendors.aliyun.sent[1]?.values ?? '') as { code: string }).code, code);
  });
});

describe('codes', () => {
  test('opens once, for its purpose and its number, within five minutes and five tries', async () => {
    const { provider, messages } = recorder('a');
    const { sms, clock, ask } = await openSms([provider]);
    const check = (code: string, patch: { codeId?: string; phone?: string } = {}) =>
      sms.checkCode({ codeId: 'activation 1', phone: PHONE, code, ...patch });
    const send = async (): Promise<string> => {
      clock.advance(HOUR_MS);
      const outcome = await ask();
      assert.ok(outcome.kind === 'admitted');
      await outcome.sent;
      return codeOf(messages.at(-1) as SmsMessage);
    };
    const other = (code: string): string => (code === '000000' ? '000001' : '000000');

    const code = await send();
    assert.match(code, /^\d{6}$/);
    assert.equal(await check(code, { codeId: 'activation 2' }), 'expired');
    assert.equal(await check(code, { phone: '+8613800001235' }), 'expired');
    // As pasted from a message, or typed by an input method.
    assert.equal(await check(` ${code.slice(0, 3)} ${code.slice(3)}`), 'right');
    assert.equal(await check(code), 'expired');

    const second = await send();
    for (let tries = 1; tries < 5; tries++) assert.equal(await check(other(second)), 'wrong');
    assert.equal(await check(other(second)), 'expired');
    assert.equal(await check(second), 'expired');

    const third = await send();
    clock.advance(5 * 60_000);
    assert.equal(await check(third), 'expired');

    const fourth = await send();
    const fifth = await send();
    if (fourth !== fifth) assert.equal(await check(fourth), 'wrong');
    assert.equal(await check(fifth), 'right');
  });

  test('a decoy is counted as others are, goes to nobody and fits nothing', async () => {
    const { provider, messages } = recorder('a');
    const { sms, clock, ask } = await openSms([provider], { mostADay: 1 });
    assert.equal((await ask({ isDecoy: true })).kind, 'admitted');
    assert.equal((await ask({ isDecoy: true })).kind, 'tooOften');
    assert.equal(messages.length, 0);
    for (const code of ['', '000000'])
      assert.equal(await sms.checkCode({ codeId: 'activation 1', phone: PHONE, code }), 'wrong');
    // It cost nothing.
    clock.advance(60_000);
    assert.equal((await ask()).kind, 'admitted');
  });

  test('codes and numbers stand nowhere in the clear', async () => {
    const { provider, messages } = recorder('a');
    const clock = new FakeClock();
    const { sms: store } = await openMemoryStore({ clock });
    const asked: unknown[] = [];
    const spied: SmsStore = {
      reader: store.reader,
      run: (name, args) => {
        asked.push(args);
        return store.run(name, args);
      },
    };
    const sms = new Sms({
      store: spied,
      providers: [provider],
      key: Buffer.alloc(32, 3),
      clock,
      random: systemRandom,
      log: silentLog,
      metrics: noMetrics,
      settings: SETTINGS,
      isShared: () => false,
    });
    await sms.sendCode({ codeId: 'a', phone: PHONE, remoteAddress: '192.0.2.1' });
    const written = JSON.stringify(asked);
    assert.ok(!written.includes(codeOf(messages[0] as SmsMessage)));
    assert.ok(!written.includes('13800001234'));
  });
});

describe('what may be sent', () => {
  test('one a minute, five an hour, ten a day to one number, with the time to wait', async () => {
    const { clock, ask } = await openSms([recorder('a').provider]);
    const ofAnother = { phone: '+8613900001234', codeId: 'activation 2' };
    assert.equal((await ask()).kind, 'admitted');
    assert.deepEqual(await ask(), { kind: 'tooOften', retryAfterMs: 60_000 });
    assert.equal((await ask(ofAnother)).kind, 'admitted');
    for (let sent = 1; sent < 5; sent++) {
      clock.advance(60_000);
      assert.equal((await ask()).kind, 'admitted', `number ${sent + 1}`);
    }
    clock.advance(60_000);
    assert.deepEqual(await ask(), { kind: 'tooOften', retryAfterMs: HOUR_MS - 5 * 60_000 });
    clock.advance(HOUR_MS);
    for (let sent = 5; sent < 10; sent++) {
      assert.equal((await ask({ codeId: `other ${sent}` })).kind, 'admitted', `number ${sent + 1}`);
      clock.advance(60_000);
    }
    clock.advance(HOUR_MS);
    const outcome = await ask();
    assert.ok(outcome.kind === 'tooOften' && outcome.retryAfterMs > 20 * HOUR_MS);
    clock.advance(outcome.retryAfterMs);
    assert.equal((await ask()).kind, 'admitted');
  });

  test('so many an hour for an address and its network, but not where many share one', async () => {
    const { ask } = await openSms([recorder('a').provider], { perAddress: 3, perNetwork: 5, perPrefix: 1000 });
    let number = 0;
    const from = async (remoteAddress: string): Promise<string> => {
      const phone = `+86138${String(number++).padStart(8, '0')}`;
      return (await ask({ phone, remoteAddress, codeId: phone })).kind;
    };
    for (let sent = 0; sent < 3; sent++) assert.equal(await from('192.0.2.1'), 'admitted');
    assert.equal(await from('192.0.2.1'), 'tooOften');
    for (let sent = 0; sent < 2; sent++) assert.equal(await from('192.0.2.2'), 'admitted');
    assert.equal(await from('192.0.2.3'), 'tooOften');
    assert.equal(await from('192.0.3.3'), 'admitted');
    for (let sent = 0; sent < 3; sent++) assert.equal(await from(`2001:db8::${sent}`), 'admitted');
    assert.equal(await from('2001:db8::9'), 'tooOften');
    assert.equal(await from('2001:db8:0:1::9'), 'admitted');
    for (let sent = 0; sent < 10; sent++) assert.equal(await from('198.51.100.1'), 'admitted');
  });

  test('whoever runs through the numbers of a range is stopped', async () => {
    const { ask } = await openSms([recorder('a').provider], { perPrefix: 4, perAddress: 100, perNetwork: 100 });
    const to = async (phone: string): Promise<string> => (await ask({ phone, codeId: phone })).kind;
    for (let sent = 0; sent < 4; sent++) assert.equal(await to(`+861380000000${sent}`), 'admitted');
    assert.equal(await to('+8613800009999'), 'tooOften');
    assert.equal(await to('+8613800010000'), 'admitted');
  });

  test('a day and a month cost so much and no more', async () => {
    const { clock, ask } = await openSms([recorder('a').provider], { mostADay: 2, mostAMonth: 3 });
    let number = 0;
    const next = async (): Promise<string> => {
      const phone = `+86138${String(number++).padStart(8, '0')}`;
      return (await ask({ phone, codeId: phone })).kind;
    };
    assert.deepEqual([await next(), await next(), await next()], ['admitted', 'admitted', 'unavailable']);
    clock.advance(DAY_MS);
    assert.deepEqual([await next(), await next()], ['admitted', 'unavailable']);
    clock.advance(31 * DAY_MS);
    assert.equal(await next(), 'admitted');
  });

  test('a notice goes out beside the codes, by the same vendors', async () => {
    const { provider, messages } = recorder('a');
    const { sms, ask } = await openSms([provider]);
    await ask();
    assert.equal((await sms.notify(PHONE, 'passwordChanged')).kind, 'sent');
    assert.equal(messages.at(-1)?.template, 'passwordChanged');
    assert.equal((await sms.notify(PHONE, 'passwordChanged')).kind, 'tooOften');
  });
});

describe('vendors after one another', () => {
  const sentBy = async (providers: readonly SmsProvider[]): Promise<SmsOutcome> => {
    const outcome = await (await openSms(providers)).ask();
    assert.ok(outcome.kind === 'admitted');
    return outcome.sent;
  };

  test('the next is asked when one refuses, and nobody when the number is the trouble', async () => {
    const out = recorder('out', { kind: 'refused', why: 'isv.OUT_OF_SERVICE' });
    const good = recorder('good');
    assert.deepEqual(await sentBy([out.provider, good.provider]), { kind: 'sent', provider: 'good', providerId: 'x' });
    const bad = recorder('bad', { kind: 'badNumber' });
    assert.deepEqual(await sentBy([bad.provider, good.provider]), { kind: 'badNumber' });
    assert.equal(good.messages.length, 1);
    assert.deepEqual(await sentBy([out.provider]), { kind: 'unavailable' });
    assert.deepEqual(await sentBy([]), { kind: 'unavailable' });
  });

  test('one that failed rests a minute: the others are asked before it', async () => {
    const out = recorder('out', { kind: 'unclear', why: 'silence' });
    const good = recorder('good');
    const { clock, ask } = await openSms([out.provider, good.provider]);
    const send = async (): Promise<void> => {
      const outcome = await ask();
      assert.ok(outcome.kind === 'admitted');
      await outcome.sent;
    };
    await send();
    assert.deepEqual([out.messages.length, good.messages.length], [1, 1]);
    clock.advance(60_000 - 1);
    await ask({ phone: '+8613900000000', codeId: 'b' });
    assert.deepEqual([out.messages.length, good.messages.length], [1, 2]);
    clock.advance(1);
    await send();
    assert.deepEqual([out.messages.length, good.messages.length], [2, 3]);
  });
});
