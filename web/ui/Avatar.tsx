import { colourOf, initialsOf } from './initials.ts';
import './avatar.css';

/** How many colours avatar.css has. */
const COLOURS = 8;

export interface AvatarProps {
  readonly name: string;
  readonly address: string;
  readonly size?: 'small' | 'medium' | 'large';
}

/** Beside the name it stands for, so hidden from screen readers. */
export function Avatar({ name, address, size = 'medium' }: AvatarProps) {
  return (
    <span className={`avatar avatar--${size} avatar--${colourOf(address, COLOURS)}`} aria-hidden="true">
      {initialsOf(name || address)}
    </span>
  );
}
