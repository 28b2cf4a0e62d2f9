import { classes } from './classes.ts';
import { ICONS, type IconName } from './icons.ts';
import './icon.css';

export interface IconProps {
  readonly name: IconName;
  readonly size?: 'small' | 'large';
  readonly isFilled?: boolean;
}

/** Always beside a text or inside something that has a name: hidden from screen readers. */
export function Icon({ name, size, isFilled = false }: IconProps) {
  const names = classes('icon', size && `icon--${size}`, isFilled && 'icon--filled');
  return (
    <svg className={names} viewBox="0 0 20 20" aria-hidden="true">
      <path d={ICONS[name]} />
    </svg>
  );
}
