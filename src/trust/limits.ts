/** Every bound on what trust takes in and spends, each with its unit and reason. */

// --- authenticating a message

/** Milliseconds for all checks of one message together. RFC 7208 §4.6.4 wants at least 20 s for SPF. */
export const AUTHENTICATION_TIMEOUT_MS = 20_000;
/** Questions to the DNS for one message: SPF at its worst asks some 120 (10 terms, each MX of 10 hosts), the rest 60. */
export const MAX_QUERIES = 250;
/** RFC 7208 §4.6.4: terms that ask the DNS. */
export const MAX_SPF_LOOKUPS = 10;
/** RFC 7208 §4.6.4: look-ups that find nothing. */
export const MAX_SPF_VOID_LOOKUPS = 2;
/** DKIM signatures of one message that are verified; each costs a look-up and some 50 µs. Real mail has one to four. */
export const MAX_SIGNATURES = 10;
/** Octets of one DKIM-Signature or ARC field that is read; real ones stay below 2,000, those with z= below 8,000. */
export const MAX_SIGNATURE_FIELD_OCTETS = 16 * 1024;
/** Different hashes of one body (canonicalisation and l=): each is a pass over all of it. */
export const MAX_BODY_HASHES = 4;
/** RFC 8617 §4.2.1 allows 50 ARC sets; each costs a look-up. The longest chains seen in mail have some ten. */
export const MAX_ARC_SETS = 20;
/**
 * Octets of all ARC fields of a message. Each seal is over all sets before it, and the library verifies them without a
 * pause: 20 sets of this size take some 40 ms. Real sets have 2,000 to 8,000.
 */
export const MAX_ARC_OCTETS = 256 * 1024;
/** Octets of one TXT record: an RSA key of 8,192 bits has 1,400, large SPF records 2,000. */
export const MAX_TXT_OCTETS = 4096;
/** RFC 8301 §3.2: shorter RSA keys are not believed. */
export const MIN_RSA_BITS = 1024;
/** RFC 8301 §3.2 asks for 4,096 at least; verifying grows with the cube. */
export const MAX_RSA_BITS = 8192;
/** Host names of one PTR answer that are confirmed, as RFC 7208 §5.5 has it. */
export const MAX_PTR_NAMES = 10;
/** Milliseconds that a signer's clock may be ahead of ours. */
export const MAX_CLOCK_SKEW_MS = 24 * 3_600_000;
/** UTF-16 units of anything from outside that is put into a result or a trace field. */
export const MAX_RESULT_TEXT_LENGTH = 255;

// --- signing

/** Milliseconds that the record of a retired key stays published: mail is queued for days, and read again later. */
export const RETIRED_KEY_KEPT_MS = 14 * 24 * 3_600_000;

// --- forwarding

/** Days that a bounce to a rewritten reverse path is believed: longer than any queue keeps a message. */
export const MAX_SRS_AGE_DAYS = 21;
/** RFC 5321 §4.5.3.1.1. */
export const MAX_SRS_LOCAL_PART_OCTETS = 64;

// --- MTA-STS and DANE

/** RFC 8461 §3.3 suggests 64 kB. */
export const MAX_STS_POLICY_OCTETS = 64 * 1024;
/** RFC 8461 §3.3 suggests a minute; a queue does not wait so long for a bonus. */
export const STS_FETCH_TIMEOUT_MS = 20_000;
/** RFC 8461 §3.2: about a year. */
export const MAX_STS_AGE_S = 31_557_600;
/** RFC 8461 §3.3: how long a server that failed is left alone. */
export const STS_RETRY_AFTER_MS = 5 * 60_000;
/** How long before it expires a kept policy is fetched anew, milliseconds; and how often at most, for those that never last longer. */
export const STS_REFRESH_BEFORE_MS = 24 * 3_600_000;
export const STS_REFRESH_EVERY_MS = 3_600_000;
/** Domains of which it is remembered what the last fetch came to. */
export const MAX_STS_FETCHES_KEPT = 1000;
/** Patterns of one policy; the largest known has some 20. */
export const MAX_STS_MX_PATTERNS = 100;
/** TLSA records of one host; two keys in each form make 12. */
export const MAX_TLSA_RECORDS = 40;
/** Certificates of one chain. */
export const MAX_CHAIN_CERTIFICATES = 10;
/** Octets of one certificate; those of large hosts with hundreds of names reach 8 kB. */
export const MAX_CERTIFICATE_OCTETS = 64 * 1024;

// --- reports

/** Octets of a report's mail that are read: a large provider's daily report has some 100 kB. */
export const MAX_REPORT_MAIL_OCTETS = 10 * 1024 * 1024;
/** Octets of a report unpacked. */
export const MAX_REPORT_OCTETS = 20 * 1024 * 1024;
/** Rows of one report that are read. */
export const MAX_REPORT_ROWS = 20_000;
/** Elements inside each other; the schema has six levels. */
export const MAX_REPORT_DEPTH = 12;
/** Files of one zip archive that are looked at. */
export const MAX_REPORT_FILES = 10;
/** UTF-16 units of any text of a report that is kept. */
export const MAX_REPORT_TEXT_LENGTH = 255;
/** Addresses that one domain's reports are sent to (RFC 7489 §6.2 asks for two at least). */
export const MAX_REPORT_ADDRESSES = 5;
/** Reports kept about one domain that end on one day: a university has some 100 reporters; a stranger can make up any number. */
export const MAX_DMARC_REPORTS_PER_DAY = 500;
/** Rows of a received report that are kept, those of most messages: some 150 octets each. Those about a university have dozens. */
export const MAX_REPORT_ROWS_KEPT = 500;
/** Milliseconds since a report's end within which it is taken; the slowest reporters send within days. */
export const MAX_RECEIVED_REPORT_AGE_MS = 30 * 24 * 3_600_000;
/** Rows of one report of ours, the first in order: some 800 octets each before it is packed, written in one go. */
export const MAX_ROWS_REPORTED = 5_000;
/** Days back for which reports are still sent, after a time without a server or without the setting. */
export const MAX_DAYS_REPORTED_LATE = 3;
/** Different observations of one day, both kinds: some 400 octets each. A university of 40,000 has some 20,000. */
export const MAX_OBSERVATIONS_PER_DAY = 200_000;

/** How long observations are gathered before they are written down, milliseconds: what a crash may take. */
export const OBSERVATIONS_KEPT_BACK_MS = 20_000;
/** Different observations gathered before they are written down at once. */
export const MAX_OBSERVATIONS_GATHERED = 2_000;

/** Domains whose opened keys are kept: a university has a few dozen. */
export const MAX_OPENED_DOMAINS = 1_000;
/** How long opened keys are used without a look at the store, milliseconds: a change is told at once anyway. */
export const OPENED_KEYS_KEPT_MS = 60_000;
