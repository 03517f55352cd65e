import { InputError } from '../errors.ts';
import type { Input, ReadFile, Skipped } from '../files/input.ts';
import type { Remediation } from '../run/remediate.ts';

/** So many files of a kind are named. */
const shown = 5;

export function skippedLine({ path, why }: Skipped): string {
  return `${path}: left out: ${why}`;
}

/** What was left out although it looks like a manifest: people should know of it without asking. */
export function notedLines({ skipped }: Input): string[] {
  return skipped.filter(({ isNoted }) => isNoted).map(skippedLine);
}

/** Configs that are there but do not hold: their settings are lost, which people should know. */
export function unusedConfigLines({ configs }: Input, used: ReadFile | undefined): string[] {
  const unused = configs.filter(({ real }) => real !== used?.real).map(({ path }) => path);
  const instead = used ? `; ${used.path} is` : '';
  const lines = unused.slice(0, shown).map((path) => `${path}: this config is not used${instead}`);
  return unused.length > shown ? [...lines, `and ${unused.length - shown} more such configs are not used`] : lines;
}

/** Templates, which are manifests only once they are rendered. */
export function templateLines({ files }: Remediation): string[] {
  const names = files.flatMap(({ file, passed }) => (passed?.isTemplate ? [file.path] : []));
  if (names.length === 0) return [];
  const more = names.length > shown ? ` and ${names.length - shown} more` : '';
  return [`templates, which are read only once they are rendered: ${names.slice(0, shown).join(', ')}${more}`];
}

/** Files of interrupted runs. */
export function removedLines(paths: readonly string[]): string[] {
  const lines = paths.slice(0, shown).map((path) => `${path}: removed: an interrupted run had left it`);
  return paths.length > shown ? [...lines, `and ${paths.length - shown} more such files were removed`] : lines;
}

/** The error for an input without a manifest: what comes of it would be taken for a result. */
export function nothingFound(input: Input, remediation: Remediation): InputError {
  const { files } = remediation;
  const [only] = files;
  const place = files.length === 1 && only ? { place: { file: only.file.path } } : {};
  const message =
    files.length === 0
      ? input.skipped.some(({ isExcluded }) => isExcluded)
        ? 'no file is left to read: the others are excluded'
        : 'no file ends in .yaml, .yml or .json there'
      : files.length === 1
        ? `no manifests: it ${only?.passed?.why}`
        : `no manifests: no file of ${files.length} holds Kubernetes objects`;
  const passed = files
    .slice(0, shown * 4)
    .flatMap(({ file, passed }) => (passed ? [`${file.path}: ${passed.why}`] : []));
  const excluded = input.skipped.filter(({ isExcluded }) => isExcluded).slice(0, shown * 4);
  const details = [...notedLines(input), ...excluded.map(skippedLine), ...(files.length > 1 ? passed : [])].join('\n');
  return new InputError(message, { ...place, hint: 'name the files or folders that hold manifests', details });
}
