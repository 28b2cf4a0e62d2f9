/**
 * What to do with a message by its author's DMARC policy (RFC 7489 §6.6) and our own setting. Decides only; a failure
 * of the DNS never rejects.
 */
import type { Random } from '#base/random.ts';
import type { DmarcDisposition, MessageAuthentication } from './types.ts';

export interface DmarcSettings {
  /** The most that is done: `mark` only notes it, `off` does nothing. */
  readonly atMost: 'reject' | 'quarantine' | 'mark' | 'off';
  /** Whether to ask the sender to come back when the policy or a check could not be looked up. */
  readonly tempfailsOnTemperror: boolean;
  /** Domains (d= of ARC-Seal) whose word about what they received is taken: lists and forwarders one knows. */
  readonly trustedSealers: readonly string[];
}

export type DmarcAction = 'accept' | 'mark' | 'quarantine' | 'reject' | 'tempfail';

export interface DmarcDecision {
  readonly action: DmarcAction;
  /** Why less was done than the domain asks, in the words of aggregate reports (RFC 7489 appendix C). */
  readonly override?: 'trusted_forwarder' | 'sampled_out' | 'local_policy';
  /** What is reported as the disposition. */
  readonly disposition: DmarcDisposition;
  /** One sentence, for the reply and the trace. */
  readonly reason: string;
}

const STEPS = ['accept', 'mark', 'quarantine', 'reject'] as const;
type Step = (typeof STEPS)[number];

/** `random` draws for pct= (RFC 7489 §6.6.4). */
export function decideByDmarc(
  { dmarc, arc }: Pick<MessageAuthentication, 'dmarc' | 'arc'>,
  settings: DmarcSettings,
  random: Random,
): DmarcDecision {
  const { fromDomain = 'nobody' } = dmarc;
  if (settings.atMost === 'off' || dmarc.result === 'pass' || dmarc.result === 'none') {
    return decide('accept', dmarc.result === 'pass' ? `${fromDomain} is who it says` : 'nothing is asked');
  }
  if (dmarc.result === 'temperror') {
    const reason = `the policy of ${fromDomain} could not be looked up`;
    return settings.tempfailsOnTemperror ? decide('tempfail', reason) : decide('accept', reason);
  }
  // No one domain, no policy: left to the spam checks.
  if (dmarc.result === 'permerror') return decide('mark', `From names no one author: ${dmarc.comment}`);

  const reason = `${fromDomain} does not stand by this message, and asks to ${verbOf(dmarc.policy)} such`;
  const asked: Step = dmarc.policy === 'none' ? 'accept' : dmarc.policy;
  if (asked === 'accept') return decide('accept', reason);
  if (isVouchedFor(arc, settings.trustedSealers)) return decide('accept', reason, 'trusted_forwarder');
  const pct = dmarc.published?.pct ?? 100;
  // RFC 7489 §6.6.4: what is not drawn gets the next milder policy.
  const isSampledOut = pct < 100 && random.bytes(4).readUInt32BE() % 100 >= pct;
  const milder: Step = asked === 'reject' ? 'quarantine' : 'accept';
  const wanted = isSampledOut ? milder : asked;
  if (STEPS.indexOf(wanted) > STEPS.indexOf(settings.atMost)) return decide(settings.atMost, reason, 'local_policy');
  return isSampledOut ? decide(wanted, reason, 'sampled_out') : decide(wanted, reason);
}

function decide(action: DmarcAction, reason: string, override?: DmarcDecision['override']): DmarcDecision {
  const disposition = action === 'quarantine' || action === 'reject' ? action : 'none';
  return { action, disposition, reason, ...(override === undefined ? {} : { override }) };
}

function verbOf(policy: DmarcDisposition): string {
  return policy === 'none' ? 'do nothing about' : policy;
}

/**
 * Whether a sealer we trust says that the message passed DMARC when it came there, with only trusted sealers since:
 * a chain is as good as the last who could have changed it (RFC 8617 §7.2).
 */
export function isVouchedFor(arc: MessageAuthentication['arc'], trustedSealers: readonly string[]): boolean {
  if (arc.result !== 'pass') return false;
  for (const { sealer, reported } of arc.sets.toReversed()) {
    if (!trustedSealers.includes(sealer)) return false;
    if (reported.dmarc === 'pass') return true;
  }
  return false;
}
