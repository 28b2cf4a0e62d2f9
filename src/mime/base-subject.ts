/**
 * The base subject of RFC 5256 §2.1: what is left of a subject without reply and forward marks and list tags, folded
 * so that equal subjects compare equal. The marks of Chinese, Japanese, Korean and European writers count too.
 */
import { truncateText } from './octets.ts';

const SUBJECT_MAX = 1000;

const MARKS = [
  're',
  'fwd?',
  '(?:自动|自動)?(?:回复|回覆|回復|答复|答覆|答復)',
  '转发|转寄|轉寄|轉發|轉呈|转呈',
  '返信|転送|회신|답장|전달',
  'aw|wg|sv|vs|vb|antw|tr|rif|res|enc|odp|pd|ynt|ilt|ref',
].join('|');

/** NFKC has made `：` a colon, `（２）` a `(2)` and `ＲＥ` an RE before this sees them. */
const LEADER = new RegExp(`^(?:${MARKS})\\s*(?:\\[[^\\[\\]]*\\]|\\(\\d{1,4}\\)|\\^?\\d{1,4})?\\s*:\\s*`, 'iu');
const BLOB = /^\[[^[\]]*\]\s*/u;
const TRAILER = /(?:\s|\(fwd\))+$/iu;
const FWD_HEADER = /^\[fwd:(.*)\]$/isu;

export interface BaseSubject {
  readonly base: string;
  /** A mark was removed: the message answers or passes on another (RFC 5256 §2.1). */
  readonly isReplyOrForward: boolean;
}

function fold(subject: string): string {
  // Bounded twice: NFKC may make eighteen characters of one.
  const text = truncateText(truncateText(subject, SUBJECT_MAX).normalize('NFKC'), SUBJECT_MAX);
  return text.replace(/\s+/g, ' ').trim();
}

/** `subject` is decoded text. */
export function analyseSubject(subject: string): BaseSubject {
  let text = fold(subject);
  let isReplyOrForward = false;
  for (;;) {
    const trimmed = text.replace(TRAILER, '');
    if (trimmed !== text && /\(fwd\)\s*$/i.test(text)) isReplyOrForward = true;
    text = trimmed;
    for (;;) {
      const withoutLeader = removeLeader(text);
      if (withoutLeader !== undefined) {
        isReplyOrForward = true;
        text = withoutLeader;
        continue;
      }
      // RFC 5256 §2.1 (4): a tag goes only if something is left.
      const blob = BLOB.exec(text);
      if (blob !== null && blob[0].length < text.length && !/^\[fwd:/i.test(text)) {
        text = text.slice(blob[0].length);
        continue;
      }
      break;
    }
    const forwarded = FWD_HEADER.exec(text);
    if (forwarded === null) break;
    isReplyOrForward = true;
    text = forwarded[1]!.trim();
  }
  return { base: text.toLowerCase(), isReplyOrForward };
}

/** The text after its reply mark, with the tags before the mark (`[list] Re: `); undefined when there is none. */
function removeLeader(text: string): string | undefined {
  let rest = text;
  for (;;) {
    const leader = LEADER.exec(rest);
    if (leader !== null) return rest.slice(leader[0].length);
    const blob = BLOB.exec(rest);
    if (blob === null) return undefined;
    rest = rest.slice(blob[0].length);
  }
}

/** As analyseSubject, the text alone. */
export function baseSubject(subject: string): string {
  return analyseSubject(subject).base;
}
