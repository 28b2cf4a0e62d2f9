/** A rule begun elsewhere, at a letter, for the settings to go on with. */
import type { FilterRule } from '#contract/jmap/mail-filter.ts';

let draft: FilterRule | undefined;

/** From a sender's address, which is also what it is called by. */
export function draftRuleFrom(address: string): void {
  draft = {
    name: address,
    isEnabled: true,
    match: 'all',
    conditions: [{ field: 'from', test: 'is', value: address }],
    actions: { mailboxId: null, keywords: [], forwardTo: [] },
    stops: false,
  };
}

/** Once. */
export function takeRuleDraft(): FilterRule | undefined {
  const taken = draft;
  draft = undefined;
  return taken;
}
