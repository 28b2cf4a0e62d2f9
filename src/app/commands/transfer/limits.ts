/** Bounds of import and export, each with its unit and reason. */
export const TRANSFER_LIMITS = {
  /** Messages of one append: one sync for so many, and no more than that is examined again after a crash. */
  batchMessages: 50,
  /** Octets of one append: what is held in memory. A message larger than that goes by itself. */
  batchBytes: 16 * 1024 * 1024,
  /** Octets read from an mbox at once. */
  readBytes: 1024 * 1024,
  /** Octets of a From_ line; real ones stay below 400. */
  fromLineBytes: 1024,
  /** Folders inside each other that are looked into. */
  folderDepth: 20,
  /** Failed messages told one by one. */
  failuresTold: 500,
  /** Messages of one batch that fail for no reason of their own before the import stops. */
  faults: 10,
  /** Octets before a mark in an mbox that must be as they were for the mark to hold. */
  fingerprintBytes: 4096,
} as const;
