/** What was deleted and can be had back, in the screens' words, beside model.ts. */
import type { DeletionCapability, DeletionWay } from '#contract/jmap/deletion.ts';

export interface DeletionView {
  readonly id: string;
  readonly subject: string;
  /** The author's name, or address; '' where there is none. */
  readonly from: string;
  readonly size: number;
  readonly deletedAt: Date;
  readonly keptUntil: Date;
  /** Where it was; undefined: that folder is gone. */
  readonly mailboxId: string | undefined;
  /** What that folder was called. */
  readonly path: string;
  readonly way: DeletionWay;
  /** The address of whoever did it. */
  readonly by: string;
  /** What the program calls itself; '' when it does not say. */
  readonly agent: string;
}

export interface DeletionPage {
  readonly deletions: readonly DeletionView[];
  /** Where to go on; undefined: that was all. */
  readonly next: string | undefined;
}

export interface DeletionsModel {
  /** How long mail is kept that is on its way out; all 0 where the server does not say. */
  kept(): Promise<DeletionCapability>;
  /** Those with `text` in subject or author, the latest first; from the start, or from `next` on. */
  list(text: string, next?: string): Promise<DeletionPage | 'failed'>;
  /** Those that are back, by id. */
  recover(ids: readonly string[]): Promise<readonly string[] | 'overQuota' | 'failed'>;
  /** For good. */
  destroy(ids: readonly string[]): Promise<readonly string[] | 'failed'>;
  /** Deletes all that lies in the trash, which is shown as empty at once; how many letters those were. Of many it tells how many are left. */
  emptyTrash(onLeft: (left: number) => void): Promise<number | 'failed'>;
}
