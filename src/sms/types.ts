/** What is said by SMS, and what becomes of it. */

/** Which text: each vendor has a number of its own for it, approved by the carriers beforehand. */
export const SMS_TEMPLATES = ['code', 'passwordChanged', 'phoneChanged', 'mailboxIdle'] as const;
export type SmsTemplate = (typeof SMS_TEMPLATES)[number];

export interface SmsMessage {
  /** Ours, unique: by it a vendor's receipt is found again. */
  readonly smsId: string;
  /** E.164: `+8613800001234`. */
  readonly phone: string;
  readonly template: SmsTemplate;
  /** What the text is filled in with, in its order. */
  readonly values: readonly { readonly name: string; readonly text: string }[];
}

/** What came of one SMS, as whoever wanted it sent is told. */
export type SmsOutcome =
  | { readonly kind: 'sent'; readonly provider: string; readonly providerId: string }
  | { readonly kind: 'tooOften'; readonly retryAfterMs: number }
  /** No vendor sends to such a number. */
  | { readonly kind: 'badNumber' }
  /** The number's owner, or its carrier, wants nothing of us. */
  | { readonly kind: 'blocked' }
  /** For now: vendors are out, or the school's ceiling is reached. */
  | { readonly kind: 'unavailable' };

/** What one vendor said. */
export type ProviderOutcome =
  | { readonly kind: 'sent'; readonly providerId: string }
  | Exclude<SmsOutcome, { kind: 'sent' | 'unavailable' }>
  /** It did not send, for a reason that its customer has to see to: balance, signature, rights. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Nobody knows whether it sent: no answer in time, or none that can be read. */
  | { readonly kind: 'unclear'; readonly why: string };

/** A vendor of SMS. Neither rejects: what goes wrong is an outcome. */
export interface SmsProvider {
  readonly name: string;
  /** Not idempotent: called twice, it sends twice. */
  send(message: SmsMessage): Promise<ProviderOutcome>;
  /** Asked after an unclear outcome. `undefined`: it cannot tell (yet). */
  findReceipt(message: SmsMessage, sentAt: number): Promise<'sent' | 'failed' | undefined>;
}
