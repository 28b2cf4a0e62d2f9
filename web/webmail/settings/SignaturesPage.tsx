import { Suspense, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Skeleton } from '#web/ui/EmptyState.tsx';
import { Field, SelectField } from '#web/ui/Field.tsx';
import { later } from '#web/ui/later.ts';
import { useLive } from '#web/webmail/live.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { OwnIdentityView } from '#web/webmail/settings-model.ts';
import '#web/webmail/compose/compose.css';
import { SaveBar } from './SaveBar.tsx';
import { useSaving } from './use-saving.ts';

const Editor = later(() => import('#web/webmail/compose/Editor.tsx').then(({ Editor }) => ({ default: Editor })));

/** A name and a signature for each address one writes as. */
export function SignaturesPage() {
  const { t } = useTexts();
  const identities = useLive(useModel().settings.identities);
  const [chosen, choose] = useState<string>();
  if (identities === undefined) return <Skeleton count={4} />;
  const identity =
    identities.find(({ id }) => id === chosen) ?? identities.find(({ isDefault }) => isDefault) ?? identities[0];
  if (identity === undefined) return null;
  return (
    <div className="settings__choices">
      {identities.length > 1 && (
        <SelectField
          label={t('settings.signatureOf')}
          value={identity.id}
          onChange={(event) => choose(event.target.value)}
          options={identities.map(({ id, address }) => ({ value: id, label: address }))}
        />
      )}
      <Signature key={identity.id} identity={identity} />
    </div>
  );
}

function Signature({ identity }: { readonly identity: OwnIdentityView }) {
  const { t } = useTexts();
  const { settings } = useModel();
  const saving = useSaving();
  const [name, setName] = useState(identity.name);
  const [html, setHtml] = useState(identity.signatureHtml);
  return (
    <form
      className="settings__choices"
      onSubmit={(event) => {
        event.preventDefault();
        const { html: signatureHtml, text: signatureText } = withoutEmptyEnds(html);
        void saving.save(() => settings.saveIdentity(identity.id, { name: name.trim(), signatureHtml, signatureText }));
      }}
    >
      <Field
        label={t('settings.senderName')}
        hint={t('settings.senderNameHint')}
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="field">
        <span className="field__label">{t('settings.signature')}</span>
        <div className="signature-editor">
          <Suspense fallback={<Skeleton count={3} />}>
            <Editor html={html} onChange={setHtml} isFocused={false} />
          </Suspense>
        </div>
      </div>
      <SaveBar saving={saving} />
    </form>
  );
}

/** As it is kept: '' when nothing is in it; and the same as plain text, for letters without HTML. */
function withoutEmptyEnds(html: string): { readonly html: string; readonly text: string } {
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  const text = Array.from(body.querySelectorAll('p, h1, h2, h3, pre'), (block) => block.textContent)
    .join('\n')
    .trim();
  return text === '' ? { html: '', text } : { html, text };
}
