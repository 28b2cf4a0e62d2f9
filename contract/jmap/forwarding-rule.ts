/**
 * ForwardingRule, ours: where else an account's mail goes, and what the site's rules let it choose. One, with the id `singleton`;
 * without /changes.
 */
import * as v from 'valibot';
import { getArguments, setArguments } from './core.ts';

export interface ForwardingRule {
  readonly id: 'singleton';
  /** Addresses; none: nothing is forwarded. */
  readonly targets: readonly string[];
  /** Whether the mailbox gets what is forwarded, too. */
  readonly keepsCopy: boolean;
  /** Set by the server: the rules of the site as they are for this account. */
  readonly mayForwardOutside: boolean;
  /** The only domains outside that may be forwarded to; none: any. */
  readonly allowedDomains: readonly string[];
  readonly mayDropCopy: boolean;
  readonly maxTargets: number;
}

export const FORWARDING_RULE_PROPERTIES = [
  'id',
  'targets',
  'keepsCopy',
  'mayForwardOutside',
  'allowedDomains',
  'mayDropCopy',
  'maxTargets',
] as const satisfies readonly (keyof ForwardingRule)[];

export const ForwardingRuleGet = v.strictObject(getArguments);
export const ForwardingRuleSet = v.strictObject(setArguments);

/**
 * What may be changed. Refused are with `invalidRecipients` the addresses to blame: as `forbidden` by the rules of the site, as
 * `invalidRecipients` what nobody has here, as `invalidProperties` what cannot be forwarded to; with `overQuota` too many.
 */
export const ForwardingRuleChange = v.strictObject({
  targets: v.optional(v.array(v.string()), []),
  keepsCopy: v.optional(v.boolean(), true),
});
