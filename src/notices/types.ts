/** The school's notices, as they are kept. */

/** What lists show of a notice. */
export interface NoticeHead {
  /** From 1; a later one is the newer notice. */
  readonly noticeId: number;
  /** 文号, `信息〔2026〕12 号`; '' where it has none. */
  readonly number: string;
  readonly title: string;
  readonly publishedAt: number;
  /** When its text was last changed; null: it stands as it was published. */
  readonly editedAt: number | null;
  /** Null: it stands. */
  readonly withdrawnAt: number | null;
  /** The realm whose people it is for; null: everybody's. */
  readonly realm: string | null;
  readonly views: number;
}

export interface NoticeRow extends NoticeHead {
  /** Plain text, LF: paragraphs between blank lines, `## ` before a heading, `- ` before a point of a list. */
  readonly body: string;
}

export interface NoticeFileRow {
  /** Safe to show and to save under. */
  readonly name: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

export interface NoticeFile extends Pick<NoticeFileRow, 'name' | 'mediaType'> {
  readonly content: Uint8Array;
}

/** That somebody read a notice of late. There are NOTICE_LIMITS.viewSlots of these; who comes to one that is taken has it from then on. */
export interface NoticeView {
  readonly slot: number;
  /** A keyed digest of who read what: nobody's address is kept. */
  readonly mark: string;
  readonly seenAt: number;
}
