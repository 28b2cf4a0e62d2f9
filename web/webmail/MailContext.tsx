/** The account's mail and what can be done now, for every component under the shell. */
import { createContext, useContext } from 'react';
import type { Action, ActionContext } from './actions/action.ts';
import { useLive } from './live.ts';
import type { MailboxView, MailModel } from './model.ts';

export const ModelContext = createContext<MailModel | undefined>(undefined);

export function useModel(): MailModel {
  const model = useContext(ModelContext);
  if (model === undefined) throw new Error('no ModelContext above');
  return model;
}

/** Whether the account that is shown is one's own, and not one that others share. */
export function useOwn(): boolean {
  return useLive(useModel().accounts).find(({ isCurrent }) => isCurrent)?.isOwn !== false;
}

/** Whether one's own mail is kept in an archive, where it is read and taken along, and nothing is set or changed. */
export function useArchived(): boolean {
  return useLive(useModel().accounts).find(({ isOwn }) => isOwn)?.isReadOnly === true;
}

export interface Actions {
  readonly context: ActionContext;
  readonly run: (action: Action) => void;
}

export const ActionsContext = createContext<Actions | undefined>(undefined);

export function useActions(): Actions {
  const actions = useContext(ActionsContext);
  if (actions === undefined) throw new Error('no ActionsContext above');
  return actions;
}

/** The mailbox of an address: by its id, or by its role, so that /mail/inbox is everybody's inbox. */
export function useMailbox(idOrRole: string | undefined): MailboxView | undefined {
  const mailboxes = useLive(useModel().mailboxes);
  return mailboxes.find(({ id }) => id === idOrRole) ?? mailboxes.find(({ role }) => role === idOrRole);
}
