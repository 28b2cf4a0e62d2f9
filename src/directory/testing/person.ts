/** People of a roster to test with, of whom nothing is said but what a test is about. */
import type { Enrolment } from '#directory/operations/enrol-people.ts';

type Person = Enrolment['person'];

/** A member of staff, with no mailbox. */
export function employee(number: string, name: string, patch: Partial<Person> = {}): Person {
  return {
    number,
    name,
    englishName: '',
    population: 'staff',
    unit: '',
    level: '',
    enrolled: null,
    status: 'employed',
    endsOn: null,
    tailCheck: '',
    accountId: null,
    ...patch,
  };
}

/** Somebody who began to study in September 2023. */
export function student(number: string, name: string, patch: Partial<Person> = {}): Person {
  return employee(number, name, { population: 'student', enrolled: 202309, status: 'enrolled', ...patch });
}
