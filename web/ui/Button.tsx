import type { ButtonHTMLAttributes, Ref } from 'react';
import { classes } from './classes.ts';
import { Icon } from './Icon.tsx';
import type { IconName } from './icons.ts';
import { Tooltip } from './Tooltip.tsx';
import './button.css';

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'type' | 'className'> & { ref?: Ref<HTMLButtonElement> };

export interface ButtonProps extends Native {
  /** `primary` once in a view; `quiet` has no edge. */
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly icon?: IconName;
  readonly type?: 'button' | 'submit';
  readonly isBusy?: boolean;
  readonly isWide?: boolean;
}

export function Button({
  kind = 'plain',
  icon,
  type = 'button',
  isBusy = false,
  isWide,
  children,
  ...native
}: ButtonProps) {
  return (
    <button
      {...native}
      type={type === 'submit' ? 'submit' : 'button'}
      className={classes('button', `button--${kind}`, isWide && 'button--wide')}
      aria-busy={isBusy}
      disabled={native.disabled === true || isBusy}
    >
      {isBusy ? <span className="button__spinner" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Native {
  /** Its name, and what the tooltip says. */
  readonly label: string;
  readonly icon: IconName;
  /** Shown in the tooltip, as a person presses it: `Shift U`. */
  readonly shortcut?: string | undefined;
  readonly isPressed?: boolean | undefined;
  readonly isFilled?: boolean;
  readonly size?: 'small';
  readonly tone?: 'star' | 'danger';
}

export function IconButton({ label, icon, shortcut, isPressed, isFilled, size, tone, ...native }: IconButtonProps) {
  return (
    <Tooltip text={label} shortcut={shortcut}>
      <button
        {...native}
        type="button"
        className={classes('icon-button', size && `icon-button--${size}`, tone && `icon-button--${tone}`)}
        aria-label={label}
        aria-pressed={isPressed}
      >
        <Icon name={icon} {...(size && { size })} isFilled={isFilled === true} />
      </button>
    </Tooltip>
  );
}
