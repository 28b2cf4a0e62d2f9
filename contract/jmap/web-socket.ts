/** JMAP over WebSocket (RFC 8887): what goes to and fro beside requests and responses. */
import * as v from 'valibot';
import type { RequestProblem, Response, StateChange } from './core.ts';

/** The name of the subprotocol (RFC 8887 §4.1). */
export const WEB_SOCKET_PROTOCOL = 'jmap';

/** What a client sends. Of a request only what RFC 8887 §4.3.1 adds to it. */
export const SocketMessage = v.variant('@type', [
  v.object({ '@type': v.literal('Request'), id: v.optional(v.nullable(v.string()), null) }),
  v.object({
    '@type': v.literal('WebSocketPushEnable'),
    /** Names of types; null: all. */
    dataTypes: v.optional(v.nullable(v.array(v.string())), null),
    /** From where to go on; null: from now. */
    pushState: v.optional(v.nullable(v.string()), null),
  }),
  v.object({ '@type': v.literal('WebSocketPushDisable') }),
]);
export type SocketMessage = v.InferOutput<typeof SocketMessage>;

/** RFC 8887 §4.3.2. */
export interface SocketResponse extends Response {
  readonly '@type': 'Response';
  readonly requestId?: string;
}

/** RFC 8887 §4.3.4: the problem details of RFC 7807. `about:blank`: the server's own trouble, as `status` says. */
export interface SocketRequestError {
  readonly '@type': 'RequestError';
  readonly requestId: string | null;
  readonly type: RequestProblem | 'about:blank';
  readonly status: number;
  readonly detail: string;
  readonly limit?: string;
}

/** RFC 8887 §4.3.5. */
export interface SocketStateChange extends StateChange {
  readonly pushState: string;
}
