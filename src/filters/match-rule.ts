/** Whether a rule holds for a message. Nothing is decided here. */
import type { FilterCondition, FilterRule, TextTest } from '#directory/types.ts';
import { foldText } from './message-facts.ts';
import type { MessageFacts } from './message-facts.ts';

/** Whether it is on is for the caller to ask. */
export function matchesRule(
  { match, conditions }: Pick<FilterRule, 'match' | 'conditions'>,
  facts: MessageFacts,
): boolean {
  const holds = (condition: FilterCondition): boolean => matchesCondition(condition, facts);
  return match === 'all' ? conditions.every(holds) : conditions.some(holds);
}

/** Whether the rules ask for more of the header than a message's summary has. */
export function asksForHeader(rules: readonly Pick<FilterRule, 'conditions'>[]): boolean {
  return rules.some(({ conditions }) => conditions.some(({ field }) => field === 'header' || field === 'list'));
}

function matchesCondition(condition: FilterCondition, facts: MessageFacts): boolean {
  switch (condition.field) {
    case 'size':
      return condition.test === 'over' ? facts.sizeBytes > condition.bytes : facts.sizeBytes < condition.bytes;
    case 'attachment':
      return facts.hasAttachment === (condition.test === 'has');
    case 'origin':
      return facts.isInside === (condition.test === 'inside');
    case 'header':
      return matchesText(condition, facts.texts('header', condition.name.toLowerCase()));
    case 'from':
    case 'recipient':
    case 'subject':
    case 'list':
      return matchesText(condition, facts.texts(condition.field));
  }
}

/** One of several texts is enough; of those that must not, none may. */
function matchesText({ test, value }: { test: TextTest; value: string }, texts: readonly string[]): boolean {
  const wanted = foldText(value);
  switch (test) {
    case 'contains':
      return texts.some((text) => text.includes(wanted));
    case 'containsNot':
      return !texts.some((text) => text.includes(wanted));
    case 'is':
      return texts.includes(wanted);
    case 'isNot':
      return !texts.includes(wanted);
    case 'begins':
      return texts.some((text) => text.startsWith(wanted));
    case 'ends':
      return texts.some((text) => text.endsWith(wanted));
  }
}
