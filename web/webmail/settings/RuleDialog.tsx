import { useEffect, useRef, useState } from 'react';
import type { FilterCondition, FilterRule } from '#contract/jmap/mail-filter.ts';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button, IconButton } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Choice, Field, SelectField, Switch } from '#web/ui/Field.tsx';
import { labelOf } from '#web/webmail/labels.ts';
import { useLive } from '#web/webmail/live.ts';
import { arrangeMailboxes, mailboxName } from '#web/webmail/mailbox-names.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { SaveResult, TriedRule } from '#web/webmail/settings-model.ts';
import { conditionOn, conditionsText, FIELDS, isComplete, TESTS, type Field as FieldName } from './rule-words.ts';
import { useSaving } from './use-saving.ts';

/** As the server has it; beyond, a rule is several. */
const MOST_CONDITIONS = 20;

export interface RuleDialogProps {
  readonly rule: FilterRule;
  readonly isNew: boolean;
  readonly onClose: () => void;
  readonly onSave: (rule: FilterRule) => Promise<SaveResult>;
  /** Does what it says to what is in the inbox. */
  readonly onApply: (rule: FilterRule) => Promise<void>;
}

export function RuleDialog({ rule: given, isNew, onClose, onSave, onApply }: RuleDialogProps) {
  const texts = useTexts();
  const { t } = texts;
  const model = useModel();
  const folders = useLive(model.settings.folders) ?? [];
  const saving = useSaving();
  const [rule, setRule] = useState(given);
  const [appliesNow, setAppliesNow] = useState(false);
  const [tried, setTried] = useState<TriedRule | 'busy' | 'failed'>();
  const change = (patch: Partial<FilterRule>) => {
    setRule({ ...rule, ...patch });
    setTried(undefined);
  };
  const act = (patch: Partial<FilterRule['actions']>) => change({ actions: { ...rule.actions, ...patch } });
  const mark = (keyword: string, isOn: boolean) => {
    const others = rule.actions.keywords.filter((one) => one !== keyword);
    act({ keywords: isOn ? [...others, keyword] : others });
  };
  const { mailboxId, keywords, forwardTo } = rule.actions;
  const { roles, others } = arrangeMailboxes(folders.filter(({ role }) => role !== 'drafts' && role !== 'sent'));
  const labels = model.labels();
  const label = keywords.find((keyword) => labelOf(keyword) !== undefined);
  const save = async () => {
    const named = { ...rule, name: rule.name.trim() || conditionsText(rule, texts).slice(0, 60) };
    if (!(await saving.save(() => onSave(named)))) return;
    onClose();
    if (appliesNow) await onApply(named);
  };
  const tryIt = async () => {
    setTried('busy');
    setTried(await model.settings.tryRule(rule));
  };
  return (
    <Dialog
      title={isNew ? t('filters.newRule') : t('filters.change')}
      closeLabel={t('shell.close')}
      onClose={onClose}
      footer={
        <>
          <Button
            icon="search"
            isBusy={tried === 'busy'}
            disabled={!isComplete({ ...rule, stops: true })}
            onClick={() => void tryIt()}
          >
            {t('filters.try')}
          </Button>
          <Button kind="primary" isBusy={saving.isBusy} disabled={!isComplete(rule)} onClick={() => void save()}>
            {t('settings.save')}
          </Button>
        </>
      }
    >
      <div className="rule">
        {saving.trouble !== undefined && <Banner tone="trouble">{saving.trouble}</Banner>}
        <Field
          label={t('filters.name')}
          placeholder={t('filters.namePlaceholder')}
          value={rule.name}
          maxLength={100}
          onChange={(event) => change({ name: event.target.value })}
        />
        <fieldset className="rule__part">
          <legend>{t('filters.when')}</legend>
          {rule.conditions.length > 1 && (
            <Choice
              label={t('filters.match')}
              value={rule.match}
              onChange={(match) => change({ match })}
              options={[
                { value: 'all', label: t('filters.matchAll') },
                { value: 'any', label: t('filters.matchAny') },
              ]}
            />
          )}
          {rule.conditions.map((condition, at) => (
            <ConditionRow
              // Conditions have no names; a row is what stands there.
              key={at}
              condition={condition}
              onChange={(next) => change({ conditions: rule.conditions.with(at, next) })}
              onRemove={
                rule.conditions.length === 1
                  ? undefined
                  : () => change({ conditions: rule.conditions.filter((_, index) => index !== at) })
              }
            />
          ))}
          {rule.conditions.length < MOST_CONDITIONS && (
            <div>
              <Button
                kind="quiet"
                icon="plus"
                onClick={() => change({ conditions: [...rule.conditions, conditionOn('subject')] })}
              >
                {t('filters.addCondition')}
              </Button>
            </div>
          )}
        </fieldset>
        <fieldset className="rule__part">
          <legend>{t('filters.then')}</legend>
          <div className="settings__pair">
            <SelectField
              label={t('filters.moveTo')}
              value={mailboxId ?? ''}
              onChange={(event) => act({ mailboxId: event.target.value || null })}
              options={[
                { value: '', label: t('filters.stays') },
                ...(mailboxId !== null && !folders.some(({ id }) => id === mailboxId)
                  ? [{ value: mailboxId, label: t('rule.folderGone') }]
                  : []),
                ...[...roles.filter(({ mailbox }) => mailbox.role !== 'inbox'), ...others].map(
                  ({ mailbox, depth }) => ({
                    value: mailbox.id,
                    label: `${'　'.repeat(depth)}${mailboxName(mailbox, texts)}`,
                  }),
                ),
              ]}
            />
            <SelectField
              label={t('filters.label')}
              value={label ?? ''}
              onChange={(event) => {
                const plain = keywords.filter((keyword) => labelOf(keyword) === undefined);
                act({ keywords: event.target.value === '' ? plain : [...plain, event.target.value] });
              }}
              options={[
                { value: '', label: t('filters.noLabel') },
                ...(label !== undefined && !labels.some(({ keyword }) => keyword === label)
                  ? [{ value: label, label: labelOf(label)?.name ?? label }]
                  : []),
                ...labels.map(({ keyword, name }) => ({ value: keyword, label: name })),
              ]}
            />
          </div>
          <Switch label={t('rule.marksRead')} isOn={keywords.includes('$seen')} onChange={(to) => mark('$seen', to)} />
          <Switch
            label={t('rule.flags')}
            isOn={keywords.includes('$flagged')}
            onChange={(to) => mark('$flagged', to)}
          />
          <Field
            label={t('filters.forwardTo')}
            hint={t('filters.forwardHint')}
            value={forwardTo.join(', ')}
            inputMode="email"
            autoCapitalize="none"
            onChange={(event) => act({ forwardTo: addressesIn(event.target.value) })}
          />
          <Switch
            label={t('filters.stops')}
            hint={t('filters.stopsHint')}
            isOn={rule.stops}
            onChange={(stops) => change({ stops })}
          />
        </fieldset>
        <Switch
          label={t('filters.appliesNow')}
          hint={t('filters.appliesNowHint')}
          isOn={appliesNow}
          onChange={setAppliesNow}
        />
        {tried === 'failed' && <Banner tone="trouble">{t('filters.applyFailed')}</Banner>}
        {typeof tried === 'object' && <Tried tried={tried} />}
      </div>
    </Dialog>
  );
}

/** Which of the latest letters it would have been for. */
function Tried({ tried: { examined, letters } }: { readonly tried: TriedRule }) {
  const { t } = useTexts();
  const section = useRef<HTMLElement>(null);
  // A trial is shown below what is filled in, perhaps out of sight. What scrolling returns (newer browsers: a promise) is no clean-up.
  useEffect(() => {
    section.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <section ref={section} className="rule__tried" aria-live="polite">
      <p>{t('filters.tried', { count: letters.length, examined })}</p>
      <ul>
        {letters.map(({ id, from, subject }) => (
          <li key={id} className="one-line">
            <bdi>{from}</bdi> · <bdi>{subject || t('list.noSubject')}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface ConditionRowProps {
  readonly condition: FilterCondition;
  readonly onChange: (condition: FilterCondition) => void;
  readonly onRemove: (() => void) | undefined;
}

function ConditionRow({ condition, onChange, onRemove }: ConditionRowProps) {
  const { t } = useTexts();
  const { field, test } = condition;
  return (
    <div className="rule__condition" role="group" aria-label={t('filters.condition')}>
      <span className="field__box">
        <select
          className="field__input"
          aria-label={t('filters.field')}
          value={field}
          onChange={(event) => onChange(conditionOn(event.target.value as FieldName, condition))}
        >
          {Object.entries(FIELDS).map(([value, label]) => (
            <option key={value} value={value}>
              {t(label)}
            </option>
          ))}
        </select>
      </span>
      {field === 'header' && (
        <span className="field__box">
          <input
            className="field__input"
            aria-label={t('filters.headerName')}
            placeholder="X-Mailer"
            maxLength={76}
            autoCapitalize="none"
            value={condition.name}
            onChange={(event) => onChange({ ...condition, name: event.target.value.trim() })}
          />
        </span>
      )}
      <span className="field__box">
        <select
          className="field__input"
          aria-label={t('filters.test')}
          value={test}
          onChange={(event) => onChange({ ...condition, test: event.target.value } as FilterCondition)}
        >
          {Object.entries(TESTS[field]).map(([value, label]) => (
            <option key={value} value={value}>
              {t(label)}
            </option>
          ))}
        </select>
      </span>
      {'value' in condition && (
        <span className="field__box rule__value">
          <input
            className="field__input"
            aria-label={t('filters.value')}
            maxLength={300}
            autoCapitalize="none"
            value={condition.value}
            onChange={(event) => onChange({ ...condition, value: event.target.value })}
          />
        </span>
      )}
      {field === 'size' && (
        <span className="field__box rule__value">
          <input
            className="field__input"
            type="number"
            min={1}
            aria-label={t('filters.value')}
            value={Math.max(1, Math.round(condition.bytes / 1024))}
            onChange={(event) => onChange({ ...condition, bytes: Math.max(1, event.target.valueAsNumber || 1) * 1024 })}
          />
          <span>KB</span>
        </span>
      )}
      {onRemove && <IconButton label={t('filters.removeCondition')} icon="close" size="small" onClick={onRemove} />}
    </div>
  );
}

/** Separated by what people separate addresses with. */
function addressesIn(text: string): string[] {
  return text.split(/[,;，；、\s]+/).filter((address) => address !== '');
}
