/** Every limit of searching, with its unit and reason. */
export const SEARCH_LIMITS = {
  /** UTF-16 units of one word; a longer one (base64, a URL's key) is several in a row. */
  wordChars: 64,
  /** UTF-16 units read of a message's own text, and of its attachments' together: a thick book has a million. */
  textChars: 1_000_000,
  /** Phrases of one query. */
  phrases: 32,
  /** UTF-16 units read of a query. */
  queryChars: 1_000,
  /** Emails read and indexed at once: some 50 ms of the indexer's thread, and what a crash has it do again. */
  sliceEmails: 100,
  /** Hits whose rows are read at once, newest first, until a question has as many as it wants. */
  readEmails: 100,
  /** UTF-16 units of a slice's texts after which the rest waits for the next one: bounds memory. */
  sliceChars: 4_000_000,
  /** Octets of one office file or PDF that is looked into; larger ones are pictures and scans. */
  fileBytes: 20 * 1024 * 1024,
  /** Files of one message that are looked into. */
  files: 20,
  /** Octets unpacked of one office file: what it holds beyond is not read (a zip bomb stops here). */
  unpackedBytes: 32 * 1024 * 1024,
  /** Milliseconds for one file; its reader is then ended. */
  fileMs: 10_000,
  /** Heap of the thread that reads files, MiB. */
  readerHeapMb: 256,
  /** Octets of a snippet's HTML (RFC 8621 §5: at most 255). */
  snippetBytes: 255,
} as const;
