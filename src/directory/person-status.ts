/** Who is a member of the university, by what the roster says of them. */
import type { PersonStatus } from './types.ts';

/** Retired people stay users, as everywhere (domain.md §3.2). */
const CURRENT: Readonly<Record<PersonStatus, boolean>> = {
  enrolled: true,
  'on-leave': true,
  'status-kept': true,
  graduated: false,
  completed: false,
  incomplete: false,
  withdrawn: false,
  transferred: false,
  employed: true,
  retired: true,
  left: false,
  seconded: true,
  rehired: true,
  'postdoc-ended': false,
  gone: false,
};

export function isCurrent(status: PersonStatus): boolean {
  return CURRENT[status];
}
