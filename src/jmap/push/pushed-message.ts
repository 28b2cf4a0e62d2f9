/** What is posted to a push service: the content for its receiver alone (RFC 8188, 8291), the header for the service (RFC 8030, 8292). */
import { createHash } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import type { NewEmail, PushedChange, PushVerification } from '#contract/jmap/push.ts';
import type { HttpsQuestion } from '#http/https-client.ts';
import { PUSH_LIMITS } from '#jmap/limits.ts';
import type { PushKeys, PushSubscriptionRow } from '#jmap/types.ts';
import webPush from 'web-push';

/** By which push services know us (RFC 8292). Keys: base64url, as browsers take the public one. */
export interface VapidIdentity {
  readonly publicKey: string;
  readonly privateKey: string;
  /** Whom a push service writes to about us: a `mailto:` or `https:` URL. */
  readonly contact: string;
}

/** Undefined: nothing can be encrypted for the subscription's keys. Throws for keys of ours that are none. */
export function encodePush(
  { url, keys }: Pick<PushSubscriptionRow, 'url' | 'keys'>,
  pushed: PushedChange | PushVerification,
  { publicKey, privateKey, contact }: VapidIdentity,
  clock: Clock,
): HttpsQuestion | undefined {
  const expiresAt = Math.floor(clock.now() / 1000) + PUSH_LIMITS.vapidHoldsS;
  const { Authorization: authorization } = webPush.getVapidHeaders(
    new URL(url).origin,
    contact,
    publicKey,
    privateKey,
    'aes128gcm',
    expiresAt,
  );
  const content = Buffer.from(fit(pushed));
  const headers = { ...deliveryHeaders(pushed), authorization };
  // RFC 8620 §7.2: without keys, as it is.
  if (keys === null)
    return { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: content };
  const body = encryptFor(keys, content);
  if (body === undefined) return undefined;
  return {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/octet-stream', 'content-encoding': 'aes128gcm' },
    body,
  };
}

/** RFC 8291. Undefined for what only looks like keys: a point that is not on the curve. */
function encryptFor({ p256dh, auth }: PushKeys, content: Buffer): Buffer | undefined {
  try {
    return webPush.encrypt(p256dh, auth, content, 'aes128gcm').cipherText;
  } catch {
    return undefined;
  }
}

/** RFC 8030 §5.2-5.4. */
function deliveryHeaders(pushed: PushedChange | PushVerification): Readonly<Record<string, string>> {
  if (pushed['@type'] === 'PushVerification') return { ttl: String(PUSH_LIMITS.codeHoldsS), urgency: 'normal' };
  const types = Object.values(pushed.changed).flatMap((states) => Object.keys(states));
  return {
    ttl: String(PUSH_LIMITS.changeHoldsS),
    urgency: types.includes('EmailDelivery') ? 'normal' : 'low',
    // What a phone that was away would hear of the same types is told by the last of them. 32 characters at most.
    topic: createHash('sha256').update(types.toSorted().join()).digest('base64url').slice(0, 24),
  };
}

/** With as many of the new Emails as there is room for. */
function fit(pushed: PushedChange | PushVerification): string {
  const whole = JSON.stringify(pushed);
  if (!('newEmails' in pushed) || Buffer.byteLength(whole) <= PUSH_LIMITS.contentBytes) return whole;
  const { newEmails = [], ...rest } = pushed;
  const fewer: readonly NewEmail[] = newEmails.slice(0, -1);
  return fit(fewer.length === 0 ? rest : { ...rest, newEmails: fewer });
}
