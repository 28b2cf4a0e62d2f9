import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { classes } from './classes.ts';
import { Icon } from './Icon.tsx';
import type { IconName } from './icons.ts';
import { Kbd } from './Kbd.tsx';
import { place } from './place.ts';
import './menu.css';

export interface MenuItem {
  readonly label: string;
  readonly icon?: IconName;
  readonly shortcut?: string | undefined;
  readonly isChecked?: boolean;
  readonly isDisabled?: boolean;
  /** Levels of indentation, for trees. */
  readonly depth?: number;
  readonly choose: () => void;
}

export interface MenuProps {
  /** Groups, with a line between them. */
  readonly groups: readonly (readonly MenuItem[])[];
  readonly label: string;
  readonly align?: 'start' | 'end';
  /** Draws the button; spreads `props` on it. */
  readonly renderButton: (props: {
    'aria-haspopup': 'menu';
    'aria-expanded': boolean;
    onClick: () => void;
    onKeyDown: (event: KeyboardEvent) => void;
  }) => ReactNode;
}

/** A button and its menu: arrows, Home, End, typed letters, Escape; the focus goes back to the button (WAI-ARIA menu button). */
export function Menu({ groups, label, align = 'start', renderButton }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const close = () => {
    setOpen(false);
    anchor.current?.querySelector<HTMLElement>('button')?.focus();
  };
  return (
    <span ref={anchor} className="menu-anchor">
      {renderButton({
        'aria-haspopup': 'menu',
        'aria-expanded': isOpen,
        onClick: () => setOpen(!isOpen),
        onKeyDown: (event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          setOpen(true);
        },
      })}
      {isOpen && <MenuList groups={groups} label={label} align={align} anchor={anchor} close={close} />}
    </span>
  );
}

interface MenuListProps extends Pick<MenuProps, 'groups' | 'label'> {
  readonly align: 'start' | 'end';
  readonly anchor: { readonly current: HTMLElement | null };
  readonly close: () => void;
}

function MenuList({ groups, label, align, anchor, close }: MenuListProps) {
  const list = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: '', at: 0 });

  useLayoutEffect(() => {
    // What stands around the button, a tooltip's anchor for instance, has no box.
    const control = anchor.current?.querySelector('button');
    if (!control || !list.current) return;
    const at = place(
      control.getBoundingClientRect(),
      list.current.getBoundingClientRect(),
      { width: window.innerWidth, height: window.innerHeight },
      align,
    );
    list.current.style.translate = `${at.left}px ${at.top}px`;
    list.current.querySelector<HTMLElement>('button:not(:disabled)')?.focus();
  }, [anchor, align]);

  useEffect(() => {
    const closeOutside = (event: PointerEvent) => {
      const target = event.target as Node;
      if (list.current?.contains(target) === true || anchor.current?.contains(target) === true) return;
      close();
    };
    document.addEventListener('pointerdown', closeOutside, true);
    return () => document.removeEventListener('pointerdown', closeOutside, true);
  }, [anchor, close]);

  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>('button:not(:disabled)') ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    event.stopPropagation();
    if (to !== undefined) items.at(to % items.length)?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else if (event.key.length === 1 && event.key !== ' ') {
      // Letters typed within half a second make one word.
      const isSoon = event.timeStamp - typed.current.at < 500;
      typed.current = { text: (isSoon ? typed.current.text : '') + event.key.toLowerCase(), at: event.timeStamp };
      items.find((item) => item.innerText.trim().toLowerCase().startsWith(typed.current.text))?.focus();
    } else return;
    event.preventDefault();
  };

  return createPortal(
    // The list only listens to the keys of the items in it.
    <div ref={list} className="menu scroll" role="menu" tabIndex={-1} aria-label={label} onKeyDown={onKeyDown}>
      {groups
        .filter((items) => items.length > 0)
        .map((items, at) => (
          <div key={items[0]?.label} role="group" className={classes('menu__group', at > 0 && 'menu__group--next')}>
            {items.map((item) => (
              <button
                key={item.label}
                type="button"
                role={item.isChecked === undefined ? 'menuitem' : 'menuitemradio'}
                aria-checked={item.isChecked}
                disabled={item.isDisabled}
                className="menu__item"
                tabIndex={-1}
                style={item.depth ? { paddingInlineStart: `${0.75 + item.depth}rem` } : undefined}
                onClick={() => {
                  close();
                  item.choose();
                }}
              >
                {item.isChecked === undefined ? (
                  item.icon && <Icon name={item.icon} />
                ) : (
                  <span className="menu__check">{item.isChecked && <Icon name="check" size="small" />}</span>
                )}
                <span className="menu__label one-line">{item.label}</span>
                {item.shortcut !== undefined && <Kbd keys={item.shortcut} />}
              </button>
            ))}
          </div>
        ))}
    </div>,
    document.body,
  );
}
