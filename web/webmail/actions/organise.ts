/** What is done to conversations. */
import type { MailboxRole } from '#web/webmail/model.ts';
import type { Action, ActionContext } from './action.ts';

const hasTarget = ({ ids, isReadOnly }: ActionContext) => ids.length > 0 && !isReadOnly;
const isOutOf = (context: ActionContext, ...roles: readonly MailboxRole[]) =>
  hasTarget(context) && !roles.some((role) => role === context.mailbox?.role);
const isIn = (context: ActionContext, role: MailboxRole) => hasTarget(context) && context.mailbox?.role === role;

export const archive: Action = {
  name: 'archive',
  label: 'action.archive',
  icon: 'archive',
  shortcut: 'e',
  group: 'organise',
  isEnabled: (context) => isOutOf(context, 'archive', 'drafts', 'trash', 'junk'),
  perform: (context) => context.change({ do: 'archive' }),
};

export const remove: Action = {
  name: 'delete',
  label: 'action.delete',
  icon: 'trash',
  shortcut: '#',
  group: 'organise',
  isEnabled: (context) => isOutOf(context, 'trash'),
  perform: (context) => context.change({ do: 'delete' }),
};

export const junk: Action = {
  name: 'junk',
  label: 'action.junk',
  icon: 'junk',
  shortcut: '!',
  group: 'organise',
  isEnabled: (context) => isOutOf(context, 'junk', 'drafts', 'sent'),
  perform: (context) => context.change({ do: 'junk' }),
};

export const notJunk: Action = {
  name: 'notJunk',
  label: 'action.notJunk',
  icon: 'shield',
  shortcut: '!',
  group: 'organise',
  isEnabled: (context) => isIn(context, 'junk'),
  perform: (context) => context.change({ do: 'notJunk' }),
};

export const move: Action = {
  name: 'move',
  label: 'action.move',
  icon: 'move',
  shortcut: 'v',
  group: 'organise',
  isEnabled: hasTarget,
  perform: (context) => context.show('moveTo'),
};

export const label: Action = {
  name: 'label',
  label: 'action.label',
  icon: 'label',
  shortcut: 'l',
  group: 'organise',
  isEnabled: hasTarget,
  perform: (context) => context.show('labels'),
};

export const markRead: Action = {
  name: 'markRead',
  label: 'action.markRead',
  icon: 'mailOpen',
  shortcut: 'Shift+I',
  group: 'organise',
  isEnabled: (context) => hasTarget(context) && context.isAnyUnread,
  perform: (context) => context.change({ do: 'setUnread', to: false }),
};

export const markUnread: Action = {
  name: 'markUnread',
  label: 'action.markUnread',
  icon: 'mail',
  shortcut: 'Shift+U',
  group: 'organise',
  isEnabled: (context) => hasTarget(context) && !context.isAnyUnread,
  perform: (context) => context.change({ do: 'setUnread', to: true }),
};

export const flag: Action = {
  name: 'flag',
  label: 'action.flag',
  icon: 'star',
  shortcut: 's',
  group: 'organise',
  isEnabled: (context) => hasTarget(context) && !context.isAnyFlagged,
  perform: (context) => context.change({ do: 'setFlagged', to: true }),
};

export const unflag: Action = {
  name: 'unflag',
  label: 'action.unflag',
  icon: 'star',
  shortcut: 's',
  group: 'organise',
  isEnabled: (context) => hasTarget(context) && context.isAnyFlagged,
  perform: (context) => context.change({ do: 'setFlagged', to: false }),
};

export const mute: Action = {
  name: 'mute',
  label: 'action.mute',
  icon: 'bellOff',
  shortcut: 'm',
  group: 'organise',
  isEnabled: (context) => isOutOf(context, 'drafts', 'trash', 'junk') && !context.isAnyMuted,
  perform: (context) => context.change({ do: 'setMuted', to: true }),
};

export const unmute: Action = {
  name: 'unmute',
  label: 'action.unmute',
  icon: 'bell',
  shortcut: 'm',
  group: 'organise',
  isEnabled: (context) => hasTarget(context) && context.isAnyMuted,
  perform: (context) => context.change({ do: 'setMuted', to: false }),
};

export const save: Action = {
  name: 'save',
  label: 'action.save',
  icon: 'download',
  group: 'organise',
  isEnabled: ({ ids }) => ids.length > 0,
  perform: (context) => context.save(),
};
