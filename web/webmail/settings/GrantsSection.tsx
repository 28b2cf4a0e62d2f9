import { useCallback, useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import { endGrant, listGrants, type Grant } from '#web/webmail/sign-in/grants.ts';
import { SecurityRow, SecuritySection } from './SecuritySection.tsx';

/** Programs that the owner has let in by a token; nothing where there is none. */
export function GrantsSection() {
  const { t, full } = useTexts();
  const toast = useToast();
  const [grants, setGrants] = useState<readonly Grant[]>([]);
  const load = useCallback(() => void listGrants().then((found) => setGrants(found ?? [])), []);
  useEffect(load, [load]);
  if (grants.length === 0) return null;

  const end = async ({ id, client }: Grant) => {
    const isEnded = await endGrant(id);
    toast({ text: isEnded ? t('grants.ended', { client }) : t('signIn.unavailable') });
    load();
  };
  const noteOf = ({ scopes, createdAt, usedAt, usedFrom }: Grant): string => {
    const rights = scopes.flatMap((scope) => (scope === 'offline_access' ? [] : [t(`clientScope.${scope}`)]));
    const use =
      usedAt === null
        ? t('grants.neverUsed', { at: full(new Date(createdAt)) })
        : t('security.lastUsed', { at: full(new Date(usedAt)), from: usedFrom.split(' ')[0] ?? '' });
    return [...rights, use].join(' · ');
  };
  return (
    <SecuritySection title={t('grants.title')} hint={t('grants.hint')}>
      {grants.map((grant) => (
        <SecurityRow key={grant.id} name={grant.client} note={noteOf(grant)}>
          <Button kind="quiet" onClick={() => void end(grant)}>
            {t('grants.end')}
          </Button>
        </SecurityRow>
      ))}
    </SecuritySection>
  );
}
