import type { LabelView } from './model.ts';
import { usePreferences } from './preferences.ts';

/** The colour of a label: the one chosen for it here, else its own. */
export function useLabelColour(): (label: LabelView) => number {
  const { labelColours } = usePreferences();
  return ({ keyword, colour }) => (Object.hasOwn(labelColours, keyword) ? (labelColours[keyword] ?? colour) : colour);
}
