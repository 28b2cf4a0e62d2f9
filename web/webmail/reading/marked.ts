/** What of a letter's text the person has marked, to be quoted alone. */

/** More of it is not quoted, characters. */
const MOST_MARKED = 100_000;

export interface Marked {
  readonly messageId: string;
  readonly text: string;
}

/** Of the first letter shown in which anything is marked. A letter's frame has a selection of its own. */
export function findMarked(page: Document): Marked | undefined {
  for (const card of page.querySelectorAll<HTMLElement>('[data-letter]')) {
    const body = card.querySelector('.card__body');
    const own = page.getSelection();
    const isInBody = own !== null && body?.contains(own.anchorNode) === true && body.contains(own.focusNode);
    const framed = body?.querySelector('iframe')?.contentDocument?.getSelection();
    const text = [isInBody ? own : undefined, framed]
      .map((selection) => selection?.toString().trim() ?? '')
      .find(Boolean);
    if (text !== undefined) return { messageId: card.dataset['letter'] ?? '', text: text.slice(0, MOST_MARKED) };
  }
  return undefined;
}
