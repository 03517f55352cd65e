import { faultOf } from '../config/parameter-values.ts';
import type { RepositorySettings, SeverityLevel } from '../config/repository.ts';
import { InputError } from '../errors.ts';
import { hintFor } from '../nearest.ts';
import { defineFaults, type FaultKinds, note, warning } from '../remedies/fault.ts';
import { remedies } from '../remedies/index.ts';
import type { Remedy } from '../remedies/remedy.ts';
import { skipFaults } from './skip.ts';

/** What the pipeline itself reports of an intent; the codes are of its remedy. */
export const intentFaults = defineFaults({
  'nothing-to-do': note('Nothing to change'),
  'selects-nothing': warning((given: string) => `No resource of the input has ${given}`),
});

/** The `remedy` of findings on what is addressed to meshmend itself. */
export const ownRemedy = 'meshmend';

/** Where those are documented. */
export const ownSource =
  'https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md';

/** The codes that a remedy's findings have, with their kinds. */
export function kindsOf(remedy: Pick<Remedy, 'faults'>): FaultKinds {
  return { ...remedy.faults?.kinds, ...intentFaults.kinds };
}

/** All codes that findings have, `<remedy>/<fault>`, by remedy. */
export function allCodes(): string[] {
  return [
    ...remedies.flatMap((remedy) => Object.keys(kindsOf(remedy)).map((fault) => `${remedy.id}/${fault}`)),
    ...Object.keys(skipFaults.kinds).map((fault) => `${ownRemedy}/${fault}`),
  ];
}

/** The ids of all remedies and all codes: what `--select`, `--ignore` and the skip annotation take. */
export function selectableNames(): Set<string> {
  return new Set([...remedies.map(({ id }) => id), ownRemedy, ...allCodes()]);
}

/**
 * Which codes are reported: those selected, or all when none is, without those ignored. A remedy's id means all of its codes.
 *
 * @throws InputError for a name that is neither a remedy nor a code
 */
export function codeFilter(select: readonly string[], ignore: readonly string[]): (code: string) => boolean {
  const selected = namesOf('--select', select);
  const ignored = namesOf('--ignore', ignore);
  const has = (names: ReadonlySet<string>, code: string): boolean =>
    names.has(code) || names.has(code.slice(0, code.indexOf('/')));
  return (code) => (selected.size === 0 || has(selected, code)) && !has(ignored, code);
}

/**
 * The severity that a config gives to the findings of a code; that of its own code comes before that of its remedy.
 *
 * @throws InputError for a name that is neither a remedy nor a code
 */
export function severitiesByCode(
  settings: NonNullable<RepositorySettings['severities']> = new Map(),
): (code: string) => SeverityLevel | undefined {
  const known = settings.size === 0 ? new Set<string>() : selectableNames();
  for (const [name, { given }] of settings)
    if (!known.has(name)) throw faultOf(given, 'names no remedy or code', hintFor(name, candidatesFor(name, known)));
  return (code) => (settings.get(code) ?? settings.get(code.slice(0, code.indexOf('/'))))?.level;
}

/** What a name may have been meant to be: a code for one with a slash, else a remedy. */
function candidatesFor(name: string, known: ReadonlySet<string>): string[] {
  return name.includes('/') ? [...known] : [...known].filter((each) => !each.includes('/'));
}

/** The names of a flag that was given several times, or with several names divided by commas. */
function namesOf(flag: string, given: readonly string[]): Set<string> {
  const names = given.flatMap((text) => text.split(',').map((name) => name.trim())).filter((name) => name !== '');
  if (names.length === 0) return new Set();
  const known = selectableNames();
  for (const name of names) {
    if (known.has(name)) continue;
    const hint = hintFor(name, candidatesFor(name, known));
    throw new InputError(`${flag} ${name}: there is no such remedy or code`, { hint });
  }
  return new Set(names);
}
