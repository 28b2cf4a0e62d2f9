/** Tells lists that somebody leaves them (RFC 8058 §3.2): one POST, of which nothing but the status is looked at. */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { ONE_CLICK } from '#contract/one-click.ts';
import type { LeftList } from '#contract/jmap/list-unsubscribe.ts';
import type { AskHttps } from '#http/https-client.ts';
import { RateLimit } from '#http/rate-limit.ts';
import { ONE_CLICK_LIMITS } from './limits.ts';

export interface OneClickSenderParts {
  /** Asks no private address, and follows no redirect. */
  readonly ask: AskHttps;
  readonly clock: Clock;
  readonly log: Logger;
}

export class OneClickSender {
  readonly #parts: OneClickSenderParts;
  readonly #rate: RateLimit<AccountId>;
  #underWay = 0;

  constructor(parts: OneClickSenderParts) {
    this.#parts = parts;
    const { perMinute, accountsKept } = ONE_CLICK_LIMITS;
    const rates = { requestsPerMinute: perMinute, octetsPerMinute: Number.POSITIVE_INFINITY };
    this.#rate = new RateLimit({ clock: parts.clock, rates, callersKept: accountsKept });
  }

  /** Never rejects. Twice does no harm: who has left has left. */
  async post(accountId: AccountId, url: URL): Promise<Exclude<LeftList, 'notOffered'>> {
    const { ask, log } = this.#parts;
    if (this.#underWay >= ONE_CLICK_LIMITS.atOnce || this.#rate.enter(accountId) !== 'ok') return 'tooMany';
    this.#underWay++;
    try {
      const question = {
        method: 'POST',
        // RFC 8058 §3.2: no cookie, and nothing else that says who asks.
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: Buffer.from(ONE_CLICK),
        wantsContent: false,
      } as const;
      const answer = await ask(url.href, question, { maxOctets: 0, timeoutMs: ONE_CLICK_LIMITS.timeoutMs });
      const found = answer.kind === 'failed' ? answer.message : answer.status;
      // The rest of the URL is a secret between the list and its reader.
      log.info({ accountId, host: url.hostname, found }, 'a list was left by one click');
      if (answer.kind === 'failed') return 'unreachable';
      // A redirect leads to a page that asks something, which is what one click is not (RFC 8058 §3.1).
      return answer.status >= 200 && answer.status < 300 ? 'done' : 'refused';
    } finally {
      this.#underWay--;
    }
  }
}
