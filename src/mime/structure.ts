/**
 * What is known of a message without its octets: computed once when it comes in, kept beside it, and enough
 * to answer every listing. Plain data only: it is stored as JSON and crosses threads.
 */

/** One body part (RFC 2045), with offsets into the message's octets. */
export interface MimePart {
  /** Lower case, `text`. Never empty: an unusable Content-Type reads as `text/plain` (RFC 2045 §5.2). */
  readonly type: string;
  /** Lower case, `plain`. */
  readonly subtype: string;
  /** Content-Type parameters, names lower case, values decoded (RFC 2231, 2047), in order of appearance. */
  readonly params: Readonly<Record<string, string>>;
  /** Content-ID with its angle brackets, as it stands. */
  readonly id?: string;
  readonly description?: string;
  /** Content-Transfer-Encoding, lower case: `7bit` when absent. */
  readonly encoding: string;
  /** Content-Disposition's value (RFC 2183), lower case. */
  readonly disposition?: string;
  readonly dispositionParams?: Readonly<Record<string, string>>;
  /** The name a person should see and may save under: safe as a file name (domain: no path, control or bidi characters). */
  readonly fileName?: string;
  /** Content-Language (RFC 3282), as tags. */
  readonly language?: readonly string[];
  /** Content-Location (RFC 2557), as it stands. */
  readonly location?: string;
  /** Content-MD5 (RFC 1864) as it stands. */
  readonly md5?: string;
  /** First octet of the part's header (for the root: 0). */
  readonly headerStart: number;
  /** First octet of the body, after the empty line. */
  readonly bodyStart: number;
  /** One past the last octet of the body; the line end before a boundary belongs to the boundary (RFC 2046 §5.1.1). */
  readonly bodyEnd: number;
  /** Line ends (LF octets) in the body; for text/* and message/* parts, as IMAP wants them. */
  readonly lines: number;
  /** multipart/*: its parts, at least one. message/rfc822 and message/global: exactly one, the enclosed message;
   *  an empty one where the message is base64 or quoted-printable (its octets are no message until decoded). */
  readonly parts?: readonly MimePart[];
  /** On the root part of an enclosed message only: its IMAP ENVELOPE, ready to send. */
  readonly imapEnvelope?: string;
}

/** One mailbox address of a header field, decoded for people. */
export interface MailAddress {
  readonly name?: string;
  /** `localPart@domain`; may be any text in hostile mail. */
  readonly email: string;
}

/** The decoded header fields that lists show (JMAP's Email properties of the same names, RFC 8621 §4.1.2.3). */
export interface MessageSummary {
  readonly subject: string;
  readonly from: readonly MailAddress[];
  readonly sender: readonly MailAddress[];
  readonly replyTo: readonly MailAddress[];
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  readonly bcc: readonly MailAddress[];
  /** From the Date header: milliseconds since the epoch; absent when missing or unreadable. */
  readonly sentAtMs?: number;
  /** The zone it was written in, minutes east of UTC; absent for UTC, and in what was taken before this was kept. */
  readonly sentAtOffsetMinutes?: number;
  /** Message ids without angle brackets. */
  readonly messageId: readonly string[];
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
  /** A part a person would call an attachment exists (RFC 8621 §4.1.4). */
  readonly hasAttachment: boolean;
}

/** Everything computed once at ingest. */
export interface MessageDigest {
  readonly sizeBytes: number;
  readonly structure: MimePart;
  /** RFC 9051 §7.5.2 ENVELOPE's value with its parentheses, pure ASCII without CR or LF, ready to send. */
  readonly imapEnvelope: string;
  readonly summary: MessageSummary;
  /** Up to 256 characters of the text, white space folded (RFC 8621 §4.1.4). */
  readonly preview: string;
  /** Subject without reply prefixes and list tags, folded for comparison (RFC 5256 §2.1 and the Chinese prefixes). */
  readonly baseSubject: string;
}
