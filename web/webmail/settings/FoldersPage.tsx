import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button, IconButton } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Skeleton } from '#web/ui/EmptyState.tsx';
import { Field, SelectField } from '#web/ui/Field.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import { Menu } from '#web/ui/Menu.tsx';
import { useLive } from '#web/webmail/live.ts';
import { arrangeMailboxes, mailboxIcon, mailboxName } from '#web/webmail/mailbox-names.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { FolderView } from '#web/webmail/settings-model.ts';
import { useSaving } from './use-saving.ts';

type Task =
  | { readonly do: 'create'; readonly parentId: string | null }
  | { readonly do: 'change' | 'delete'; readonly folder: FolderView };

/** The depth of a tree is shown to so many levels; what lies deeper stands under the last. */
const MOST_INDENT = 8;

export function FoldersPage() {
  const texts = useTexts();
  const { t, number } = texts;
  const { settings } = useModel();
  const folders = useLive(settings.folders);
  const saving = useSaving();
  const [task, setTask] = useState<Task>();
  if (folders === undefined) return <Skeleton count={8} />;
  const { roles, others } = arrangeMailboxes(folders);
  return (
    <>
      <div className="settings__choices">
        <div>
          <Button icon="plus" onClick={() => setTask({ do: 'create', parentId: null })}>
            {t('folders.create')}
          </Button>
        </div>
        {saving.trouble !== undefined && task === undefined && <Banner tone="trouble">{saving.trouble}</Banner>}
        <ul className="folders">
          {[...roles, ...others].map(({ mailbox, depth }) => {
            const name = mailboxName(mailbox, texts);
            const { id, total, unread, isSubscribed, mayRename, mayDelete } = mailbox;
            return (
              <li key={id} className="folders__row" data-depth={Math.min(depth, MOST_INDENT)}>
                <Icon name={mailboxIcon(mailbox)} />
                <bdi className="folders__name one-line">{name}</bdi>
                <span className="folders__counts numbers">
                  {unread > 0 ? t('folders.counts', { unread, total }) : number(total)}
                </span>
                <Menu
                  label={t('folders.actions', { name })}
                  align="end"
                  groups={[
                    [
                      {
                        label: t('folders.createInside'),
                        icon: 'plus',
                        choose: () => setTask({ do: 'create', parentId: id }),
                      },
                      {
                        label: t('folders.subscribed'),
                        isChecked: isSubscribed,
                        choose: () =>
                          void saving.save(() => settings.changeFolder(id, { isSubscribed: !isSubscribed })),
                      },
                    ],
                    [
                      {
                        label: t('folders.change'),
                        icon: 'compose',
                        isDisabled: !mayRename,
                        choose: () => setTask({ do: 'change', folder: mailbox }),
                      },
                      {
                        label: t('folders.delete'),
                        icon: 'trash',
                        isDisabled: !mayDelete,
                        choose: () => setTask({ do: 'delete', folder: mailbox }),
                      },
                    ],
                  ]}
                  renderButton={(props) => (
                    <IconButton {...props} label={t('folders.actions', { name })} icon="more" size="small" />
                  )}
                />
              </li>
            );
          })}
        </ul>
      </div>
      {task?.do === 'create' && (
        <FolderDialog folders={folders} parentId={task.parentId} onClose={() => setTask(undefined)} />
      )}
      {task?.do === 'change' && (
        <FolderDialog
          folders={folders}
          folder={task.folder}
          parentId={task.folder.parentId ?? null}
          onClose={() => setTask(undefined)}
        />
      )}
      {task?.do === 'delete' && <DeleteDialog folder={task.folder} onClose={() => setTask(undefined)} />}
    </>
  );
}

interface FolderDialogProps {
  readonly folders: readonly FolderView[];
  /** Absent: a new one. */
  readonly folder?: FolderView;
  readonly parentId: string | null;
  readonly onClose: () => void;
}

function FolderDialog({ folders, folder, parentId, onClose }: FolderDialogProps) {
  const texts = useTexts();
  const { t } = texts;
  const { settings } = useModel();
  const saving = useSaving();
  const [name, setName] = useState(folder?.name ?? '');
  const [parent, setParent] = useState(parentId ?? '');
  const { roles, others } = arrangeMailboxes(folders);
  const inside = folder === undefined ? new Set<string>() : insideOf(folders, folder.id);
  const places = [...roles, ...others].filter(({ mailbox }) => !inside.has(mailbox.id));
  const save = async () => {
    const given = name.normalize('NFC').trim();
    const isDone = await saving.save(() =>
      folder === undefined
        ? settings.createFolder(given, parent || null)
        : settings.changeFolder(folder.id, { name: given, parentId: parent || null }),
    );
    if (isDone) onClose();
  };
  return (
    <Dialog
      title={folder === undefined ? t('folders.create') : t('folders.change')}
      closeLabel={t('shell.close')}
      onClose={onClose}
    >
      <form
        className="settings__choices"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {saving.trouble !== undefined && <Banner tone="trouble">{saving.trouble}</Banner>}
        <Field
          label={t('folders.name')}
          value={name}
          required
          autoFocus
          maxLength={100}
          onChange={(event) => setName(event.target.value)}
        />
        <SelectField
          label={t('folders.parent')}
          value={parent}
          onChange={(event) => setParent(event.target.value)}
          options={[
            { value: '', label: t('folders.top') },
            ...places.map(({ mailbox, depth }) => ({
              value: mailbox.id,
              label: `${'　'.repeat(depth)}${mailboxName(mailbox, texts)}`,
            })),
          ]}
        />
        <div>
          <Button kind="primary" type="submit" isBusy={saving.isBusy} disabled={name.trim() === ''}>
            {t('settings.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function DeleteDialog({ folder, onClose }: { readonly folder: FolderView; readonly onClose: () => void }) {
  const { t } = useTexts();
  const { settings } = useModel();
  const saving = useSaving();
  return (
    <Dialog title={t('folders.delete')} closeLabel={t('shell.close')} onClose={onClose}>
      <div className="settings__choices">
        {saving.trouble !== undefined && <Banner tone="trouble">{saving.trouble}</Banner>}
        <p>{t('folders.deleteAsk', { name: folder.name, count: folder.total })}</p>
        <div>
          <Button
            kind="primary"
            isBusy={saving.isBusy}
            onClick={() =>
              void saving.save(() => settings.deleteFolder(folder.id)).then((isDone) => isDone && onClose())
            }
          >
            {t('folders.deleteNow')}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** A folder and all below it: it cannot be moved there. */
function insideOf(folders: readonly FolderView[], id: string): ReadonlySet<string> {
  const inside = new Set([id]);
  for (let before = 0; before !== inside.size;) {
    before = inside.size;
    for (const folder of folders)
      if (folder.parentId !== undefined && inside.has(folder.parentId)) inside.add(folder.id);
  }
  return inside;
}
