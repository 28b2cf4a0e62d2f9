/**
 * Prepared messages on their way to the writer: the JSON columns are made by the sending thread, because the writer's
 * time is what all deliveries share, and because a string crosses threads faster than a tree.
 */
import type { PreparedMessage } from '#mail/types.ts';
import type { MessageSummary, MimePart } from '#mime/structure.ts';
import { replaceMessages } from '#store/messages-in-args.ts';
import type { MessageJson } from '#store/sql/message-rows.ts';

/** A prepared message as it crosses: `digest` lacks its structure and summary until `unpackMessage`. */
interface PackedMessage extends PreparedMessage {
  readonly packedJson: MessageJson;
}

/** Packs each message once, and the arguments around it, however many requests carry them. */
export class MessagePacker {
  readonly #messages = new WeakMap<PreparedMessage, PackedMessage>();
  readonly #args = new WeakMap<object, unknown>();

  pack(args: unknown): unknown {
    if (typeof args !== 'object' || args === null) return args;
    let packed = this.#args.get(args);
    if (packed === undefined) {
      packed = replaceMessages(args, (message) => this.#packMessage(message));
      if (packed !== args) this.#args.set(args, packed);
    }
    return packed;
  }

  #packMessage(message: PreparedMessage): PackedMessage {
    let packed = this.#messages.get(message);
    if (packed === undefined) {
      const { structure, summary, ...digest } = message.digest;
      packed = {
        ...message,
        digest: digest as PreparedMessage['digest'],
        packedJson: { structure: JSON.stringify(structure), summary: JSON.stringify(summary) },
      };
      this.#messages.set(message, packed);
    }
    return packed;
  }
}

/** The JSON a message carries, having made it whole again for operations that look at more of it. */
export function unpackMessage(message: PreparedMessage): MessageJson | undefined {
  if (!('packedJson' in message)) return undefined;
  const { packedJson: json, digest } = message as PackedMessage;
  if (!('structure' in digest)) {
    Object.defineProperties(digest, {
      structure: { enumerable: true, get: () => JSON.parse(json.structure) as MimePart },
      summary: { enumerable: true, get: () => JSON.parse(json.summary) as MessageSummary },
    });
  }
  return json;
}
