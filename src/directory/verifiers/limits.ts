/** What checking a verifier of another system may cost, and how long it may be. */

/** UTF-16 units: argon2's with a long salt have some 200. */
export const MAX_VERIFIER_LENGTH = 512;

/** Rounds of sha256- and sha512-crypt, 3 µs each, on the thread that asks; 5,000 is what systems have unless told otherwise. */
export const MAX_CRYPT_ROUNDS = 20_000;

/** 2^12 rounds of bcrypt take some 300 ms, in slices; 10 is what systems have. */
export const MAX_BCRYPT_COST = 12;

/** Iterations of PBKDF2, off the main thread: some 300 ms. */
export const MAX_PBKDF2_ITERATIONS = 600_000;

/** Argon2, off the main thread: memory of one check, and memory times passes. */
export const MAX_ARGON2_KIB = 131_072;
export const MAX_ARGON2_KIB_PASSES = 1_048_576;

/** Octets that one check of yescrypt fills: 16 MiB is what Debian has, some 300 ms in slices; the next stronger takes twice as much of both. */
export const MAX_YESCRYPT_OCTETS = 33_554_432;
