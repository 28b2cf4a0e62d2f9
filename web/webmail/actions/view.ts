/** What changes what one sees and no mail. */
import type { Action } from './action.ts';

export const search: Action = {
  name: 'search',
  label: 'action.search',
  icon: 'search',
  shortcut: '/',
  group: 'view',
  isEnabled: () => true,
  perform: (context) => context.show('search'),
};

export const openPalette: Action = {
  name: 'palette',
  label: 'action.palette',
  icon: 'command',
  shortcut: 'Mod+K',
  group: 'view',
  isEnabled: () => true,
  perform: (context) => context.show('palette'),
};

export const showShortcuts: Action = {
  name: 'shortcuts',
  label: 'action.shortcuts',
  icon: 'keyboard',
  shortcut: '?',
  group: 'view',
  isEnabled: () => true,
  perform: (context) => context.show('shortcuts'),
};

export const selectAll: Action = {
  name: 'selectAll',
  label: 'action.selectAll',
  icon: 'check',
  shortcut: '* a',
  group: 'view',
  isEnabled: () => true,
  perform: (context) => context.selectAll(),
};

export const selectNone: Action = {
  name: 'selectNone',
  label: 'action.selectNone',
  icon: 'close',
  shortcut: '* n',
  group: 'view',
  isEnabled: (context) => context.ids.length > 0,
  perform: (context) => context.selectNone(),
};

export const select: Action = {
  name: 'select',
  label: 'action.select',
  icon: 'check',
  shortcut: 'x',
  group: 'view',
  isEnabled: () => true,
  perform: (context) => context.toggleSelected(),
};

export const undo: Action = {
  name: 'undo',
  label: 'shell.undo',
  icon: 'undo',
  shortcut: 'z',
  group: 'organise',
  isEnabled: () => true,
  perform: (context) => context.undo(),
};

export const toggleTheme: Action = {
  name: 'toggleTheme',
  label: 'action.toggleTheme',
  icon: 'palette',
  group: 'view',
  isEnabled: () => true,
  perform: (context) => context.toggleTheme(),
};
