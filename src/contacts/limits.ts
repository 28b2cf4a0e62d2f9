/** Bounds of files of contacts. */
export const CONTACT_FILE_LIMITS = {
  /** Octets of a file: all cards of an account, with room for pictures that are then left out. */
  fileBytes: 20_000_000,
  /** Cards taken from a file: as many as an account has at most; the rest is counted. */
  cards: 5000,
  /** UTF-16 units of one line, unfolded: a note, or a small picture. What is longer is left out. */
  lineLength: 40_000,
  /** Values of a card: addresses, telephones, what we do not know. */
  values: 200,
  /** UTF-16 units of a card's values together: a card has 64 kB at most. */
  cardLength: 50_000,
  /** Of a table. */
  table: { maxRows: 20_000, maxCells: 300, maxCellLength: 32_767 },
} as const;
