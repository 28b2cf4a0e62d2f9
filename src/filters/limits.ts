/** Every limit of filters at work, each with its unit and reason. What an account may set is the directory's. */
export const FILTER_WORK_LIMITS = {
  /** UTF-16 units of one text that are looked at, and texts of one field: beyond, nobody has read either. */
  textLength: 4000,
  texts: 200,
  /** Keywords beside the system ones that the rules together put on one Email: half of what it may have. */
  keywords: 32,
  /** Mailboxes that the rules together put one Email into: each is a row. */
  mailboxes: 10,
} as const;
