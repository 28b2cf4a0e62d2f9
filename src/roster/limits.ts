/** Every bound on what a roster may bring, each with its unit and reason. */

/** Octets of a file: a million people as CSV have some 60 MB; what is larger is no list of people. */
export const MAX_FILE_OCTETS = 256 * 1024 * 1024;

/** Octets of all parts of a workbook together once inflated: 200,000 people with all columns have some 250 MB of XML. */
export const MAX_INFLATED_OCTETS = 400 * 1024 * 1024;

/** Parts of a workbook that are looked at; an ordinary one has a dozen. */
export const MAX_PARTS = 1000;

/** Texts that the cells of a workbook share, in number: every cell of 200,000 people its own. */
export const MAX_SHARED_TEXTS = 4_000_000;

/** Rows, of people and others: five times the largest university. */
export const MAX_ROWS = 1_000_000;

/** Cells of a row: the national standard has some 150 of a student. */
export const MAX_CELLS = 500;

/** UTF-16 units of a cell: what a spreadsheet takes. */
export const MAX_CELL_LENGTH = 32_767;

/** The same, of a table in CSV. */
export const TABLE_LIMITS = { maxRows: MAX_ROWS, maxCells: MAX_CELLS, maxCellLength: MAX_CELL_LENGTH };

/** Rows looked at for the names of the columns: a title and a remark may stand above them. */
export const MAX_ROWS_ABOVE = 10;

/** Rows whose trouble is told one by one; more is one mistake many times. */
export const MAX_TROUBLES_TOLD = 200;

/** Rows read before others get their turn: some 10 ms. */
export const ROWS_AT_ONCE = 2000;

/** People read at once for a comparison: some 5 ms. */
export const PERSONS_AT_ONCE = 1000;

/** For how long a run can be undone, and what it changed is kept. Days. */
export const CHANGES_KEPT_DAYS = 30;

/** Accounts near their end that are looked at at once. */
export const LIVES_AT_ONCE = 200;

/** Accounts that are looked at at once for whether anybody uses them. */
export const IDLES_AT_ONCE = 500;

/** Boxes of departments that are looked at at once. */
export const BOXES_AT_ONCE = 200;

/** When to try again to delete an account, should it have failed: an hour, milliseconds. */
export const RETRY_PURGE_MS = 3_600_000;

/** When to look again at an account whose next step is far, or that no rule is for: rules may change. A week, milliseconds. */
export const LOOK_AGAIN_MS = 7 * 24 * 3_600_000;

/** Addresses of new people looked up side by side: the store answers many as soon as one. */
export const OWNERS_AT_ONCE = 200;

/** For how long the number of current people is taken as it was: minutes of a day, milliseconds. */
export const COUNT_AGAIN_MS = 10 * 60_000;

/** Runs looked at for the one that is open today; every program of the university has one. */
export const RUNS_OF_A_DAY = 50;

/** Octets of a SCIM request: a person with all that is known of them has some 1,500. */
export const MAX_SCIM_OCTETS = 64 * 1024;

/** People in one SCIM answer (RFC 7644 §3.4.2.4). */
export const MAX_SCIM_RESULTS = 500;

/** Operations in one SCIM PATCH: every attribute twice. */
export const MAX_SCIM_OPERATIONS = 50;

/** Entries of a page of LDAP: what most servers give at once. */
export const LDAP_PAGE = 500;

/** How long an LDAP server may take for one answer, milliseconds. */
export const LDAP_TIMEOUT_MS = 30_000;
