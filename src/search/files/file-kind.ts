/** Which attachments are looked into. */
import type { MimePart } from '#mime/structure.ts';

export type FileKind = 'pdf' | 'docx' | 'xlsx' | 'pptx';

const BY_SUBTYPE: Readonly<Record<string, FileKind>> = {
  pdf: 'pdf',
  'x-pdf': 'pdf',
  'vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
};

/** By its type, or by its name where the type says nothing. */
export function fileKind({ type, subtype, fileName }: MimePart): FileKind | undefined {
  if (type !== 'application') return undefined;
  const named = /\.(pdf|docx|xlsx|pptx)$/i.exec(fileName ?? '')?.[1]?.toLowerCase();
  return BY_SUBTYPE[subtype] ?? (named as FileKind | undefined);
}
