/** The limits that hold for every engine's streams, each with its unit and reason. */

/** Octets waiting unread in this process before the socket is paused: one full socket read. */
export const READ_AHEAD_BYTES = 64 * 1024;

/** For a peer to take our last words and close its side while the server stops. */
export const HURRIED_LINGER_MS = 300;

/** Certificates of a peer's chain that are looked at: real ones have two to four; OpenSSL follows ten. */
export const MAX_CHAIN_CERTIFICATES = 10;
