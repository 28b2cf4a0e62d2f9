/** `classes('row', isOpen && 'row--open')`: a class attribute of what is there. */
export function classes(...names: readonly (string | false | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}
