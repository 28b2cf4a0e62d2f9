/**
 * Whose mail may be forwarded out of the house, and where to (domain.md 3.6: no work mail to private boxes). Asked when
 * a forwarding is set and again for each message: a rule made later holds for what was set before.
 */

export interface ForwardingRules {
  /** `always`: the account's own mailbox gets each message, too. */
  readonly copy: 'always' | 'choice';
  readonly outside: 'allowed' | 'refused';
  /** Domains of ours whose accounts forward to nobody outside; as A-labels. */
  readonly barredDomains: readonly string[];
  /** The only domains outside that may be forwarded to; empty: any. */
  readonly allowedTargets: readonly string[];
}

export const defaultForwardingRules: ForwardingRules = {
  copy: 'always',
  outside: 'allowed',
  barredDomains: [],
  allowedTargets: [],
};

/** Whether an account of `domain`, its primary address's, may forward to somebody at `targetDomain`, which is not ours. */
export function mayForwardOutside(rules: ForwardingRules, domain: string, targetDomain: string): boolean {
  if (rules.outside === 'refused' || rules.barredDomains.includes(domain)) return false;
  return rules.allowedTargets.length === 0 || rules.allowedTargets.includes(targetDomain);
}
