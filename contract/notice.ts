/** The school's notices, as `GET /site/notices` and `GET /site/notices/:id` say them. */

export interface NoticeLink {
  readonly id: number;
  readonly title: string;
}

export interface NoticeSummary extends NoticeLink {
  /** 文号; '' where it has none. */
  readonly number: string;
  /** Milliseconds since 1970. */
  readonly publishedAt: number;
  readonly views: number;
}

export interface NoticeList {
  /** The newest first. */
  readonly notices: readonly NoticeSummary[];
  /** Given back as `?before=`, what follows; null: that is all. */
  readonly next: number | null;
}

export interface NoticeText extends NoticeSummary {
  /** When its text was last changed, milliseconds since 1970; null: it stands as it was published. */
  readonly editedAt: number | null;
  /** Plain text: paragraphs between blank lines, `## ` before a heading, `- ` before a point of a list. */
  readonly body: string;
  readonly files: readonly { readonly name: string; readonly sizeBytes: number; readonly url: string }[];
  readonly newer: NoticeLink | null;
  readonly older: NoticeLink | null;
}
