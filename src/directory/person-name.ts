/** Names of people, compared as people write them (S-23). */

/** Full-width letters, blanks, and what stands for the dot of a transliterated name do not count, nor do capitals. */
export function foldName(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/[·•‧・∙⋅･᛫]/gu, '·')
    .replaceAll(/\s/gu, '')
    .toLowerCase()
    .normalize('NFC');
}
