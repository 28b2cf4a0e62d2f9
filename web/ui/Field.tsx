import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';
import { classes } from './classes.ts';
import './field.css';

interface Labelled {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong with it; read out when it comes. */
  readonly error?: string | undefined;
}

export interface FieldProps extends Labelled, Omit<InputHTMLAttributes<HTMLInputElement>, 'className' | 'id'> {
  readonly ref?: Ref<HTMLInputElement>;
  /** What stands behind the text, such as the domain. */
  readonly suffix?: ReactNode;
}

export function Field({ label, hint, error, suffix, ...native }: FieldProps) {
  const id = useId();
  return (
    <div className={classes('field', error !== undefined && 'field--wrong')}>
      <label className="field__label" htmlFor={id}>
        {label}
      </label>
      <div className="field__box">
        <input
          {...native}
          id={id}
          className="field__input"
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-note`}
        />
        {suffix}
      </div>
      <FieldNote id={`${id}-note`} hint={hint} error={error} />
    </div>
  );
}

export interface TextFieldProps
  extends Labelled, Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'className' | 'id'> {}

/** Several lines. */
export function TextField({ label, hint, error, ...native }: TextFieldProps) {
  const id = useId();
  return (
    <div className={classes('field', error !== undefined && 'field--wrong')}>
      <label className="field__label" htmlFor={id}>
        {label}
      </label>
      <div className="field__box">
        <textarea
          {...native}
          id={id}
          className="field__input field__input--lines"
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-note`}
        />
      </div>
      <FieldNote id={`${id}-note`} hint={hint} error={error} />
    </div>
  );
}

export interface SelectFieldProps extends Labelled, Omit<SelectHTMLAttributes<HTMLSelectElement>, 'className' | 'id'> {
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export function SelectField({ label, hint, error, options, ...native }: SelectFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label className="field__label" htmlFor={id}>
        {label}
      </label>
      <div className="field__box">
        <select {...native} id={id} className="field__input" aria-describedby={`${id}-note`}>
          {options.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <FieldNote id={`${id}-note`} hint={hint} error={error} />
    </div>
  );
}

/** Stands there empty as well, so that what it says later is announced. */
function FieldNote({ id, hint, error }: { readonly id: string } & Pick<Labelled, 'hint' | 'error'>) {
  return (
    <div id={id} className="field__note" role="status">
      {error ?? hint}
    </div>
  );
}

export interface SwitchProps {
  readonly label: string;
  readonly hint?: string;
  /** Where what stands beside it says it. */
  readonly isLabelHidden?: boolean;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

export function Switch({ label, hint, isLabelHidden, isOn, onChange }: SwitchProps) {
  return (
    <label className="switch">
      <span className={classes(isLabelHidden && 'visually-hidden')}>
        {label}
        {hint !== undefined && <span className="switch__hint">{hint}</span>}
      </span>
      {/* oxlint-disable-next-line jsx-a11y/role-has-required-aria-props -- a checkbox says itself whether it is checked */}
      <input type="checkbox" role="switch" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
    </label>
  );
}

export interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly onChange: (value: Value) => void;
}

/** One of a few, all in view. */
export function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>) {
  const name = useId();
  return (
    <fieldset className="choice">
      <legend className="field__label">{label}</legend>
      <div className="choice__options">
        {options.map((option) => (
          <label key={option.value} className="choice__option">
            <input type="radio" name={name} checked={option.value === value} onChange={() => onChange(option.value)} />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
