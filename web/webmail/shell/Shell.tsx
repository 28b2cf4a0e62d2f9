import { Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { classes } from '#web/ui/classes.ts';
import { Dialog } from '#web/ui/Dialog.tsx';
import { EmptyState, Skeleton } from '#web/ui/EmptyState.tsx';
import { later } from '#web/ui/later.ts';
import { SplitPane } from '#web/ui/SplitPane.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import type { Action, ActionContext, ComposeAbout } from '#web/webmail/actions/action.ts';
import { ACTIONS } from '#web/webmail/actions/registry.ts';
import { compose as composeAction } from '#web/webmail/actions/write.ts';
import { Desk } from '#web/webmail/desk.ts';
import { asAsked, beginDraft, forwardFiles, writeAgain } from '#web/webmail/draft.ts';
import { withSignature } from '#web/webmail/signature.ts';
import { ListPane } from '#web/webmail/list/ListPane.tsx';
import { useLive } from '#web/webmail/live.ts';
import { ActionsContext, useArchived, useMailbox, useModel } from '#web/webmail/MailContext.tsx';
import { mailboxName } from '#web/webmail/mailbox-names.ts';
import { NOTHING, WAITING, type Change, type MailboxRole, type Narrowing, type Order } from '#web/webmail/model.ts';
import { navigate, useRoute } from '#web/webmail/navigation.ts';
import { LIST_WIDTH, setPreferences, usePreferences } from '#web/webmail/preferences.ts';
import { findMarked } from '#web/webmail/reading/marked.ts';
import { ReadingPane } from '#web/webmail/reading/ReadingPane.tsx';
import { formatRoute, type Route } from '#web/webmail/routes.ts';
import { useLayout } from '#web/webmail/use-layout.ts';
import { MOST_SELECTED } from '#web/webmail/selected-rows.ts';
import { readMailto } from '#web/webmail/mailto.ts';
import { useSelection } from '#web/webmail/use-selection.ts';
import { useShortcuts } from '#web/webmail/use-shortcuts.ts';
import type { ComposeKind, Draft } from '#web/webmail/writing.ts';
import { ArchiveBanner } from './ArchiveBanner.tsx';
import { ClientCorner } from './ClientCorner.tsx';
import { ContactsLink } from './ContactsLink.tsx';
import { CommandPalette } from './CommandPalette.tsx';
import { MailboxTree } from './MailboxTree.tsx';
import { MoveStrip } from './MoveStrip.tsx';
import { PhoneNag } from './PhoneNag.tsx';
import { changeText } from './change-text.ts';
import { saveLetters } from './save-letters.ts';
import { SessionEnded } from './SessionEnded.tsx';
import { ShortcutHelp } from './ShortcutHelp.tsx';
import { TopBar } from './TopBar.tsx';
import './shell.css';

const ComposeDock = later(() =>
  import('#web/webmail/compose/ComposeDock.tsx').then(({ ComposeDock }) => ({ default: ComposeDock })),
);
const ScheduledDialog = later(() =>
  import('#web/webmail/compose/ScheduledDialog.tsx').then(({ ScheduledDialog }) => ({ default: ScheduledDialog })),
);
const SettingsScreen = later(() =>
  import('#web/webmail/settings/SettingsScreen.tsx').then(({ SettingsScreen }) => ({ default: SettingsScreen })),
);
const ContactsScreen = later(() =>
  import('#web/webmail/contacts/ContactsScreen.tsx').then(({ ContactsScreen }) => ({ default: ContactsScreen })),
);
const HelpScreen = later(() =>
  import('#web/webmail/help/HelpScreen.tsx').then(({ HelpScreen }) => ({ default: HelpScreen })),
);
const NoticesScreen = later(() =>
  import('#web/webmail/notices/NoticesScreen.tsx').then(({ NoticesScreen }) => ({ default: NoticesScreen })),
);
const SetupScreen = later(() =>
  import('#web/webmail/help/SetupScreen.tsx').then(({ SetupScreen }) => ({ default: SetupScreen })),
);

const DESK_CLOCK = {
  after(delayMs: number, callback: () => void) {
    const timer = window.setTimeout(callback, delayMs);
    return () => window.clearTimeout(timer);
  },
};

/** Files that become letters in one go. */
const MOST_IMPORTED = 100;

/** Letters that go along as files of one. */
const MOST_FILES = 50;

type MailRoute = Extract<Route, { screen: 'mailbox' | 'search' }>;

const isMail = (route: Route): route is MailRoute => route.screen === 'mailbox' || route.screen === 'search';

/** The webmail of somebody who is signed in. */
export function Shell() {
  const texts = useTexts();
  const { t } = texts;
  const model = useModel();
  const toast = useToast();
  const route = useRoute();
  const layout = useLayout();
  const preferences = usePreferences();
  const connection = useLive(model.connection);
  const searchField = useRef<HTMLInputElement>(null);
  const [overlay, setOverlay] = useState<'palette' | 'shortcuts' | 'moveTo' | 'labels' | 'mailboxes' | 'scheduled'>();
  const desk = useMemo(() => new Desk(model.writing, DESK_CLOCK, () => crypto.randomUUID()), [model]);
  useEffect(() => desk.listen(), [desk]);
  const hasLetters = useLive(desk.letters).length > 0;
  // With nothing in hand there is nothing to ask.
  const isLeaving = connection === 'signedOut' && !hasLetters;
  useEffect(() => {
    if (isLeaving) model.signInAgain(formatRoute(route));
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once, from wherever one is
  }, [model, isLeaving]);
  const [searchOrder, setSearchOrder] = useState<Order>('newest');
  const [mailboxOrder, setMailboxOrder] = useState<{ key: string; to: Order }>({ key: '', to: 'newest' });
  const [narrowing, setNarrowing] = useState<{ key: string; to: Narrowing }>({ key: '', to: 'all' });

  // While settings or help are open, the list stays as it was.
  const [lastMail, setLastMail] = useState<MailRoute>({
    screen: 'mailbox',
    mailboxId: 'inbox',
    conversationId: undefined,
  });
  if (isMail(route) && route !== lastMail) setLastMail(route);
  const mail = isMail(route) ? route : lastMail;
  const mailbox = useMailbox(mail.screen === 'mailbox' ? mail.mailboxId : undefined);
  const listKey = mail.screen === 'search' ? `search:${mail.text}` : `mailbox:${mail.mailboxId}`;
  const narrowedTo = narrowing.key === listKey ? narrowing.to : 'all';
  const isSearch = mail.screen === 'search';
  const order = isSearch ? searchOrder : mailboxOrder.key === listKey ? mailboxOrder.to : 'newest';
  const searchText = mail.screen === 'search' ? mail.text : '';
  const mailboxId = mailbox?.id;
  const areMailboxesKnown = useLive(model.mailboxes).length > 0;
  const list = useMemo(() => {
    if (!areMailboxesKnown) return WAITING;
    if (searchText !== '') return model.list({ mailboxId: undefined, text: searchText, narrowing: narrowedTo, order });
    // Without a mailbox a list would be of all mail.
    return mailboxId === undefined ? NOTHING : model.list({ mailboxId, text: '', narrowing: narrowedTo, order });
  }, [model, areMailboxesKnown, mailboxId, searchText, narrowedTo, order]);
  const selection = useSelection(list, `${listKey}:${narrowedTo}:${order}`);
  const listView = useLive(list);

  const openId = isMail(route) ? mail.conversationId : undefined;
  const openAt = openId === undefined ? -1 : list.indexOf(openId);
  const ids = selection.ids.size > 0 ? [...selection.ids] : openId === undefined ? [] : [openId];
  const marks = ids.flatMap((id) => list.marksOf(id) ?? []);

  const open = (conversationId: string | undefined) =>
    navigate({ ...mail, conversationId }, openId === undefined ? 'push' : 'replace');

  const shown = useLive(model.accounts).find(({ isCurrent }) => isCurrent);
  const isOwn = shown?.isOwn !== false;
  const isReadOnly = shown?.isReadOnly === true;
  const maySend = shown?.maySend !== false && !isReadOnly;
  const isArchived = useArchived();

  const lastUndo = useRef<() => void>(undefined);
  const change = (change: Change, on = ids) => {
    if (isReadOnly) return;
    const { undo, settled } = model.change(change, on);
    lastUndo.current = undo;
    const leaves = leavesList(change, mailbox?.role);
    if (leaves && openId !== undefined && on.includes(openId)) {
      // The next letter takes its place beside the list; alone on the screen it leads back to the list.
      const next =
        layout === 'phone' || preferences.reading === 'instead' ? undefined : list.rowAt(Math.max(0, openAt));
      navigate({ ...mail, conversationId: next?.id }, 'replace');
    }
    if (change.do !== 'setLabel') selection.clear();
    if (leaves || change.do === 'setLabel' || change.do === 'setMuted')
      toast({
        text: changeText(change, on.length, texts),
        action: { label: t('shell.undo'), run: undo },
        until: settled,
      });
    void settled.then((isAll) => isAll || toast({ text: t('shell.notAllChanged'), tone: 'trouble' }));
  };

  const newLetterId = () => {
    const { address } = model.account.getSnapshot();
    return `${crypto.randomUUID()}@${address.slice(address.lastIndexOf('@') + 1)}`;
  };
  /** Signed as the address that it is from. */
  const beginSigned = (draft: Draft) => {
    const identity = model.account.getSnapshot().identities.find(({ address }) => address === draft.from);
    desk.begin({ ...draft, body: withSignature(draft.body, identity?.signature ?? '') });
  };
  const compose = (kind: ComposeKind, { to, asked, messageId }: ComposeAbout = {}) => {
    if (!maySend) return toast({ text: t('sharing.mayNotSend') });
    const conversation = openId === undefined ? undefined : model.conversation(openId).getSnapshot();
    const { identities } = model.account.getSnapshot();
    const marked = kind === 'new' ? undefined : findMarked(document);
    const isMarked = marked !== undefined && (messageId === undefined || messageId === marked.messageId);
    const draft = beginDraft(
      newLetterId(),
      kind,
      typeof conversation === 'object' ? conversation : undefined,
      identities,
      {
        replyPrefix: t('compose.replyPrefix'),
        forwardPrefix: t('compose.forwardPrefix'),
        quoteHead: ({ from, sentAt }) =>
          t('compose.quoteHead', { who: from.name || from.address, when: texts.full(sentAt) }),
      },
      isMarked && kind !== 'forward' ? { messageId: marked.messageId, marked: marked.text } : { messageId },
    );
    beginSigned(asked === undefined ? { ...draft, to: to ?? draft.to } : asAsked(draft, asked));
  };

  const composeWithFiles = async () => {
    try {
      const files = await model.files(ids);
      if (files.length === 0) return toast({ text: t('save.none') });
      if (files.length > MOST_FILES) return toast({ text: t('forward.many', { count: MOST_FILES }), tone: 'trouble' });
      const from = model.account.getSnapshot().identities[0]?.address ?? '';
      const row = ids.length === 1 && ids[0] !== undefined ? list.rowAt(list.indexOf(ids[0])) : undefined;
      const subject = row === undefined ? '' : `${t('compose.forwardPrefix')}${row.subject}`;
      beginSigned(forwardFiles(newLetterId(), from, files, subject));
    } catch {
      toast({ text: t('reading.fetchFailed'), tone: 'trouble' });
    }
  };

  // Where the school's portal led. A letter is begun once it is known as whom.
  const { identities } = useLive(model.account);
  useEffect(() => {
    if (route.screen !== 'open') return;
    const { target, recipients, mailto = '' } = route;
    const asked = readMailto(mailto);
    if (target === 'compose' && identities.length === 0) return;
    if (target === 'contacts') return navigate({ screen: 'contacts', unit: undefined }, 'replace');
    const conversationId = typeof target === 'object' ? target.read : undefined;
    navigate({ screen: 'mailbox', mailboxId: 'inbox', conversationId }, 'replace');
    if (target === 'unread') setNarrowing({ key: 'mailbox:inbox', to: 'unread' });
    if (target === 'compose')
      compose('new', { to: recipients.map((address) => ({ name: '', address })), ...(asked && { asked }) });
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once for each place that one is led to, whatever else changes
  }, [route, identities]);

  const writeOn = async (savedId: string) => {
    try {
      if (!(await desk.open(savedId))) toast({ text: t('reading.missing'), tone: 'trouble' });
    } catch {
      toast({ text: t('trouble.offline'), tone: 'trouble' });
    }
  };

  const writeSentAgain = async (messageId: string) => {
    try {
      const sent = await model.writing.read(messageId);
      if (sent === undefined) toast({ text: t('reading.missing'), tone: 'trouble' });
      else desk.begin(writeAgain(newLetterId(), sent));
    } catch {
      toast({ text: t('trouble.offline'), tone: 'trouble' });
    }
  };

  const markAllRead = async () => {
    if (mailboxId === undefined) return;
    const unread = model.list({ mailboxId, text: '', narrowing: 'unread', order: 'newest' });
    await unread.load(0, MOST_SELECTED);
    const { total, state } = unread.getSnapshot();
    if (state === 'failed') return toast({ text: t('trouble.offline'), tone: 'trouble' });
    const unreadIds = Array.from({ length: Math.min(total, MOST_SELECTED) }, (_, at) => unread.idAt(at));
    const known = unreadIds.filter((id) => id !== undefined);
    if (known.length === 0) return toast({ text: t('list.noneUnread') });
    const { undo, settled } = model.change({ do: 'setUnread', to: false }, known);
    lastUndo.current = undo;
    toast({
      text: t('done.allRead', { count: known.length }),
      action: { label: t('shell.undo'), run: undo },
      until: settled,
    });
  };

  const importLetters = async (files: readonly File[]) => {
    if (mailboxId === undefined || files.length === 0) return;
    if (files.length > MOST_IMPORTED)
      return toast({ text: t('import.many', { count: MOST_IMPORTED }), tone: 'trouble' });
    toast({ text: t('import.busy', { count: files.length }) });
    const { count, refused } = await model.importLetters(files, mailboxId);
    const [first] = refused;
    const done = t('import.done', { count });
    if (first === undefined) return toast({ text: done });
    const why = t('import.refused', { name: first.name, why: t(`import.${first.why}`) });
    toast({ text: `${count > 0 ? done : ''}${why}`, tone: 'trouble' });
  };

  const context: ActionContext = {
    route,
    ids,
    mailbox,
    isAnyUnread: marks.some(({ isUnread }) => isUnread),
    isAnyFlagged: marks.some(({ isFlagged }) => isFlagged),
    isAnyMuted: marks.some(({ isMuted }) => isMuted),
    labels: [...new Map(marks.flatMap(({ labels }) => labels).map((label) => [label.keyword, label])).values()],
    isConversationOpen: openId !== undefined,
    isReadOnly,
    maySend,
    change,
    save: () => void saveLetters(model, ids, texts, toast),
    compose,
    forwardFiles: () => void composeWithFiles(),
    writeOn: (savedId) => void writeOn(savedId),
    writeAgain: (messageId) => void writeSentAgain(messageId),
    navigate,
    openAdjacent(step) {
      const at = Math.max(0, Math.min(listView.total - 1, (openAt === -1 ? selection.active : openAt) + step));
      const row = list.rowAt(at);
      if (row === undefined) return;
      selection.move(at, { extend: false });
      open(row.id);
    },
    closeConversation: () => open(undefined),
    toggleSelected: () => selection.toggle(selection.active === -1 ? openAt : selection.active),
    importLetters: (files) => void importLetters(files),
    markAllRead: () => void markAllRead(),
    undo: () => {
      if (lastUndo.current === undefined) return;
      lastUndo.current();
      lastUndo.current = undefined;
      toast({ text: t('done.undone') });
    },
    selectAll: selection.selectAll,
    selectNone: selection.clear,
    show(what) {
      if (what === 'search') searchField.current?.focus();
      else setOverlay(what);
    },
    toggleTheme: () => setPreferences({ theme: isDark() ? 'light' : 'dark' }),
  };
  const run = (action: Action) => action.perform(context);
  useShortcuts(
    ACTIONS.flatMap(({ shortcut }) => shortcut ?? []),
    (shortcut) => {
      const action = ACTIONS.find((action) => action.shortcut === shortcut && action.isEnabled(context));
      action?.perform(context);
      return action !== undefined;
    },
  );

  const title =
    mail.screen === 'search' ? t('search.results', { text: mail.text }) : mailbox ? mailboxName(mailbox, texts) : '';
  const isBeside = layout !== 'phone' && preferences.reading === 'beside';
  const listPane = (
    <ListPane
      key={listKey}
      title={title}
      list={list}
      selection={selection}
      openId={openId}
      onOpen={(row) => (mailbox?.role === 'drafts' && !isReadOnly ? context.writeOn(row.id) : open(row.id))}
      narrowing={narrowedTo}
      onNarrow={(to) => setNarrowing({ key: listKey, to })}
      order={order}
      onOrder={(to) => (isSearch ? setSearchOrder(to) : setMailboxOrder({ key: listKey, to }))}
      isAcross={!isBeside && layout !== 'phone'}
      isSearch={isSearch}
      isOutgoing={mailbox?.role === 'sent' || mailbox?.role === 'drafts'}
    />
  );
  const reading = openId !== undefined && (
    <ReadingPane key={openId} conversationId={openId} onBack={isBeside ? undefined : () => open(undefined)} />
  );
  const isFolded = layout === 'medium';
  const side = (onFollow?: () => void) => (
    <>
      {maySend && (
        <div className="side__compose">
          {isFolded && onFollow === undefined ? (
            <Button kind="primary" icon="compose" aria-label={t('action.compose')} onClick={() => compose('new')} />
          ) : (
            <Button kind="primary" icon="compose" isWide onClick={() => run(composeAction)}>
              {t('action.compose')}
            </Button>
          )}
        </div>
      )}
      <MailboxTree
        currentId={route.screen === 'mailbox' ? mailbox?.id : undefined}
        isFolded={isFolded && onFollow === undefined}
        onFollow={onFollow}
      />
      <ContactsLink
        isFolded={isFolded && onFollow === undefined}
        isCurrent={route.screen === 'contacts'}
        onFollow={onFollow}
      />
      <ClientCorner isFolded={isFolded && onFollow === undefined} onFollow={onFollow} />
    </>
  );

  return (
    <ActionsContext value={{ context, run }}>
      <div className="shell">
        <a className="skip-link" href="#main">
          {t('shell.skip')}
        </a>
        <TopBar searchField={searchField} onMenu={layout === 'wide' ? undefined : () => setOverlay('mailboxes')} />
        {layout !== 'phone' && (
          <aside className={classes('side', isFolded && 'side--folded')} aria-label={t('shell.side')}>
            {side()}
          </aside>
        )}
        <main id="main" className="main" tabIndex={-1}>
          {connection === 'offline' && (
            <div className="offline">
              <Banner tone="warn">{t('shell.offline')}</Banner>
            </div>
          )}
          <ArchiveBanner offersTakeOut />
          {isOwn && !isArchived && (
            // They stay, so that what they show is asked for once and not after each letter.
            <div className="strips" hidden={!isMail(route) || openId !== undefined}>
              <MoveStrip />
              <PhoneNag />
            </div>
          )}
          <Suspense fallback={<Skeleton count={6} />}>
            {route.screen === 'settings' ? (
              <SettingsScreen page={route.page} />
            ) : route.screen === 'contacts' ? (
              <ContactsScreen unit={route.unit} groupId={route.groupId} />
            ) : route.screen === 'help' ? (
              <HelpScreen topic={route.topic} />
            ) : route.screen === 'setup' ? (
              <SetupScreen />
            ) : route.screen === 'notices' ? (
              <NoticesScreen noticeId={route.noticeId} />
            ) : isBeside ? (
              <SplitPane
                label={t('shell.resizeList')}
                width={layout === 'wide' ? preferences.listWidth : Math.min(340, preferences.listWidth)}
                least={LIST_WIDTH.least}
                most={LIST_WIDTH.most}
                onResize={(listWidth) => setPreferences({ listWidth })}
                first={listPane}
                second={reading || <EmptyState icon="mailOpen" title={t('reading.none')} />}
              />
            ) : (
              reading || listPane
            )}
          </Suspense>
        </main>
        {layout === 'phone' && maySend && isMail(route) && openId === undefined && selection.ids.size === 0 && (
          <div className="fab">
            <Button kind="primary" icon="compose" onClick={() => compose('new')}>
              {t('action.compose')}
            </Button>
          </div>
        )}
        {hasLetters && (
          <Suspense>
            <ComposeDock desk={desk} />
          </Suspense>
        )}
        {connection === 'signedOut' && hasLetters && (
          <SessionEnded onSignIn={() => void desk.leave().then(() => model.signInAgain(formatRoute(route)))} />
        )}
        {overlay === 'scheduled' && (
          <Suspense>
            <ScheduledDialog desk={desk} onClose={() => setOverlay(undefined)} />
          </Suspense>
        )}
        {overlay === 'palette' && <CommandPalette kind="commands" onClose={() => setOverlay(undefined)} />}
        {overlay === 'labels' && <CommandPalette kind="labels" onClose={() => setOverlay(undefined)} />}
        {overlay === 'moveTo' && <CommandPalette kind="moveTo" onClose={() => setOverlay(undefined)} />}
        {overlay === 'shortcuts' && <ShortcutHelp onClose={() => setOverlay(undefined)} />}
        {overlay === 'mailboxes' && (
          <Dialog
            shape="sheet"
            title={t('shell.mailboxes')}
            closeLabel={t('shell.close')}
            onClose={() => setOverlay(undefined)}
          >
            <div className="side">{side(() => setOverlay(undefined))}</div>
          </Dialog>
        )}
      </div>
    </ActionsContext>
  );
}

/** Whether what it is done to is no longer in the list afterwards. */
function leavesList(change: Change, role: MailboxRole | undefined): boolean {
  switch (change.do) {
    case 'setFlagged':
    case 'setUnread':
    case 'setLabel':
      return false;
    case 'setMuted':
      return change.to && role === 'inbox';
    default:
      return true;
  }
}

function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
}
