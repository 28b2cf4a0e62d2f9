/**
 * The door of SMS: sends a code or a notice to a telephone, within what a number, a network, a range of numbers and the
 * school's purse allow, by the first vendor that does. Whose number it is, and what a code opens, others know.
 */
import { createHmac } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import { peerNetwork, plainAddress } from '#base/network-address.ts';
import { randomId, type Random } from '#base/random.ts';
import { SMS_LIMITS, type Window } from './limits.ts';
import type { AdmitArgs, CodeCheck, SmsOperations } from './operations.ts';
import type { OutboxRow, SmsStore } from './ports/sms-store.ts';
import { vendorDay } from './providers/vendor.ts';
import type { SmsMessage, SmsOutcome, SmsProvider, SmsTemplate } from './types.ts';

export interface SmsSettings {
  /** SMS in a day and a month, by which a bomb or a mistake costs so much and no more. */
  readonly mostADay: number;
  readonly mostAMonth: number;
  /** In an hour: for one address (IPv6: a /64), for its /24 (IPv6: the same), for one range of numbers. */
  readonly perAddress: number;
  readonly perNetwork: number;
  readonly perPrefix: number;
}

export interface SmsParts {
  readonly store: SmsStore;
  /** In the order in which they are asked. */
  readonly providers: readonly SmsProvider[];
  /** Of codes and numbers: 32 secret octets, the same in every thread and after a restart, and not in the database. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly settings: SmsSettings;
  /** Networks that many people share: not counted. */
  readonly isShared: (remoteAddress: string) => boolean;
}

export interface CodeRequest {
  /** What it will open, and whose: one code at a time for each. */
  readonly codeId: string;
  /** E.164. */
  readonly phone: string;
  /** Who asks. */
  readonly remoteAddress: string;
  /**
   * There is no such telephone, and nobody is to know: counted alike, sent to nobody, fitting nothing.
   */
  readonly isDecoy?: boolean;
}

export type CodeOutcome =
  | {
      readonly kind: 'admitted';
      /** What became of it: a vendor may take seconds. Whoever must not show whether a number is real does not wait. */
      readonly sent: Promise<SmsOutcome>;
    }
  | Extract<SmsOutcome, { kind: 'tooOften' | 'unavailable' }>;

const HOUR_MS = 3_600_000;

export class Sms {
  readonly #parts: SmsParts;
  /** Until when a vendor that failed is asked last; by the monotonic clock. */
  readonly #resting = new Map<SmsProvider, number>();

  constructor(parts: SmsParts) {
    this.#parts = parts;
  }

  /** Sends a new code, good from now on in place of the one before. */
  async sendCode({ codeId, phone, remoteAddress, isDecoy = false }: CodeRequest): Promise<CodeOutcome> {
    const { random, clock } = this.#parts;
    const code = makeCode(random);
    const phoneIndex = this.#digest('number', phone);
    const admission = await this.#admit({
      phone,
      counts: this.#networkCounts(remoteAddress),
      isFree: isDecoy,
      code: {
        codeId,
        phoneIndex,
        codeHash: isDecoy ? '' : this.#digest('code', `${codeId}\0${code}`),
        triesLeft: SMS_LIMITS.codeTries,
        expiresAt: clock.now() + SMS_LIMITS.codeMinutes * 60_000,
      },
    });
    if (admission.kind !== 'admitted') return admission;
    if (isDecoy) return { kind: 'admitted', sent: Promise.resolve({ kind: 'sent', provider: '', providerId: '' }) };
    const values = [
      { name: 'code', text: code },
      { name: 'minutes', text: String(SMS_LIMITS.codeMinutes) },
    ];
    return { kind: 'admitted', sent: this.#send({ smsId: admission.smsId, phone, template: 'code', values }) };
  }

  /** Whether it is the code that was sent to that number for that purpose; a right one is used up. */
  async checkCode({
    codeId,
    phone,
    code,
  }: Pick<CodeRequest, 'codeId' | 'phone'> & { readonly code: string }): Promise<CodeCheck> {
    return this.#run('checkCode', {
      codeId,
      phoneIndex: this.#digest('number', phone),
      codeHash: this.#digest('code', `${codeId}\0${code.normalize('NFKC').replaceAll(/\s/g, '')}`),
    });
  }

  /** Tells somebody of something that was done in their name. Nobody's request; so it counts for the number alone. */
  async notify(phone: string, template: Exclude<SmsTemplate, 'code'>): Promise<SmsOutcome> {
    // Beside the codes: whoever has just been sent one gets the notice, too.
    const admission = await this.#admit({ phone, counts: [], isFree: false, code: null, ofNotices: true });
    if (admission.kind !== 'admitted') return admission;
    return this.#send({ smsId: admission.smsId, phone, template, values: [] });
  }

  /** What a demonstration has sent, the newest first. */
  outbox(): Promise<readonly OutboxRow[]> {
    return this.#parts.store.reader.outbox(SMS_LIMITS.outboxKept);
  }

  async tidy(): Promise<void> {
    const now = this.#parts.clock.now();
    const limit = SMS_LIMITS.forgottenAtOnce;
    const limits = { before: now - SMS_LIMITS.marksKeptMs, expiredBefore: now, limit };
    while ((await this.#run('forget', limits)) === limit);
  }

  async #admit(asked: {
    readonly phone: string;
    readonly counts: AdmitArgs['counts'];
    readonly isFree: boolean;
    readonly code: AdmitArgs['code'];
    readonly ofNotices?: boolean;
  }): Promise<{ kind: 'admitted'; smsId: string } | Extract<SmsOutcome, { kind: 'tooOften' | 'unavailable' }>> {
    const { random, clock, metrics, log, settings } = this.#parts;
    const { phone, counts, isFree, code, ofNotices = false } = asked;
    const smsId = randomId(random, 20);
    const prefix = [{ withinMs: HOUR_MS, most: settings.perPrefix }];
    const day = vendorDay(clock.now()).replace(/^(....)(..)/, '$1-$2-');
    const admission = await this.#run('admit', {
      smsId,
      counts: [
        { key: `${ofNotices ? 'notice' : 'number'} ${this.#digest('number', phone)}`, windows: SMS_LIMITS.perNumber },
        // Decoys count for a range of their own: what does not cost must not close anybody's.
        { key: `${isFree ? 'decoys' : 'prefix'} ${phone.slice(0, SMS_LIMITS.prefixLength)}`, windows: prefix },
        ...counts,
      ],
      cost: isFree ? null : { day, mostADay: settings.mostADay, mostAMonth: settings.mostAMonth },
      code,
    });
    metrics.count('campusmail_sms_admissions_total', { outcome: admission.kind });
    if (admission.kind === 'admitted') return { kind: 'admitted', smsId };
    if (admission.kind === 'tooOften') return admission;
    log.error({ day, ...settings }, 'no more SMS: the ceiling of the day or the month is reached');
    return { kind: 'unavailable' };
  }

  #networkCounts(remoteAddress: string): AdmitArgs['counts'] {
    const { settings, isShared } = this.#parts;
    if (isShared(remoteAddress)) return [];
    const inAnHour = (most: number): readonly Window[] => [{ withinMs: HOUR_MS, most }];
    const plain = plainAddress(remoteAddress);
    const address = peerNetwork(plain);
    const own = { key: `address ${address}`, windows: inAnHour(settings.perAddress) };
    if (plain.includes(':')) return [own];
    return [own, { key: `network ${address.replace(/\.\d+$/, '')}`, windows: inAnHour(settings.perNetwork) }];
  }

  /**
   * One vendor after the other, each once: none of them takes back what it sent. After an unclear outcome its receipts
   * are asked first; the next vendor sends the same code, so a person who gets both reads one thing twice.
   */
  async #send(message: SmsMessage): Promise<SmsOutcome> {
    const { clock, log, metrics } = this.#parts;
    const now = clock.monotonic();
    const rests = (provider: SmsProvider): number => ((this.#resting.get(provider) ?? 0) > now ? 1 : 0);
    const providers = this.#parts.providers.toSorted((a, b) => rests(a) - rests(b));
    for (const provider of providers) {
      const sentAt = clock.now();
      const outcome = await provider.send(message);
      const { name } = provider;
      metrics.count('campusmail_sms_total', { provider: name, outcome: outcome.kind });
      switch (outcome.kind) {
        case 'sent':
          return { kind: 'sent', provider: name, providerId: outcome.providerId };
        case 'tooOften':
        case 'badNumber':
        case 'blocked':
          return outcome;
        case 'refused':
        case 'unclear': {
          this.#resting.set(provider, clock.monotonic() + SMS_LIMITS.vendorRestMs);
          const { smsId } = message;
          log.error({ provider: name, outcome: outcome.kind, why: outcome.why, smsId }, 'an SMS vendor did not send');
          if (outcome.kind === 'unclear' && (await provider.findReceipt(message, sentAt)) === 'sent')
            return { kind: 'sent', provider: name, providerId: '' };
        }
      }
    }
    return { kind: 'unavailable' };
  }

  /** Worth nothing without the key: there are few numbers, and fewer codes. */
  #digest(purpose: 'number' | 'code', text: string): string {
    return createHmac('sha256', this.#parts.key).update(`${purpose}\0${text}`).digest('base64url');
  }

  async #run<Name extends keyof SmsOperations>(
    name: Name,
    args: Parameters<SmsOperations[Name]['run']>[1],
  ): Promise<Awaited<ReturnType<SmsOperations[Name]['run']>>> {
    return (await this.#parts.store.run(name, args)) as Awaited<ReturnType<SmsOperations[Name]['run']>>;
  }
}

/** All digits alike likely: what is left over after whole millions of 32 bits shifts by less than one in 4000. */
function makeCode(random: Random): string {
  const number = random.bytes(4).readUInt32LE() % 10 ** SMS_LIMITS.codeDigits;
  return String(number).padStart(SMS_LIMITS.codeDigits, '0');
}
