import type { LabelView } from '#web/webmail/model.ts';
import { useLabelColour } from '#web/webmail/use-label-colour.ts';

export function Labels({ labels }: { readonly labels: readonly LabelView[] }) {
  const colourOf = useLabelColour();
  return labels.map((label) => (
    <span key={label.keyword} className={`label avatar--${colourOf(label)}`}>
      {label.name}
    </span>
  ));
}
