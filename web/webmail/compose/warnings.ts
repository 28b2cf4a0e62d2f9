/** What a letter is held up for before it goes: things people regret. Pure. */
import type { PersonView } from '#web/webmail/model.ts';
import type { Draft } from '#web/webmail/writing.ts';

export type Warning =
  | { readonly kind: 'forgottenAttachment' | 'noSubject' }
  /** Some are of the university and these are not. */
  | { readonly kind: 'outside'; readonly people: readonly PersonView[] }
  | { readonly kind: 'manyRecipients'; readonly count: number };

/** From so many on, everybody seeing everybody is hardly meant. */
const MANY_RECIPIENTS = 50;

const ATTACHMENT_WORDS =
  /附件|附上|随信附|见附|所附|附表|附图|\battach(?:ed|ing|ments?)?\b|\benclos(?:ed|ing|ures?)\b/i;

/** `own`: addresses of who writes; their domains, and those above and below, are inside. */
export function warningsOf(draft: Draft, own: readonly string[]): readonly Warning[] {
  const warnings: Warning[] = [];
  const hasFiles = draft.files.some(({ cid }) => cid === undefined);
  // The subject of an answer is somebody else's.
  const words = `${draft.concerns ? '' : draft.subject} ${ownWords(draft.body)}`;
  if (!hasFiles && ATTACHMENT_WORDS.test(words)) warnings.push({ kind: 'forgottenAttachment' });
  if (draft.subject.trim() === '') warnings.push({ kind: 'noSubject' });
  const everyone = [...draft.to, ...draft.cc, ...draft.bcc];
  const domains = own.map(domainOf);
  const people = everyone.filter(({ address }) => !domains.some((domain) => isAkin(domainOf(address), domain)));
  if (people.length > 0 && people.length < everyone.length && !draft.isOneByOne)
    warnings.push({ kind: 'outside', people });
  if (everyone.length >= MANY_RECIPIENTS && !draft.isOneByOne)
    warnings.push({ kind: 'manyRecipients', count: everyone.length });
  return warnings;
}

/** What stands before the first quotation: what others wrote says nothing of this letter's files. */
function ownWords(html: string): string {
  const quote = html.indexOf('<blockquote');
  return (quote < 0 ? html : html.slice(0, quote)).replace(/<[^>]*>/g, ' ');
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

/** stu.example.edu.cn and example.edu.cn, whichever is whose. */
function isAkin(domain: string, own: string): boolean {
  return domain === own || domain.endsWith(`.${own}`) || own.endsWith(`.${domain}`);
}
