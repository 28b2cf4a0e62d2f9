/** Every number the stores are bounded by, with its unit and reason. */

/** Raw octets of one chunk of a blob: the unit of compression, checksum and ranged reading. */
export const CHUNK_BYTES = 256 * 1024;

/**
 * Blobs below this are kept as they are: setting up zstd costs 60 µs to write and 40 µs to read, more than everything
 * else done to a small message, while the octets of a mail store lie in its large ones.
 */
export const COMPRESS_FROM_BYTES = 16 * 1024;

/** A chunk is kept compressed only when that saves at least a tenth. */
export const WORTHWHILE_RATIO = 0.9;

/** zstd level: 1 is three times faster than 3 and within 3 % of its size on mail. */
export const ZSTD_LEVEL = 1;

/** A segment file is closed when it has grown past this. Small enough to compact in seconds. */
export const SEGMENT_BYTES = 64 * 1024 * 1024;

/** Zeros written at once behind a segment's last record: as much as a hundred usual messages take. */
export const SEGMENT_AHEAD_BYTES = 1024 * 1024;

/** Open segment files kept for reading, per thread. */
export const OPEN_SEGMENTS = 64;

/** What one group commit takes at most: bounds latency, memory and the WAL's growth. */
export const GROUP_REQUESTS = 500;
export const GROUP_BYTES = 32 * 1024 * 1024;

/**
 * A durable group waits until this share of the requests that came lately is there again, but no longer than so many
 * milliseconds, about what its two syncs take. Who asks alone never waits.
 */
export const GATHER_SHARE = 0.8;
export const GATHER_MS = 3;

/** What may wait for the writer; beyond it requests are refused as `unavailable` (back-pressure). */
export const QUEUE_REQUESTS = 20_000;
export const QUEUE_BYTES = 256 * 1024 * 1024;

/** Accounts whose rows the writer keeps between operations (about 2 kB each). */
export const CACHED_ACCOUNTS = 10_000;

/** SQLite page cache of the writer and of each reader, KiB. */
export const WRITER_CACHE_KIB = 16 * 1024;
export const READER_CACHE_KIB = 16 * 1024;

/**
 * WAL pages (4 KiB) after which a commit also checkpoints, and what of the file is kept then: overwriting it costs less
 * than growing it anew. A quiet store empties it (IDLE_CHECKPOINT_MS).
 */
export const WAL_CHECKPOINT_PAGES = 2_000;
export const WAL_KEPT_BYTES = WAL_CHECKPOINT_PAGES * 4096;

/** After this long without writes the WAL is emptied. */
export const IDLE_CHECKPOINT_MS = 500;

/** Email ids looked up by one statement when many are asked for; between statements others get the thread. */
export const READ_CHUNK = 2_000;

/** A blob without references is kept this long: an upload or a crashed transaction may still be about to name it. */
export const UNREFERENCED_GRACE_MS = 60 * 60 * 1000;

/** A closed segment is rewritten when less than this share of it is live. */
export const COMPACT_BELOW_SHARE = 0.5;

/** Octets moved by one compaction step and blobs dropped by one: the writer's other work waits no longer than that takes. */
export const COMPACT_STEP_BYTES = 4 * 1024 * 1024;
export const DROP_STEP_BLOBS = 500;

/** Change records kept of an account at least; older ones may be dropped, and clients then start over. */
export const KEPT_CHANGES = 20_000;

/** Connections of one thread to PostgreSQL for transactions, and as many again for single statements. */
export const POSTGRES_CONNECTIONS = 6;
/** More of them for blob rows and notices, which operations wait for. */
export const SIDE_CONNECTIONS = 2;

/** Operations (of different accounts) that share a transaction on PostgreSQL, and transactions at once. */
export const SHARED_OPERATIONS = 100;
export const SHARED_TRANSACTIONS = 4;

/** Messages whose rows one statement stores on PostgreSQL, and characters of their texts unless it is one message. */
export const STORED_MESSAGES = 200;
export const STORED_CHARACTERS = 4 * 1024 * 1024;

/** To connect, seconds; for one statement or lock; and for a whole operation with its retries. */
export const CONNECT_TIMEOUT_S = 4;
/** What runs on other connections when one is lost has this long to end, seconds. */
export const RETIRE_TIMEOUT_S = 2;
export const STATEMENT_TIMEOUT_MS = 7_000;
export const OPERATION_TIMEOUT_MS = 9_000;

/** How often an operation is run again after losing a race (deadlock, serialization). */
export const OPERATION_ATTEMPTS = 5;

/** PostgreSQL takes less than 8,000 octets in one NOTIFY. */
export const NOTICE_CHARACTERS = 7_500;

/** After losing the connection that notices come by, wait this long before trying again. */
export const LISTEN_RETRY_MS = 500;

/**
 * Where several processes share a folder of segments: a process appends to one of its segments this long at most, and
 * compaction leaves a segment alone that was written to more recently than twice that.
 */
export const SEGMENT_OPEN_MS = 12 * 60 * 60 * 1000;

/** Octets written to see whether the disk has room: a small letter. */
export const PROBE_BYTES = 64 * 1024;

/**
 * References from which on a message's text is indexed once for all who have it. Below, each account's own copy lies
 * with the rest of its mail, where it is found without passing over other accounts' mail.
 */
export const SHARED_TEXT_REFERENCES = 8;

/** Segments of about a size that become one: what an account has of each size at most, and looks into for each token. */
export const SEGMENTS_MERGED = 8;

/** Texts of a segment that is not merged again; of usual letters some 5 MB. */
export const SEGMENT_TEXTS = 4_096;

/** Octets of a segment that is not merged again, however few its texts: eight of them and what they become are in memory. */
export const INDEX_SEGMENT_BYTES = 8 * 1024 * 1024;
