/** Bounds of the school's notices, each with its unit and reason. */
export const NOTICE_LIMITS = {
  /** UTF-16 units: a headline, which is a subject too. */
  titleLength: 200,
  /** UTF-16 units of a 文号. */
  numberLength: 60,
  /** UTF-16 units of the text: thirty pages; it is read whole and sent as it is. */
  bodyLength: 50_000,
  /** What hangs on a notice: appendices, forms. */
  files: 5,
  /** Octets of a file: a manual with pictures. All of them cross to the store in one change. */
  fileBytes: 10 * 1024 * 1024,
  /** Octets of a file that are read at a time: whoever takes it slowly holds no more, and SQLite goes through the file for each. */
  pieceBytes: 1024 * 1024,
  /** Notices on a page of the list. */
  page: 20,
  /** Notices named beside the sign-in form. */
  newest: 5,
  /** How long somebody who reads a notice again is not counted again, milliseconds. */
  viewMs: 3_600_000,
  /** Who read what that is remembered in the store, for all servers: 20 MB at most. Who is forgotten is counted again. */
  viewSlots: 262_144,
  /** The same in each thread, so that the store is not asked again: 10 MB at most. */
  viewsRemembered: 50_000,
} as const;
