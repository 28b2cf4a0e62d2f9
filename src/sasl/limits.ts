/** Every bound on what a client may send while it signs in. */

/** One base64 line, without its line end. RFC 4954 §4 asks for 12288 octets and forbids nothing above; more has no use. */
export const MAX_LINE_OCTETS = 12288;

/** Authentication and authorization identities, decoded UTF-8. RFC 4616 §2 asks for 255; an address has up to 320. */
export const MAX_IDENTITY_OCTETS = 1024;

/** A password, decoded UTF-8. RFC 4616 §2 asks for 255; bounded because it is normalised and hashed. */
export const MAX_PASSWORD_OCTETS = 1024;

/** A SCRAM client's nonce: usual ones have 24 to 64 characters. */
export const MAX_NONCE_LENGTH = 256;

/** Octets of a salt that we make: as many as no two accounts share. */
export const SCRAM_SALT_OCTETS = 16;

/** What a stored SCRAM verifier may ask of client and server; a larger number is a mistake in the data. */
export const MAX_SCRAM_ITERATIONS = 10_000_000;

/** What somebody else's server may make us compute to sign in: some 100 ms. Servers ask for 4096 to 600,000. */
export const MAX_CLIENT_SCRAM_ITERATIONS = 1_000_000;

/** An OAuth access token: JSON web tokens with many claims reach 4 kB; a line of `MAX_LINE_OCTETS` holds 9 kB. */
export const MAX_TOKEN_OCTETS = 8192;
