import { useTexts } from '#web/locales/texts.ts';
import { Badge } from '#web/ui/Badge.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import type { AttachmentView } from '#web/webmail/model.ts';
import { kindOf, shownName } from './file-kinds.ts';

export function Attachments({ attachments }: { readonly attachments: readonly AttachmentView[] }) {
  const { t, size } = useTexts();
  const total = attachments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return (
    <section className="attachments" aria-label={t('reading.attachments', { count: attachments.length })}>
      <p className="attachments__head">
        {t('reading.attachments', { count: attachments.length })} · {size(total)}
      </p>
      <ul className="attachments__list">
        {attachments.map((attachment) => {
          const { mark, tone } = kindOf(attachment.name);
          const name = shownName(attachment.name);
          return (
            <li key={attachment.id}>
              <a className="attachment" href={attachment.url} download={name}>
                <Badge tone={tone}>{mark}</Badge>
                <bdi className="attachment__name one-line" title={name}>
                  {name}
                </bdi>
                <span className="attachment__size numbers">{size(attachment.sizeBytes)}</span>
                <Icon name="download" size="small" />
              </a>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
