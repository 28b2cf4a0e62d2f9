/** Small things of JMAP in the screens' words, for the adapters. Pure. */
import type { EmailAddress, EmailBodyPart } from '#contract/jmap/email.ts';
import type { PersonView } from './model.ts';

export function personOf({ name, email }: EmailAddress): PersonView {
  return { name: name ?? '', address: email };
}

export function addressOf({ name, address }: PersonView): EmailAddress {
  return { name: name || null, email: address };
}

/** What can be downloaded, as the server is told of it. */
export type Downloadable = Pick<EmailBodyPart, 'blobId' | 'name' | 'type'>;

/** RFC 8620 §6.2: a template of level 1, so each value is escaped whole. */
export function downloadAddress(template: string, accountId: string, part: Downloadable): string {
  const values: Readonly<Record<string, string>> = {
    accountId,
    blobId: part.blobId ?? '',
    name: part.name ?? 'attachment',
    type: part.type,
  };
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}

/** RFC 8620 §1.4: UTCDate, without fractions. */
export function utcDate(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}
