/** How Chinese characters are read, by pinyin-pro, which is loaded when somebody first asks. */
import type { Step, StepOf } from './name-match.ts';

/** Characters whose readings are remembered: there are some 8,000 in names. */
const MAX_CHARACTERS = 20_000;
/** Readings of a character: 和 has the most that anybody uses, eight. */
const MAX_READINGS = 8;

/** All readings of each, that of a surname among them (曾 zeng, 单 shan): whoever types the other one is understood as well. */
export async function loadReadings(): Promise<StepOf> {
  const { pinyin, polyphonic } = await import('pinyin-pro');
  const known = new Map<string, Step>();
  return (character, isFirst) => {
    const key = isFirst ? `^${character}` : character;
    let step = known.get(key);
    if (step === undefined) {
      const all = polyphonic(character, { toneType: 'none', type: 'array', v: true }).flat();
      if (isFirst) all.unshift(pinyin(character, { toneType: 'none', v: true, mode: 'surname' }));
      const readings = new Set(all.filter((reading) => /^[a-z]+$/.test(reading)).flatMap(spellings));
      step = [character, ...[...readings].slice(0, MAX_READINGS)];
      if (known.size < MAX_CHARACTERS) known.set(key, step);
    }
    return step;
  };
}

/** 吕: `lv` as it is typed, `lu` as it sounds to others, `lyu` as passports have it. */
function spellings(reading: string): readonly string[] {
  return reading.includes('v') ? [reading, reading.replace('v', 'u'), reading.replace('v', 'yu')] : [reading];
}
