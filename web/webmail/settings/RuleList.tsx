import { useState } from 'react';
import type { FilterRule } from '#contract/jmap/mail-filter.ts';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button, IconButton } from '#web/ui/Button.tsx';
import { classes } from '#web/ui/classes.ts';
import { EmptyState } from '#web/ui/EmptyState.tsx';
import { Switch } from '#web/ui/Field.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import { Menu } from '#web/ui/Menu.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { FilterView } from '#web/webmail/settings-model.ts';
import { takeRuleDraft } from './rule-draft.ts';
import { RuleDialog } from './RuleDialog.tsx';
import { actionsText, conditionOn, conditionsText, moved } from './rule-words.ts';
import { useSaving } from './use-saving.ts';

/** `at`: which is changed; undefined: a new one. */
interface Editing {
  readonly at: number | undefined;
  readonly rule: FilterRule;
}

const NEW_RULE: FilterRule = {
  name: '',
  isEnabled: true,
  match: 'all',
  conditions: [conditionOn('from')],
  actions: { mailboxId: null, keywords: [], forwardTo: [] },
  stops: false,
};

/** The rules in their order: dragged, or moved by the menu. */
export function RuleList({ filter }: { readonly filter: FilterView }) {
  const texts = useTexts();
  const { t } = texts;
  const { settings } = useModel();
  const folders = useLive(settings.folders);
  const saving = useSaving();
  const toast = useToast();
  // What was begun at a letter is gone on with.
  const [editing, setEditing] = useState<Editing | undefined>(() => {
    const rule = takeRuleDraft();
    return rule && { at: undefined, rule };
  });
  const [dragged, setDragged] = useState<number>();
  const [over, setOver] = useState<number>();
  const { rules, maxRules } = filter;
  const save = (next: readonly FilterRule[]) => saving.save(() => settings.saveFilter({ rules: next }));
  const put = (from: number, to: number) => {
    if (from !== to && to >= 0 && to < rules.length) void save(moved(rules, from, to));
  };
  const apply = async (rule: FilterRule) => {
    const inbox = folders?.find(({ role }) => role === 'inbox');
    if (inbox === undefined) return;
    const count = await settings.applyRule(rule, inbox.id);
    if (count === undefined) toast({ text: t('filters.applyFailed'), tone: 'trouble' });
    else toast({ text: t('filters.applied', { count }) });
  };
  return (
    <div className="settings__choices">
      <p className="settings__quiet">{t('filters.rulesHint')}</p>
      <div>
        <Button
          icon="plus"
          disabled={rules.length >= maxRules}
          onClick={() => setEditing({ at: undefined, rule: NEW_RULE })}
        >
          {t('filters.newRule')}
        </Button>
      </div>
      {saving.trouble !== undefined && editing === undefined && <Banner tone="trouble">{saving.trouble}</Banner>}
      {rules.length === 0 ? (
        <EmptyState icon="filter" title={t('filters.noRules')} />
      ) : (
        <ol className="filters__rules">
          {rules.map((rule, at) => (
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- by keyboard its menu moves it
            <li
              key={`${at} ${rule.name}`}
              className={classes(
                'filters__rule',
                !rule.isEnabled && 'filters__rule--off',
                over === at && dragged !== undefined && dragged !== at && 'filters__rule--over',
              )}
              draggable
              onDragStart={(event) => {
                event.dataTransfer.effectAllowed = 'move';
                event.dataTransfer.setData('text/plain', rule.name);
                setDragged(at);
              }}
              onDragOver={(event) => {
                if (dragged === undefined) return;
                event.preventDefault();
                setOver(at);
              }}
              onDragEnd={() => {
                setDragged(undefined);
                setOver(undefined);
              }}
              onDrop={(event) => {
                event.preventDefault();
                if (dragged !== undefined) put(dragged, at);
                // The row that was dragged is another one by now: it hears of no end.
                setDragged(undefined);
              }}
            >
              <Icon name="grip" />
              <button type="button" className="filters__words" onClick={() => setEditing({ at, rule })}>
                <bdi className="filters__name">{rule.name}</bdi>
                <span>{conditionsText(rule, texts)}</span>
                <span className="filters__does">{actionsText(rule, folders, texts)}</span>
              </button>
              <Switch
                label={t('filters.isOn', { name: rule.name })}
                isLabelHidden
                isOn={rule.isEnabled}
                onChange={(isEnabled) => void save(rules.with(at, { ...rule, isEnabled }))}
              />
              <Menu
                label={t('filters.actions', { name: rule.name })}
                align="end"
                groups={[
                  [
                    { label: t('filters.change'), icon: 'compose', choose: () => setEditing({ at, rule }) },
                    { label: t('filters.applyNow'), icon: 'inbox', choose: () => void apply(rule) },
                  ],
                  [
                    {
                      label: t('filters.up'),
                      icon: 'chevronUp',
                      isDisabled: at === 0,
                      choose: () => put(at, at - 1),
                    },
                    {
                      label: t('filters.down'),
                      icon: 'chevronDown',
                      isDisabled: at === rules.length - 1,
                      choose: () => put(at, at + 1),
                    },
                  ],
                  [
                    {
                      label: t('filters.delete'),
                      icon: 'trash',
                      choose: () => void save(rules.filter((_, index) => index !== at)),
                    },
                  ],
                ]}
                renderButton={(props) => (
                  <IconButton {...props} label={t('filters.actions', { name: rule.name })} icon="more" size="small" />
                )}
              />
            </li>
          ))}
        </ol>
      )}
      {editing !== undefined && (
        <RuleDialog
          rule={editing.rule}
          isNew={editing.at === undefined}
          onClose={() => setEditing(undefined)}
          onSave={(rule) =>
            settings.saveFilter({
              rules: editing.at === undefined ? [...rules, rule] : rules.with(editing.at, rule),
            })
          }
          onApply={apply}
        />
      )}
    </div>
  );
}
