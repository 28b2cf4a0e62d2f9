/** Senders that want to be taken for somebody here: domains that look like ours, and names that are another's address. Pure. */

/** What looks alike is written the same: the letters that forgers use in place of Latin ones, those of Unicode's confusables that are. */
const LOOKS: Readonly<Record<string, string>> = {
  // Digits and Latin.
  0: 'o',
  1: 'l',
  i: 'l',
  3: 'e',
  5: 's',
  ı: 'l',
  ɑ: 'a',
  ɡ: 'g',
  // Cyrillic.
  а: 'a',
  е: 'e',
  о: 'o',
  р: 'p',
  с: 'c',
  у: 'y',
  х: 'x',
  к: 'k',
  м: 'm',
  т: 't',
  і: 'l',
  ј: 'j',
  ѕ: 's',
  һ: 'h',
  ԁ: 'd',
  ԛ: 'q',
  ԝ: 'w',
  п: 'n',
  // Greek.
  α: 'a',
  ε: 'e',
  ι: 'l',
  κ: 'k',
  ν: 'v',
  ο: 'o',
  ρ: 'p',
  τ: 't',
  υ: 'u',
  χ: 'x',
};

/** How a domain looks: the same string for those that are easily mistaken for each other. */
function looksOf(domain: string): string {
  const unicode = domain.toLowerCase().split('.').map(decodeLabel).join('.');
  const plain = unicode.normalize('NFKD').replace(/\p{M}/gu, '');
  return Array.from(plain, (character) => LOOKS[character] ?? character)
    .join('')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('-', '');
}

/** The domain of ours that `domain`, which is none, is easily mistaken for; undefined: none. */
export function resembledDomain(domain: string, ours: readonly string[]): string | undefined {
  const given = domain.toLowerCase();
  if (isOurs(given, ours)) return undefined;
  const looks = looksOf(given);
  return ours.find((own) => {
    const ownLooks = looksOf(own);
    // kust.edu.cn.login.example, kust-edu-cn.example: ours as the beginning of another's.
    const asLabels = ownLooks.replaceAll('.', '');
    if (looks === ownLooks || looks.endsWith(`.${ownLooks}`) || looks.startsWith(`${ownLooks}.`)) return true;
    if (asLabels.length >= 6 && looks.split('.').some((label) => label === asLabels || label.startsWith(asLabels)))
      return true;
    return ownLooks.length >= 6 && isOneSlipAway(looks, ownLooks);
  });
}

/** Under a domain of ours is ours. */
export function isOurs(domain: string, ours: readonly string[]): boolean {
  const given = domain.toLowerCase();
  return ours.some((own) => given === own || given.endsWith(`.${own}`));
}

/** An address that stands in a sender's name and is not theirs: `"office@kust.edu.cn" <x@evil.example>`. */
export function addressInName({
  name,
  address,
}: {
  readonly name: string;
  readonly address: string;
}): string | undefined {
  const found = /[^\s@<>"'，、（）()]{1,64}@[\p{L}\p{N}.-]{3,255}/u.exec(name.normalize('NFKC').slice(0, 1_000))?.[0];
  return found === undefined || found.toLowerCase() === address.toLowerCase() ? undefined : found;
}

/** One letter more, less or another, or two changed about. */
function isOneSlipAway(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1 || one === other) return false;
  let from = 0;
  while (one[from] !== undefined && one[from] === other[from]) from++;
  const rest = (text: string, skipped: number) => text.slice(from + skipped);
  const swapped = `${one[from + 1] ?? ''}${one[from] ?? ''}`;
  return (
    rest(one, 1) === rest(other, 1) ||
    rest(one, 1) === rest(other, 0) ||
    rest(one, 0) === rest(other, 1) ||
    (swapped === other.slice(from, from + 2) && rest(one, 2) === rest(other, 2))
  );
}

/** RFC 3492: the label's Unicode form; a label that is no Punycode as it is. */
export function decodeLabel(label: string): string {
  if (!label.startsWith('xn--') || label.length > 63) return label;
  const encoded = label.slice(4);
  const delimiter = encoded.lastIndexOf('-');
  const output = Array.from(encoded.slice(0, Math.max(0, delimiter)), (character) => character.charCodeAt(0));
  let [code, index, bias] = [128, 0, 72];
  for (let at = delimiter + 1; at < encoded.length;) {
    const before = index;
    for (let weight = 1, k = 36; ; k += 36) {
      const digit = digitOf(encoded.charCodeAt(at++));
      if (digit === undefined) return label;
      index += digit * weight;
      const threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
      if (digit < threshold) break;
      weight *= 36 - threshold;
    }
    const length = output.length + 1;
    bias = adapt(index - before, length, before === 0);
    code += Math.floor(index / length);
    if (code > 0x10ffff) return label;
    index %= length;
    output.splice(index++, 0, code);
  }
  return String.fromCodePoint(...output);
}

function digitOf(unit: number): number | undefined {
  if (unit >= 97 && unit <= 122) return unit - 97;
  return unit >= 48 && unit <= 57 ? unit - 22 : undefined;
}

/** RFC 3492 §6.1. */
function adapt(delta: number, length: number, isFirst: boolean): number {
  let left = Math.floor(delta / (isFirst ? 700 : 2));
  left += Math.floor(left / length);
  let k = 0;
  for (; left > 455; k += 36) left = Math.floor(left / 35);
  return k + Math.floor((36 * left) / (left + 38));
}
