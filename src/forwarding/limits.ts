/** Every limit of forwarding, each with its unit and reason. */

/** Accounts one after another that forward one message: a person, a secretary, who stands in for that one, and one more. */
export const MAX_FORWARD_DEPTH = 4;
