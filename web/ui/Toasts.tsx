import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { IconButton } from './Button.tsx';
import './toasts.css';

export interface Toast {
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
  readonly tone?: 'trouble';
  /** It stands until this has settled, and then as long as any other. Never rejects. */
  readonly until?: Promise<unknown>;
}

/** How long a message stands while nobody points at it, milliseconds: long enough to read it and to reach for its button (WCAG 2.2.1). */
const STAND_MS = 8_000;

interface Shown extends Toast {
  readonly id: number;
}

const ToastContext = createContext<(toast: Toast) => void>(() => undefined);

/** What shows a message at the foot of the window; a new one takes the place of the last. */
export function useToast(): (toast: Toast) => void {
  return useContext(ToastContext);
}

export function ToastProvider({ closeLabel, children }: { readonly closeLabel: string; readonly children: ReactNode }) {
  const [toast, setToast] = useState<Shown>();
  const nextId = useRef(0);
  const show = useCallback((toast: Toast) => setToast({ ...toast, id: nextId.current++ }), []);
  const close = useMemo(() => () => setToast(undefined), []);
  return (
    <ToastContext value={show}>
      {children}
      <div className="toasts" role="status">
        {toast && <ToastView key={toast.id} toast={toast} close={close} closeLabel={closeLabel} />}
      </div>
    </ToastContext>
  );
}

interface ToastViewProps {
  readonly toast: Toast;
  readonly close: () => void;
  readonly closeLabel: string;
}

function ToastView({ toast, close, closeLabel }: ToastViewProps) {
  const [isHeld, setHeld] = useState(false);
  const { until } = toast;
  const [isUnderWay, setUnderWay] = useState(until !== undefined);
  useEffect(() => void until?.then(() => setUnderWay(false)), [until]);
  useEffect(() => {
    if (isHeld || isUnderWay) return;
    const timer = window.setTimeout(close, STAND_MS);
    return () => window.clearTimeout(timer);
  }, [isHeld, isUnderWay, close]);
  return (
    <div
      className="toast"
      data-tone={toast.tone}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span className="toast__text">{toast.text}</span>
      {toast.action && (
        <button
          type="button"
          className="toast__action"
          onClick={() => {
            toast.action?.run();
            close();
          }}
        >
          {toast.action.label}
        </button>
      )}
      <IconButton label={closeLabel} icon="close" size="small" onClick={close} />
    </div>
  );
}
