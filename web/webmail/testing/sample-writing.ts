/** Writing without a server: everything is kept, and sent to nobody. */
import { beginDraft, htmlOfText } from '#web/webmail/draft.ts';
import type { ConversationView } from '#web/webmail/model.ts';
import type { Draft, Writing } from '#web/webmail/writing.ts';

export function createSampleWriting(conversationOf: (id: string) => ConversationView): Writing {
  const kept = new Map<string, Draft>();
  let forms = 0;
  return {
    limits: () => Promise.resolve({ fileBytes: 50e6, lettersFilesBytes: 50e6, aheadMs: 30 * 86_400_000 }),
    keep(draft) {
      const savedId = `kept-${++forms}`;
      kept.set(savedId, { ...draft, savedId });
      return Promise.resolve({ savedId, files: new Map(), isParted: false });
    },
    read(savedId) {
      const { subject, messages } = conversationOf(savedId);
      const texts = { replyPrefix: '', forwardPrefix: '', quoteHead: () => '' };
      const blank = beginDraft(savedId, 'new', undefined, [], texts);
      const body = htmlOfText(messages.at(-1)?.text ?? '');
      return Promise.resolve(kept.get(savedId) ?? { ...blank, subject, body, savedId });
    },
    shelve: () => Promise.resolve(),
    unshelve: () => Promise.resolve(),
    leftBehind: () => Promise.resolve([]),
    take: () => Promise.resolve(true),
    release: () => undefined,
    throwAway: (savedId) => void kept.delete(savedId),
    upload: () => Promise.resolve('blob'),
    send: (draft) => ({ undo: () => Promise.resolve(draft) }),
    answer: () => Promise.resolve(),
    returned: () => () => undefined,
    templates: () => Promise.resolve([{ savedId: 'template-1', subject: '会议通知' }]),
    keepTemplate: () => Promise.resolve(),
    scheduled: () => Promise.resolve([]),
    cancel: () => Promise.resolve(false),
  };
}
