/** Every limit of mail to groups, each with its unit and reason. */

/** Recipients queued as one message: what every server takes in one transaction (RFC 5321 §4.5.3.1.8). */
export const MAX_RECIPIENTS_PER_MESSAGE = 100;
