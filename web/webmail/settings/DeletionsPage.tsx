import { useEffect, useId, useRef, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { EmptyState, Skeleton } from '#web/ui/EmptyState.tsx';
import { Field } from '#web/ui/Field.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import { Link } from '#web/webmail/Link.tsx';
import { useLive } from '#web/webmail/live.ts';
import { mailboxName } from '#web/webmail/mailbox-names.ts';
import { useModel, useOwn } from '#web/webmail/MailContext.tsx';
import type { DeletionView } from '#web/webmail/deletions-model.ts';
import { useNow } from '#web/webmail/use-now.ts';
import { browserOf } from './browser-of.ts';

const WAYS = {
  web: 'deletions.web',
  jmap: 'deletions.jmap',
  imap: 'deletions.imap',
  pop3: 'deletions.pop3',
  server: 'deletions.server',
} as const;

/** After the last key, milliseconds. */
const TYPING_MS = 300;

/** 删信查询: what was deleted for good, by whom and when; back again, or gone. */
export function DeletionsPage() {
  const { t } = useTexts();
  const { deletions } = useModel();
  const [keptDays, setKeptDays] = useState<number>();
  useEffect(() => void deletions.kept().then((kept) => setKeptDays(kept.keptDays)), [deletions]);
  if (keptDays === undefined) return <Skeleton count={6} />;
  const toTrash = (
    <Link to={{ screen: 'mailbox', mailboxId: 'trash', conversationId: undefined }}>{t('lookup.openTrash')}</Link>
  );
  if (keptDays === 0)
    return (
      <EmptyState icon="trash" title={t('lookup.deletedOff')}>
        {toTrash}
      </EmptyState>
    );
  return (
    <div className="settings__choices">
      <p className="settings__quiet">
        {t('lookup.deletedHint', { count: keptDays })} {toTrash}
      </p>
      <Deletions />
    </div>
  );
}

function Deletions() {
  const { t } = useTexts();
  const { deletions } = useModel();
  const toast = useToast();
  const isOwn = useOwn();
  const [text, setText] = useState('');
  const [list, setList] = useState<readonly DeletionView[]>();
  const [next, setNext] = useState<string>();
  const [state, setState] = useState<'busy' | 'ready' | 'failed'>('busy');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isAsking, setAsking] = useState(false);
  /** What was asked for before is not shown when it comes late. */
  const asked = useRef(0);

  const load = async (known: readonly DeletionView[], behind?: string) => {
    const number = ++asked.current;
    setState('busy');
    const page = await deletions.list(text.trim(), behind);
    if (number !== asked.current) return;
    setState(page === 'failed' ? 'failed' : 'ready');
    if (page === 'failed') return;
    setList([...known, ...page.deletions]);
    setNext(page.next);
  };
  useEffect(() => {
    const timer = window.setTimeout(() => void load([]), text === '' ? 0 : TYPING_MS);
    return () => window.clearTimeout(timer);
    // oxlint-disable-next-line react/exhaustive-deps -- once for each text
  }, [text]);

  const choose = (id: string, isChosen: boolean) =>
    setChosen((before) => {
      const after = new Set(before);
      if (isChosen) after.add(id);
      else after.delete(id);
      return after;
    });
  const drop = (ids: readonly string[]) => {
    setChosen(new Set());
    setList((before) => before?.filter(({ id }) => !ids.includes(id)));
  };
  const recover = async () => {
    setState('busy');
    const outcome = await deletions.recover([...chosen]);
    setState('ready');
    if (outcome === 'overQuota') return toast({ text: t('deletions.full'), tone: 'trouble' });
    if (outcome === 'failed') return toast({ text: t('deletions.failed'), tone: 'trouble' });
    drop([...chosen]);
    toast({ text: t('deletions.recovered', { count: outcome.length }) });
  };
  const destroy = async () => {
    setAsking(false);
    setState('busy');
    const outcome = await deletions.destroy([...chosen]);
    setState('ready');
    if (outcome === 'failed') return toast({ text: t('deletions.failed'), tone: 'trouble' });
    drop([...chosen]);
    toast({ text: t('deletions.destroyed', { count: outcome.length }) });
  };

  return (
    <>
      <Field
        type="search"
        label={t('deletions.search')}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(new Set());
        }}
      />
      {list === undefined && state === 'busy' && <Skeleton count={6} />}
      {list?.length === 0 && next === undefined && (
        <EmptyState icon="trash" title={text === '' ? t('deletions.none') : t('deletions.noneFound')} />
      )}
      {list !== undefined && list.length > 0 && (
        <>
          <div className="deletions__bar">
            <span className="settings__quiet numbers" role="status">
              {t('deletions.chosen', { count: chosen.size })}
            </span>
            <Button
              kind="primary"
              isBusy={state === 'busy'}
              disabled={chosen.size === 0}
              onClick={() => void recover()}
            >
              {t('deletions.recover')}
            </Button>
            {isOwn && (
              <Button disabled={chosen.size === 0 || state === 'busy'} onClick={() => setAsking(true)}>
                {t('deletions.destroy')}
              </Button>
            )}
          </div>
          <ul className="lookup__list" aria-label={t('deletions.list')}>
            {list.map((deletion) => (
              <Row
                key={deletion.id}
                deletion={deletion}
                isChosen={chosen.has(deletion.id)}
                onChoose={(isChosen) => choose(deletion.id, isChosen)}
              />
            ))}
          </ul>
        </>
      )}
      {state === 'failed' && (
        <Banner
          tone="trouble"
          action={<Button onClick={() => void load(list ?? [], next)}>{t('shell.tryAgain')}</Button>}
        >
          {t('lookup.failed')}
        </Banner>
      )}
      {next !== undefined && list !== undefined && (
        <div>
          <Button isBusy={state === 'busy'} onClick={() => void load(list, next)}>
            {t('lookup.earlier')}
          </Button>
        </div>
      )}
      {isAsking && (
        <Dialog
          title={t('deletions.destroy')}
          closeLabel={t('shell.close')}
          onClose={() => setAsking(false)}
          footer={
            <>
              <Button onClick={() => setAsking(false)}>{t('deletions.keep')}</Button>
              <Button kind="danger" onClick={() => void destroy()}>
                {t('deletions.destroy')}
              </Button>
            </>
          }
        >
          <p>{t('deletions.destroyAsk', { count: chosen.size })}</p>
        </Dialog>
      )}
    </>
  );
}

interface RowProps {
  readonly deletion: DeletionView;
  readonly isChosen: boolean;
  readonly onChoose: (isChosen: boolean) => void;
}

function Row({ deletion, isChosen, onChoose }: RowProps) {
  const texts = useTexts();
  const { t } = texts;
  const { account, mailboxes } = useModel();
  const own = useLive(account).address;
  const folder = useLive(mailboxes).find(({ id }) => id === deletion.mailboxId);
  const now = useNow();
  const id = useId();
  const { from, size, deletedAt, keptUntil, path, way, by, agent } = deletion;
  const subject = deletion.subject || t('list.noSubject');
  const program = way === 'web' || way === 'jmap' ? browserOf(agent) : agent;
  return (
    <li className="deletions__row">
      <input
        id={id}
        type="checkbox"
        aria-label={t('deletions.choose', { subject })}
        checked={isChosen}
        onChange={(event) => onChoose(event.target.checked)}
      />
      <label htmlFor={id} className="one-line">
        <bdi>{subject}</bdi>
      </label>
      <span className="lookup__when numbers">{texts.size(size)}</span>
      <span className="lookup__who">
        {from !== '' && (
          <>
            <bdi>{from}</bdi> ·{' '}
          </>
        )}
        {t('deletions.from', { folder: folder === undefined ? path : mailboxName(folder, texts) })}
      </span>
      <span className="lookup__who">
        {t('deletions.whoAndHow', {
          when: texts.moment(deletedAt, now),
          who: by === own ? t('deletions.you') : by || t('deletions.nobody'),
          how: [t(WAYS[way]), program].filter(Boolean).join(' · '),
        })}{' '}
        · {t('deletions.until', { until: texts.day(keptUntil, now) })}
      </span>
    </li>
  );
}
