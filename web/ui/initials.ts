/** What stands in an avatar. */

const HAN = /\p{Script=Han}/u;

/** How the names of offices end, and people's hardly ever. */
const OFFICE = /(?:处|院|部|馆|中心|系|室|科|所|办|公司|大学|学校|学会|协会|工会|委员会|编辑部|服务台)$/u;

/**
 * Of a Chinese name the last two characters (王小明: 小明), as people here do, of an office
 * the first two (教务处: 教务); of another the first letters of its first and last
 * word; of a bare address its first letter. At most two characters, never empty.
 */
export function initialsOf(name: string): string {
  const plain = name
    .normalize('NFC')
    .replace(/[\p{C}\p{P}\p{S}]/gu, ' ')
    .trim();
  if (HAN.test(plain)) {
    const han = Array.from(plain.replace(/\s/g, '')).filter((character) => HAN.test(character));
    return (OFFICE.test(han.join('')) ? han.slice(0, 2) : han.slice(-2)).join('');
  }
  const words = plain.split(/\s+/).filter(Boolean);
  const letters = [words.at(0), words.length > 1 ? words.at(-1) : undefined].map(
    (word) => Array.from(word ?? '')[0] ?? '',
  );
  return letters.join('').toLocaleUpperCase() || '?';
}

/** Which of `count` colours somebody has: the same for an address wherever it is met. */
export function colourOf(address: string, count: number): number {
  let hash = 0;
  for (const character of address.toLowerCase()) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % count;
}
