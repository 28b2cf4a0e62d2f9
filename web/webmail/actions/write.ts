/** What begins a letter. */
import type { Action } from './action.ts';

export const compose: Action = {
  name: 'compose',
  label: 'action.compose',
  icon: 'compose',
  shortcut: 'c',
  group: 'write',
  isEnabled: (context) => context.maySend,
  perform: (context) => context.compose('new'),
};

export const reply: Action = {
  name: 'reply',
  label: 'action.reply',
  icon: 'reply',
  shortcut: 'r',
  group: 'write',
  isEnabled: (context) => context.isConversationOpen && context.maySend,
  perform: (context) => context.compose('reply'),
};

export const replyAll: Action = {
  name: 'replyAll',
  label: 'action.replyAll',
  icon: 'replyAll',
  shortcut: 'a',
  group: 'write',
  isEnabled: (context) => context.isConversationOpen && context.maySend,
  perform: (context) => context.compose('replyAll'),
};

export const forwardFiles: Action = {
  name: 'forwardFiles',
  label: 'action.forwardFiles',
  icon: 'attachment',
  group: 'write',
  isEnabled: ({ ids, maySend }) => ids.length > 0 && maySend,
  perform: (context) => context.forwardFiles(),
};

export const forward: Action = {
  name: 'forward',
  label: 'action.forward',
  icon: 'forward',
  shortcut: 'f',
  group: 'write',
  isEnabled: (context) => context.isConversationOpen && context.maySend,
  perform: (context) => context.compose('forward'),
};
