import type { LabelView } from '#web/webmail/model.ts';

export function Labels({ labels }: { readonly labels: readonly LabelView[] }) {
  return labels.map((label) => (
    <span key={label.keyword} className={`label avatar--${label.colour}`}>
      {label.name}
    </span>
  ));
}
