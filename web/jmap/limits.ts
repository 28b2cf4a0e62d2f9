/** Every limit of the client, each with its unit and reason. */

/** Tries of one request before those who asked are told. */
export const REQUEST_ATTEMPTS = 4;
/** Before the second try of a request, doubled for each further one; chance takes up to half off. */
export const RETRY_FIRST_MS = 500;
/** No wait between tries is longer. */
export const RETRY_LONGEST_MS = 30_000;
/** For an answer: a search over a large account on a busy server, on a slow line. */
export const REQUEST_TIMEOUT_MS = 60_000;

/** Files larger than this are uploaded in pieces, so that a cut costs a piece and not all: half a minute of a slow line. Octets. */
export const PIECE_BYTES = 2 * 1024 * 1024;
/** Pieces of one blob that every server takes (RFC 9404 §3.1). */
export const PIECES = 64;

/** Rows asked for at once: two screens. */
export const PAGE_ROWS = 50;
/** Pages of one list asked for at once. Where thousands of rows are wanted, a page is as many as one get may ask for. */
export const PAGES_AT_ONCE = 8;
/** Changes of one list taken one by one; past this its visible part is fetched anew, which is less. */
export const LIST_CHANGES = 500;
/** Ids of one /changes answer. */
export const CHANGES_IDS = 2000;
/** Lists kept ready though nobody looks at them. */
export const LISTS_KEPT = 20;
/** Records of one type held in memory, some 1 kB each; those on the screen stay in any case. */
export const RECORDS_HELD = 10_000;
/** Conversations whose letters are looked up at once in order to be changed, and letters: well within what is held. */
export const CONVERSATIONS_AT_ONCE = 500;
export const LETTERS_AT_ONCE = 2000;
/** Snippets held of one search. */
export const SNIPPETS_HELD = 2000;
/** Octets of one text part: past this the reader asks for the whole. */
export const BODY_VALUE_BYTES = 1024 * 1024;

/** Actions that can be undone. */
export const UNDO_STEPS = 20;
/** Until changes that could not be sent are tried again without any sign that the server is back. */
export const RESEND_MS = 30_000;

/** The server says something at least so often, or the connection is taken for dead after two and a half times that. */
export const PING_SECONDS = 60;
/** For the line to be opened: what was sent into a network that is gone is answered by nobody. */
export const OPEN_TIMEOUT_MS = 20_000;
/** Failures in a row after which the server is asked now and then instead. */
export const PUSH_FAILURES = 3;
export const POLL_MS = 60_000;

/** Emails kept for reading offline, newest first. */
export const CACHED_EMAILS = 2000;
/** Bodies kept for reading offline, the least recently read go first; and their characters. */
export const CACHED_BODIES = 200;
export const CACHED_BODY_CHARACTERS = 512 * 1024;
/** Rows of a list kept for reading offline, and lists. */
export const CACHED_ROWS = 200;
export const CACHED_LISTS = 20;
/** Until what changed is written: a burst of changes is one transaction. */
export const CACHE_DELAY_MS = 1000;
