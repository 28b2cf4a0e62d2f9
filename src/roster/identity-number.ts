/** 公民身份号码 (GB 11643-1999), as far as an initial password needs it. Numbers are looked at and never kept. */

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS = '10X98765432';

/** `ruined`: a spreadsheet took it for a number and rounded it. `wrong`: mistyped, its check character does not fit. */
export type IdentityNumber = 'good' | 'ruined' | 'wrong' | 'none';

/** `text`: NFKC, without blanks, upper case. `none`: not of that form, so of some other document. */
export function judgeIdentityNumber(text: string): IdentityNumber {
  if (/^\d(?:\.\d+)?E\+?1[67]$/.test(text)) return 'ruined';
  if (!/^\d{17}[\dX]$/.test(text)) return 'none';
  // Fifteen digits are all that a spreadsheet keeps.
  if (text.endsWith('000')) return 'ruined';
  let sum = 0;
  for (const [i, weight] of WEIGHTS.entries()) sum += weight * (text.charCodeAt(i) - 48);
  return CHECK_CHARACTERS[sum % 11] === text[17] && isDay(text.slice(6, 14)) ? 'good' : 'wrong';
}

/** `YYYYMMDD` of somebody who may be alive. */
function isDay(digits: string): boolean {
  const iso = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
  const ms = Date.parse(iso);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(iso) && iso >= '1900';
}
