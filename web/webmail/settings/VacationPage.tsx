import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Skeleton } from '#web/ui/EmptyState.tsx';
import { Field, Switch, TextField } from '#web/ui/Field.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { VacationView } from '#web/webmail/settings-model.ts';
import { SaveBar } from './SaveBar.tsx';
import { useSaving } from './use-saving.ts';

/** 自动回复: what people are told while one is away; people elsewhere something else, or nothing. */
export function VacationPage() {
  const vacation = useLive(useModel().settings.vacation);
  return vacation === undefined ? <Skeleton count={5} /> : <VacationForm vacation={vacation} />;
}

function VacationForm({ vacation }: { readonly vacation: VacationView }) {
  const { t } = useTexts();
  const { settings } = useModel();
  const saving = useSaving();
  const [draft, setDraft] = useState(vacation);
  const change = (change: Partial<VacationView>) => setDraft({ ...draft, ...change });
  const isReversed = draft.from !== undefined && draft.until !== undefined && draft.from >= draft.until;
  const isWanting = draft.isEnabled && draft.insideText.trim() === '';
  return (
    <form
      className="settings__choices"
      onSubmit={(event) => {
        event.preventDefault();
        const outsideText = draft.outsideText?.trim() === '' ? draft.insideText : draft.outsideText;
        void saving.save(() => settings.saveVacation({ ...draft, outsideText }));
      }}
    >
      <Switch
        label={t('vacation.isOn')}
        hint={t('vacation.hint')}
        isOn={draft.isEnabled}
        onChange={(isEnabled) => change({ isEnabled })}
      />
      <div className="settings__pair">
        <Field
          label={t('vacation.from')}
          type="datetime-local"
          value={localText(draft.from)}
          onChange={(event) => change({ from: dateOf(event.target.value) })}
        />
        <Field
          label={t('vacation.until')}
          type="datetime-local"
          value={localText(draft.until)}
          error={isReversed ? t('vacation.reversed') : undefined}
          onChange={(event) => change({ until: dateOf(event.target.value) })}
        />
      </div>
      <Field
        label={t('vacation.subject')}
        hint={t('vacation.subjectHint')}
        value={draft.subject}
        maxLength={200}
        onChange={(event) => change({ subject: event.target.value })}
      />
      <TextField
        label={t('vacation.inside')}
        value={draft.insideText}
        rows={6}
        maxLength={10_000}
        error={isWanting ? t('vacation.wanting') : undefined}
        onChange={(event) => change({ insideText: event.target.value })}
      />
      <Switch
        label={t('vacation.tellsOutside')}
        isOn={draft.outsideText !== undefined}
        onChange={(isTold) => change({ outsideText: isTold ? draft.insideText : undefined })}
      />
      {draft.outsideText !== undefined && (
        <TextField
          label={t('vacation.outside')}
          hint={t('vacation.outsideHint')}
          value={draft.outsideText}
          rows={6}
          maxLength={10_000}
          onChange={(event) => change({ outsideText: event.target.value })}
        />
      )}
      <SaveBar saving={saving} isDisabled={isReversed || isWanting} />
    </form>
  );
}

/** As `datetime-local` has it: 2026-07-10T08:00, here. */
function localText(at: Date | undefined): string {
  if (at === undefined) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

function dateOf(text: string): Date | undefined {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
