import { useId, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { classes } from './classes.ts';
import { IconButton } from './Button.tsx';
import './dialog.css';

export interface DialogProps {
  readonly title: string;
  /** The name of the button that closes it. */
  readonly closeLabel: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  /** `wide`: for what is looked at. `sheet`: from the window's edge (below on a phone). `bare`: without a visible title, as a palette has it. */
  readonly shape?: 'dialog' | 'wide' | 'sheet' | 'bare';
}

/** Modal, by the browser's own <dialog>: it keeps the focus inside, gives it back, and closes on Escape or a press beside it. */
export function Dialog({ title, closeLabel, onClose, children, footer, shape = 'dialog' }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // What is inside comes once it is open: in a closed dialog nothing can be given the focus, as `autoFocus` wants it.
  const [isOpen, setOpen] = useState(false);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // oxlint-disable-next-line react/set-state-in-effect -- that it is open is the browser's doing, and known only now
    setOpen(true);
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={classes('dialog', shape !== 'dialog' && `dialog--${shape}`)}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // A press on the backdrop has the dialog itself as its target, everything inside has another.
      onPointerDown={(event) => event.target === dialog.current && onClose()}
    >
      <div className="dialog__body">
        {shape === 'bare' ? (
          <h2 id={titleId} className="visually-hidden">
            {title}
          </h2>
        ) : (
          <header className="dialog__header">
            <h2 id={titleId}>{title}</h2>
            <IconButton label={closeLabel} icon="close" onClick={onClose} />
          </header>
        )}
        {/* A stop for Tab where there may be nothing else to scroll it by. */}
        <div className="dialog__content scroll" tabIndex={shape === 'dialog' ? 0 : undefined}>
          {isOpen && children}
        </div>
        {footer !== undefined && <footer className="dialog__footer">{footer}</footer>}
      </div>
    </dialog>
  );
}
