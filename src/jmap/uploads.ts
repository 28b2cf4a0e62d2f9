/** The door of uploads (RFC 8620 §6): octets that an account may name, each kept once whoever has it. */
import type { Clock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { JmapArgs, JmapResult } from './operations.ts';
import { makeRoom } from './operations/put-upload.ts';
import type { JmapStore } from './ports/jmap-store.ts';
import { JMAP_STORE_LIMITS } from './limits.ts';
import type { Upload } from './types.ts';

export interface UploadsParts {
  readonly store: JmapStore;
  /** `Mail.prepareMessage`. */
  readonly prepareMessage: (octets: Uint8Array) => PreparedMessage;
  readonly clock: Clock;
  /** Octets of one upload, and of all of an account together. */
  readonly maxBytes: number;
  readonly quotaBytes: number;
}

export class Uploads {
  readonly #parts: UploadsParts;

  constructor(parts: UploadsParts) {
    this.#parts = parts;
  }

  /**
   * Its hash. Durable when it resolves, and there for a day after its last use; the longest unused may go earlier for others of
   * the account, but none within an hour. `tooLarge`, `overQuota`, `invalid` (the media type), `unavailable`.
   */
  async put(accountId: AccountId, octets: Uint8Array, mediaType: string): Promise<string> {
    const { store, clock, maxBytes, quotaBytes, prepareMessage } = this.#parts;
    const sizeBytes = octets.length;
    if (sizeBytes > maxBytes) throw new MailError('tooLarge', `an upload has ${maxBytes} octets at most`);
    const message = prepareMessage(octets);
    // The operation is told no sooner than the octets are written: who has no room is sent away before.
    if ((await store.reader.upload(accountId, message.blob.hash)) === undefined)
      await makeRoom(store.reader, { accountId, sizeBytes, quotaBytes, nowMs: clock.now() });
    return (await this.#run('putUpload', { accountId, message, mediaType, quotaBytes })).hash;
  }

  /** `undefined` also when another account has it. */
  find(accountId: AccountId, hash: string): Promise<Upload | undefined> {
    return this.#parts.store.reader.upload(accountId, hash);
  }

  /**
   * Octets [start, end), clamped; all by default. Only the chunks that are touched are read, so that a large one can be
   * sent slice by slice. Undefined when the account has none of that name; `unavailable`.
   */
  async read(accountId: AccountId, hash: string, start?: number, end?: number): Promise<Buffer | undefined> {
    const { store, clock } = this.#parts;
    const upload = await this.find(accountId, hash);
    if (upload === undefined) return undefined;
    if (clock.now() - upload.usedAt > JMAP_STORE_LIMITS.uploadUseMs) await this.#run('useUpload', { accountId, hash });
    return store.reader.readUpload(accountId, hash, start, end);
  }

  async #run<Name extends 'putUpload' | 'useUpload'>(name: Name, args: JmapArgs<Name>): Promise<JmapResult<Name>> {
    return (await this.#parts.store.run(name, args)) as JmapResult<Name>;
  }
}
