/** Where one can go. */
import type { LabelKey } from '#web/locales/texts.ts';
import type { IconName } from '#web/ui/icons.ts';
import type { Route } from '#web/webmail/routes.ts';
import type { Action } from './action.ts';

function goTo(name: string, label: LabelKey, icon: IconName, shortcut: string | undefined, route: Route): Action {
  return {
    name,
    label,
    icon,
    ...(shortcut !== undefined && { shortcut }),
    group: 'go',
    isEnabled: () => true,
    perform: (context) => context.navigate(route),
  };
}

const mailbox = (mailboxId: string): Route => ({ screen: 'mailbox', mailboxId, conversationId: undefined });

export const goToInbox = goTo('goInbox', 'mailbox.inbox', 'inbox', 'g i', mailbox('inbox'));
export const goToDrafts = goTo('goDrafts', 'mailbox.drafts', 'drafts', 'g d', mailbox('drafts'));
export const goToSent = goTo('goSent', 'mailbox.sent', 'sent', 'g t', mailbox('sent'));
export const goToArchive = goTo('goArchive', 'mailbox.archive', 'archive', 'g a', mailbox('archive'));
export const goToJunk = goTo('goJunk', 'mailbox.junk', 'junk', 'g j', mailbox('junk'));
export const goToContacts = goTo('goContacts', 'contacts.title', 'person', 'g c', {
  screen: 'contacts',
  unit: undefined,
});
export const goToSettings = goTo('goSettings', 'settings.title', 'settings', 'g s', {
  screen: 'settings',
  page: 'profile',
});
export const goToHelp = goTo('goHelp', 'help.title', 'help', undefined, { screen: 'help', topic: undefined });
export const goToSetup = goTo('goSetup', 'setup.title', 'phone', undefined, { screen: 'setup' });

export const showScheduled: Action = {
  name: 'scheduled',
  label: 'action.scheduled',
  icon: 'calendar',
  group: 'go',
  isEnabled: (context) => context.maySend,
  perform: (context) => context.show('scheduled'),
};

export const openNext: Action = {
  name: 'openNext',
  label: 'action.openNext',
  icon: 'chevronDown',
  shortcut: 'j',
  group: 'go',
  isEnabled: () => true,
  perform: (context) => context.openAdjacent(1),
};

export const openPrevious: Action = {
  name: 'openPrevious',
  label: 'action.openPrevious',
  icon: 'chevronLeft',
  shortcut: 'k',
  group: 'go',
  isEnabled: () => true,
  perform: (context) => context.openAdjacent(-1),
};

export const backToList: Action = {
  name: 'backToList',
  label: 'action.backToList',
  icon: 'arrowLeft',
  shortcut: 'u',
  group: 'go',
  isEnabled: (context) => context.isConversationOpen,
  perform: (context) => context.closeConversation(),
};
