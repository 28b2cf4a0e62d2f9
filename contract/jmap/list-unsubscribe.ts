/**
 * ListUnsubscribe/post, ours: leaves the list that an Email came by, by one click (RFC 8058). The server posts, since no page may
 * ask a stranger's server, and tells it nothing of who clicked but what the list's own URL says.
 */
import * as v from 'valibot';
import { Id } from './values.ts';

export const ListUnsubscribePost = v.strictObject({ accountId: Id, emailId: Id });

/**
 * `done`: the list has taken it. `notOffered`: the Email offers no such way, or nobody has signed for it. `refused`: the list
 * answered otherwise. `unreachable`: it did not answer. `tooMany`: this account has asked for a while's worth.
 */
export const LEFT_LIST = ['done', 'notOffered', 'refused', 'unreachable', 'tooMany'] as const;
export type LeftList = (typeof LEFT_LIST)[number];

export interface ListUnsubscribePostResponse {
  readonly accountId: Id;
  readonly result: LeftList;
}
