/** What letters are written with, in the screens' words; jmap-writing.ts puts the client core behind it. */
import type { PersonView } from './model.ts';

/** How a letter begins. */
export type ComposeKind = 'new' | 'reply' | 'replyAll' | 'forward' | 'forwardAttached';

/** A file that goes along. */
export interface DraftFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
  /** Of a picture in the text, its Content-ID; undefined: an attachment. */
  readonly cid: string | undefined;
  /** Where it can be looked at. */
  readonly url: string;
  /** Where the server has it; undefined: not there yet. */
  readonly blobId: string | undefined;
  /** What is to be uploaded; undefined: nothing, the server has it. */
  readonly file: Blob | undefined;
}

/** A letter as far as it is written. */
export interface Draft {
  /** The Message-ID that all its forms on the server carry. It is sent with another. */
  readonly id: string;
  readonly from: string;
  readonly to: readonly PersonView[];
  readonly cc: readonly PersonView[];
  readonly bcc: readonly PersonView[];
  readonly subject: string;
  /** HTML as the editor wrote it; pictures in it as `<img data-cid>`, which no browser tries to fetch. */
  readonly body: string;
  readonly files: readonly DraftFile[];
  /** What the letter it answers had attached: taken along when asked for. */
  readonly offered: readonly DraftFile[];
  readonly isImportant: boolean;
  readonly wantsReceipt: boolean;
  /** 群发单显: everybody gets a letter of their own and sees no other address. */
  readonly isOneByOne: boolean;
  /** The letter it answers or forwards. */
  readonly concerns: { readonly messageId: string; readonly how: 'answers' | 'forwards' } | undefined;
  /** The Message-IDs that join it to a conversation; undefined: those of what it concerns. */
  readonly thread: { readonly inReplyTo: readonly string[]; readonly references: readonly string[] } | undefined;
  /** Its last form in the drafts mailbox; undefined: there is none. */
  readonly savedId: string | undefined;
}

export const TROUBLES = [
  'offline',
  'overQuota',
  'tooLarge',
  'noRecipients',
  'invalidRecipients',
  'tooManyRecipients',
  'forbiddenFrom',
  'forbiddenToSend',
  'rateLimit',
  'blobNotFound',
  'refused',
] as const;

/** Why a letter was not kept, not sent, or a file not taken. */
export interface Trouble {
  readonly reason: (typeof TROUBLES)[number];
  /** What belongs to it: addresses, the server's own words; '' for nothing. */
  readonly detail: string;
}

/** What `Writing` rejects with. */
export class WritingError extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble, options?: ErrorOptions) {
    super(`writing: ${trouble.reason}`, options);
    this.name = 'WritingError';
    this.trouble = trouble;
  }
}

export interface WritingLimits {
  /** Of one file, octets. */
  readonly fileBytes: number;
  /** Of all files of a letter, octets. */
  readonly lettersFilesBytes: number;
  /** How far ahead a letter may be put off, milliseconds. */
  readonly aheadMs: number;
}

/** Where a letter is now. Its files are parts of this form: those of the form before are gone with that. */
export interface Kept {
  readonly savedId: string;
  /** By the files' ids. */
  readonly files: KeptFiles;
  /** Whether the form before was there no more: changed, sent or deleted elsewhere, and now there are two. */
  readonly isParted: boolean;
}

export type KeptFiles = ReadonlyMap<string, Pick<DraftFile, 'blobId' | 'url'>>;

/** A letter handed over. */
export interface Sending {
  /** Takes it back to be written on: with those recipients it did not go to yet. `tooLate`: it is gone. */
  undo(): Promise<Draft | 'tooLate'>;
}

/** A letter that the server will send later. */
export interface ScheduledView {
  readonly emailId: string;
  readonly submissionId: string;
  readonly subject: string;
  readonly people: readonly PersonView[];
  readonly sendAt: Date;
}

export interface Writing {
  /** Rejects with WritingError. */
  limits(): Promise<WritingLimits>;
  /** Stores a letter among the drafts in place of its last form. Rejects with WritingError. */
  keep(draft: Draft): Promise<Kept>;
  /** A letter of the drafts mailbox, to be written on; undefined: it is gone. Rejects with WritingError. */
  read(savedId: string): Promise<Draft | undefined>;
  /** Lays a letter as far as it is written into this browser's keeping, in place of its last form there. Never rejects. */
  shelve(draft: Draft): Promise<void>;
  /** Takes it out: the server has it, or nobody wants it. Never rejects. */
  unshelve(id: string): Promise<void>;
  /** The letters that tabs have left there that are gone. Never rejects. */
  leftBehind(): Promise<readonly Draft[]>;
  /** Until `release` or the end of the tab nobody else has it in hand; `false`: another tab has. Never rejects. */
  take(id: string): Promise<boolean>;
  release(id: string): void;
  /** Moves a form to the trash. */
  throwAway(savedId: string): void;
  /** Resolves to the `blobId`. Rejects with WritingError; when `signal` aborts, with anything. */
  upload(file: Blob, how: UploadOptions): Promise<string>;
  /** Takes a letter to be sent, at `sendAt` or once the time to think again is over. From here on it is not lost. */
  send(draft: Draft, sendAt: Date | undefined): Sending;
  /** Sends the answer to an invitation, once there is a line; `concerns`: the letter that brought it. */
  answer(answer: InvitationAnswer): Promise<void>;
  /** Tells of letters that could not be sent, those of earlier days as well. Returns how to stop listening. */
  returned(listener: (draft: Draft, why: Trouble) => void): () => void;
  /** Letters kept to begin others with, by subject; `read` reads them. Rejects with WritingError. */
  templates(): Promise<readonly TemplateView[]>;
  /** Keeps a copy of a letter among them. Rejects with WritingError. */
  keepTemplate(draft: Draft): Promise<void>;
  /** Soonest first. Rejects with WritingError. */
  scheduled(): Promise<readonly ScheduledView[]>;
  /** Makes a scheduled letter a draft again, whose `savedId` is its `emailId`; `false`: it has gone. Rejects with WritingError. */
  cancel(letter: ScheduledView): Promise<boolean>;
}

export interface InvitationAnswer {
  readonly from: PersonView;
  readonly to: PersonView;
  readonly subject: string;
  readonly text: string;
  /** The same for calendars. */
  readonly calendar: string;
  readonly concerns: string;
}

export interface TemplateView {
  readonly savedId: string;
  readonly subject: string;
}

export interface UploadOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (sentBytes: number) => void;
}
