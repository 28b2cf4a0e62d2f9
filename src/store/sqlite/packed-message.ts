/**
 * Prepared messages on their way to the writer: the JSON columns are made by the sending thread, because the writer's
 * time is what all deliveries share, and because a string crosses threads faster than a tree.
 */
import type { PreparedMessage } from '#mail/types.ts';
import type { MimePart } from '#mime/structure.ts';
import { replaceMessages } from '#store/messages-in-args.ts';
import type { MessageJson } from '#store/sql/message-rows.ts';

/** A prepared message as it crosses: `digest` lacks its structure until `unpackMessage`. */
interface PackedMessage extends PreparedMessage {
  readonly packedJson: MessageJson;
}

/** Packs each message once, however many requests carry it. */
export class MessagePacker {
  readonly #packed = new WeakMap<PreparedMessage, PackedMessage>();

  pack(args: unknown): unknown {
    return replaceMessages(args, (message) => {
      let packed = this.#packed.get(message);
      if (packed === undefined) {
        const { structure, ...digest } = message.digest;
        packed = {
          ...message,
          digest: digest as PreparedMessage['digest'],
          packedJson: { structure: JSON.stringify(structure), summary: JSON.stringify(digest.summary) },
        };
        this.#packed.set(message, packed);
      }
      return packed;
    });
  }
}

/** The JSON a message carries, having made it whole again for operations that look at its structure. */
export function unpackMessage(message: PreparedMessage): MessageJson | undefined {
  if (!('packedJson' in message)) return undefined;
  const { packedJson: json, digest } = message as PackedMessage;
  if (!('structure' in digest)) {
    Object.defineProperty(digest, 'structure', {
      enumerable: true,
      get: () => JSON.parse(json.structure) as MimePart,
    });
  }
  return json;
}
