/** A rule in words: what it looks for and what it does, as one sentence each. Pure. */
import type { FilterCondition, FilterRule } from '#contract/jmap/mail-filter.ts';
import type { LabelKey, Texts } from '#web/locales/texts.ts';
import { labelOf } from '#web/webmail/labels.ts';
import { mailboxName } from '#web/webmail/mailbox-names.ts';
import type { FolderView } from '#web/webmail/settings-model.ts';

export type Field = FilterCondition['field'];

export const FIELDS: Readonly<Record<Field, LabelKey>> = {
  from: 'rule.from',
  recipient: 'rule.recipient',
  subject: 'rule.subject',
  list: 'rule.list',
  header: 'rule.header',
  size: 'rule.size',
  attachment: 'rule.attachment',
  origin: 'rule.origin',
};

const TEXT_TESTS = {
  contains: 'rule.contains',
  containsNot: 'rule.containsNot',
  is: 'rule.is',
  isNot: 'rule.isNot',
  begins: 'rule.begins',
  ends: 'rule.ends',
} as const;

/** What can be asked of each field, the usual first. */
export const TESTS: Readonly<Record<Field, Readonly<Record<string, LabelKey>>>> = {
  from: TEXT_TESTS,
  recipient: TEXT_TESTS,
  subject: TEXT_TESTS,
  list: TEXT_TESTS,
  header: TEXT_TESTS,
  size: { over: 'rule.over', under: 'rule.under' },
  attachment: { has: 'rule.has', hasNot: 'rule.hasNot' },
  origin: { inside: 'rule.inside', outside: 'rule.outside' },
};

/** A new condition on a field; what was looked for is kept where it makes sense. */
export function conditionOn(field: Field, before?: FilterCondition): FilterCondition {
  const value = before !== undefined && 'value' in before ? before.value : '';
  switch (field) {
    case 'size':
      return { field, test: 'over', bytes: 5 * 1024 * 1024 };
    case 'attachment':
      return { field, test: 'has' };
    case 'origin':
      return { field, test: 'outside' };
    case 'header':
      return { field, name: '', test: 'contains', value };
    case 'from':
    case 'recipient':
    case 'subject':
    case 'list':
      return { field, test: 'contains', value };
  }
}

export function conditionText(condition: FilterCondition, { t, size }: Texts): string {
  const field = condition.field === 'header' ? condition.name : t(FIELDS[condition.field]);
  const test = TESTS[condition.field][condition.test];
  const value =
    condition.field === 'size' ? size(condition.bytes) : 'value' in condition ? t('rule.quoted', condition) : '';
  return [field, test && t(test), value].filter((text) => text !== '').join(' ');
}

export function conditionsText({ conditions, match }: FilterRule, texts: Texts): string {
  const joiner = match === 'all' ? texts.t('rule.and') : texts.t('rule.or');
  return conditions.map((condition) => conditionText(condition, texts)).join(` ${joiner} `);
}

/** `folders`: undefined while they are not known. */
export function actionsText(rule: FilterRule, folders: readonly FolderView[] | undefined, texts: Texts): string {
  const { t } = texts;
  const { mailboxId, keywords, forwardTo } = rule.actions;
  const folder = folders?.find(({ id }) => id === mailboxId);
  const labels = keywords.flatMap((keyword) => labelOf(keyword)?.name ?? []);
  return [
    mailboxId !== null &&
      (folder === undefined
        ? folders === undefined
          ? ''
          : t('rule.folderGone')
        : t('rule.movesTo', { folder: mailboxName(folder, texts) })),
    keywords.includes('$seen') && t('rule.marksRead'),
    keywords.includes('$flagged') && t('rule.flags'),
    labels.length > 0 && t('rule.labels', { labels: labels.join('、') }),
    forwardTo.length > 0 && t('rule.forwards', { addresses: forwardTo.join('、') }),
    rule.stops && t('rule.stopsThere'),
  ]
    .filter((text) => text !== false && text !== '')
    .join('，');
}

/** What can be saved: every condition says something, and something is done. */
export function isComplete({ conditions, actions, stops }: FilterRule): boolean {
  const says = (condition: FilterCondition): boolean =>
    (!('value' in condition) || condition.value.trim() !== '') &&
    (condition.field !== 'header' || /^[!-9;-~]+$/.test(condition.name));
  const does = actions.mailboxId !== null || actions.keywords.length + actions.forwardTo.length > 0 || stops;
  return conditions.length > 0 && conditions.every(says) && does;
}

/** In another place. */
export function moved<Item>(items: readonly Item[], from: number, to: number): readonly Item[] {
  const next = items.filter((_, at) => at !== from);
  const item = items[from];
  return item === undefined ? items : next.toSpliced(to, 0, item);
}
