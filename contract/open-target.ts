/** Where the school's portal may lead to in the webmail: `/open?to=…`. A fixed list, so that a link leads nowhere else. Pure. */

const TARGETS = ['inbox', 'unread', 'compose', 'contacts'] as const;

export type OpenTarget =
  | (typeof TARGETS)[number]
  /** A conversation, by the id that it has in the webmail's addresses. */
  | { readonly read: string };

/** Undefined: it is no target. */
export function parseOpenTarget(text: string): OpenTarget | undefined {
  const read = /^read\/([\w-]{1,255})$/.exec(text)?.[1];
  return read === undefined ? TARGETS.find((target) => target === text) : { read };
}

export function isOpenTarget(text: string): boolean {
  return parseOpenTarget(text) !== undefined;
}

export function formatOpenTarget(target: OpenTarget): string {
  return typeof target === 'string' ? target : `read/${target.read}`;
}
