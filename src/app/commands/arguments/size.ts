/** Amounts of octets as people write and read them: `10G`, `1.5 GB`. Units are powers of 1024. */
import { CommandFailure, EXIT } from '#app/command.ts';

const UNITS = ['', 'K', 'M', 'G', 'T'];

/** Octets; `null` for `none`. Throws CommandFailure (usage). */
export function parseQuota(text: string): number | null {
  if (text.toLowerCase() === 'none') return null;
  const match = /^(\d{1,15}(?:\.\d{1,3})?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim());
  const bytes = match === null ? NaN : Math.round(Number(match[1]) * 1024 ** UNITS.indexOf(match[2]!.toUpperCase()));
  if (!Number.isSafeInteger(bytes) || bytes === 0) {
    throw new CommandFailure(`"${text}" is no size: write 500M, 10G or none`, EXIT.usage);
  }
  return bytes;
}

/** `1.5 GB`, `300 octets`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} octets`;
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  const digits = amount < 10 && !Number.isInteger(amount) ? 1 : 0;
  return `${amount.toFixed(digits)} ${UNITS[power]}B`;
}

export function formatQuota(bytes: number | null): string {
  return bytes === null ? 'none' : formatSize(bytes);
}

/** `12,345`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 message`, `12,345 messages`. */
export function formatNumberOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `1,200 messages (3 MB)`. */
export function formatMail(messages: number, bytes: number): string {
  return `${formatNumberOf(messages, 'message')} (${formatSize(bytes)})`;
}
