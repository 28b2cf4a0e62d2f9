import { useLayoutEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { useModel } from '#web/webmail/MailContext.tsx';

/** Over the trash and the junk: for how long mail stays there. Nothing where it stays until somebody deletes it. */
export function KeptHint({ role }: { readonly role: 'trash' | 'junk' }) {
  const { t } = useTexts();
  const { deletions } = useModel();
  const [days, setDays] = useState(0);
  // Before the first picture, so that nothing moves: the answer is there already.
  useLayoutEffect(() => void deletions.kept().then((kept) => setDays(kept[`${role}Days`])), [deletions, role]);
  return days === 0 ? null : <p className="list-pane__kept">{t('trash.kept', { count: days })}</p>;
}
