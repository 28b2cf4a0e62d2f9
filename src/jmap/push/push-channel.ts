/**
 * One subscription: sends its code, then what changed, a push at a time, and again after a while what did not arrive.
 * A push tells of all that changed since the last one that arrived, so what is put off grows no queue.
 */
import { errorText } from '#base/errors.ts';
import type { StateChange } from '#contract/jmap/core.ts';
import type { PushedChange, PushVerification } from '#contract/jmap/push.ts';
import type { HttpsAnswer } from '#http/https-client.ts';
import { PUSH_LIMITS } from '#jmap/limits.ts';
import { formatRowId } from '#jmap/row-ids.ts';
import type { PushSubscriptionRow } from '#jmap/types.ts';
import type { PushSenderParts } from '#jmap/push-sender.ts';
import type { ModSeq } from '#mail/types.ts';
import { readNewEmails } from './new-emails.ts';
import { encodePush } from './pushed-message.ts';
import { StateFeed, type FeedSource } from './state-feed.ts';

export interface PushChannelParts extends Omit<PushSenderParts, 'openAccount' | 'watchOwner'> {
  readonly source: FeedSource;
  /** Waits for a place among those that send at once. */
  readonly inTurn: (send: () => Promise<HttpsAnswer>) => Promise<HttpsAnswer>;
  /** Counts one more code for the account; otherwise how long to wait, milliseconds. */
  readonly admitCode: () => 'ok' | number;
  /** The row is another than this thread believes. */
  readonly onStale: () => void;
}

/** What became of a push. `gone`: nobody will ever take one there. */
type Outcome = 'sent' | 'refused' | 'gone' | { readonly againMs: number | undefined };

export class PushChannel {
  readonly #parts: PushChannelParts;
  #row: PushSubscriptionRow;
  #feed: StateFeed | undefined;
  /** From where the next feed goes on: what was to be sent since did not arrive. */
  #resumeFrom: string | undefined;
  /** The code did not arrive. */
  #owesCode = false;
  /** Subscribed types are others than the feed's. */
  #isChanged = false;
  /** The store knows better: nothing is done before the row is there. */
  #isStale = false;
  #failures = 0;
  #notBefore = 0;
  #isAtWork = false;
  #isClosed = false;
  #cancel = (): void => {};

  constructor(parts: PushChannelParts, row: PushSubscriptionRow) {
    this.#parts = parts;
    this.#row = row;
    this.#poke();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#feed?.close();
  }

  /** The row as it is now. */
  update(row: PushSubscriptionRow): void {
    this.#isChanged ||= JSON.stringify(row.types) !== JSON.stringify(this.#row.types);
    this.#isStale = false;
    this.#row = row;
    this.#poke();
  }

  #dropFeed(): void {
    this.#feed?.close();
    this.#feed = undefined;
  }

  readonly #poke = (): void => {
    if (this.#isAtWork || this.#isClosed || this.#isStale || !this.#hasWork()) return;
    this.#cancel();
    const { clock } = this.#parts;
    const waitMs = this.#notBefore - clock.monotonic();
    if (waitMs > 0) {
      this.#cancel = clock.after(waitMs, this.#poke);
      return;
    }
    this.#isAtWork = true;
    void this.#work().finally(() => {
      this.#isAtWork = false;
      this.#poke();
    });
  };

  #hasWork(): boolean {
    if (!this.#row.isVerified) return this.#row.told === '' || this.#owesCode;
    return this.#feed === undefined || this.#feed.hasNews || this.#isChanged;
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    try {
      await (this.#row.isVerified ? this.#tellChange() : this.#sendCode());
    } catch (error) {
      this.#parts.log.warn({ err: errorText(error), accountId: this.#accountId }, 'a push could not be prepared');
      this.#putOff(undefined);
    }
  }

  async #sendCode(): Promise<void> {
    const { id, verificationCode, told } = this.#row;
    if (told === '') {
      const entry = this.#parts.admitCode();
      if (entry !== 'ok') {
        this.#notBefore = this.#parts.clock.monotonic() + entry;
        return;
      }
      if (!(await this.#claim('code'))) return;
    }
    const pushSubscriptionId = formatRowId('PushSubscription', this.#accountId, id);
    this.#owesCode = true;
    const isDone = await this.#send({ '@type': 'PushVerification', pushSubscriptionId, verificationCode });
    this.#owesCode = !isDone;
  }

  async #tellChange(): Promise<void> {
    if (this.#isChanged) {
      this.#resumeFrom ??= this.#feed?.pushState;
      this.#isChanged = false;
      this.#dropFeed();
    }
    const feed = this.#feed ?? (await this.#openFeed());
    if (feed === undefined || !feed.hasNews) return;
    const before = feed.pushState;
    const { mailState } = feed;
    const change = await feed.take();
    if (change === undefined) return;
    let isDone = false;
    try {
      isDone = !(await this.#claim(feed.pushState)) || (await this.#sendChange(change, mailState));
    } finally {
      if (!isDone) {
        this.#resumeFrom = before;
        this.#dropFeed();
      }
    }
  }

  async #sendChange(change: StateChange, since: ModSeq): Promise<boolean> {
    const { withSubject, keys } = this.#row;
    const isOfMail = Object.values(change.changed).some((states) => 'EmailDelivery' in states);
    const newEmails =
      withSubject && keys !== null && isOfMail
        ? await readNewEmails(this.#parts.source.account, since, this.#parts.clock.now())
        : [];
    return this.#send(newEmails.length === 0 ? change : { ...change, newEmails });
  }

  async #openFeed(): Promise<StateFeed | undefined> {
    const { types, told } = this.#row;
    const feed = new StateFeed(this.#parts.source, new Set(types ?? ['*']), this.#poke);
    const isFirst = told === '' || told === 'code';
    try {
      await feed.start(this.#resumeFrom ?? (isFirst ? undefined : told));
    } catch (error) {
      feed.close();
      throw error;
    }
    if (this.#isClosed) {
      feed.close();
      return undefined;
    }
    this.#feed = feed;
    this.#resumeFrom = undefined;
    // What happened before anybody had the code is nobody's news.
    return !isFirst || (await this.#claim(feed.pushState)) ? feed : undefined;
  }

  async #claim(to: string): Promise<boolean> {
    const { id, told } = this.#row;
    const isOurs = await this.#parts.records.claimPush({ accountId: this.#accountId, id, from: told, to });
    if (isOurs) this.#row = { ...this.#row, told: to };
    else {
      this.#dropFeed();
      this.#isStale = true;
      this.#parts.onStale();
    }
    return isOurs;
  }

  /** Whether there is no more to be done about it. */
  async #send(pushed: PushedChange | PushVerification): Promise<boolean> {
    const { records, log, metrics } = this.#parts;
    const outcome = await this.#post(pushed);
    metrics.count('campusmail_push_total', { outcome: typeof outcome === 'string' ? outcome : 'failed' });
    if (outcome === 'sent') {
      this.#failures = 0;
      this.#notBefore = this.#parts.clock.monotonic() + PUSH_LIMITS.betweenMs;
      return true;
    }
    if (outcome === 'gone') {
      this.close();
      await records.destroyPushSubscription({ accountId: this.#accountId, id: this.#row.id }).catch((error: unknown) =>
        // Another front-end was faster, or it goes when it expires.
        log.info({ err: errorText(error), accountId: this.#accountId }, 'a push subscription was not removed'),
      );
      return true;
    }
    this.#putOff(outcome === 'refused' ? undefined : outcome.againMs);
    if (outcome !== 'refused' && this.#failures < PUSH_LIMITS.attempts) return false;
    log.info({ accountId: this.#accountId, host: new URL(this.#row.url).host }, 'a push was given up');
    return true;
  }

  async #post(pushed: PushedChange | PushVerification): Promise<Outcome> {
    const { ask, vapid, clock, log, inTurn } = this.#parts;
    const { url } = this.#row;
    const question = encodePush(this.#row, pushed, vapid, clock);
    if (question === undefined) {
      log.info({ accountId: this.#accountId }, 'nothing can be encrypted for a push subscription');
      return 'gone';
    }
    const { answerBytes: maxOctets, timeoutMs } = PUSH_LIMITS;
    const answer = await inTurn(() => ask(url, question, { maxOctets, timeoutMs }));
    if (answer.kind === 'failed') return { againMs: undefined };
    return judge(answer, clock.now());
  }

  #putOff(askedMs: number | undefined): void {
    const ownMs = Math.min(PUSH_LIMITS.againMs * 2 ** this.#failures, PUSH_LIMITS.mostAgainMs);
    this.#failures++;
    // Those that a service refused together do not come again together.
    const spread = 1 + (this.#parts.random.bytes(1)[0] as number) / 512;
    this.#notBefore = this.#parts.clock.monotonic() + Math.max(ownMs * spread, askedMs ?? 0);
  }

  get #accountId() {
    return this.#parts.source.accountId;
  }
}

/** RFC 8030 §5, 7.3, 8.4. */
function judge({ status, headers }: Extract<HttpsAnswer, { kind: 'answered' }>, nowMs: number): Outcome {
  if (status >= 200 && status < 300) return 'sent';
  if (status === 404 || status === 410) return 'gone';
  if (status !== 429 && status !== 408 && status < 500) return 'refused';
  const text = headers['retry-after'] ?? '';
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return { againMs: Number.isFinite(ms) ? Math.min(Math.max(ms, 0), PUSH_LIMITS.mostAgainMs) : undefined };
}
