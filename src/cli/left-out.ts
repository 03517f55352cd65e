import { InputError } from '../errors.ts';
import type { Input, Skipped } from '../files/input.ts';
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
      ? 'no file ends in .yaml, .yml or .json there'
      : files.length === 1
        ? `no manifests: it ${only?.passed?.why}`
        : `no manifests: no file of ${files.length} holds Kubernetes objects`;
  const passed = files
    .slice(0, shown * 4)
    .flatMap(({ file, passed }) => (passed ? [`${file.path}: ${passed.why}`] : []));
  const details = [...notedLines(input), ...(files.length > 1 ? passed : [])].join('\n');
  return new InputError(message, { ...place, hint: 'name the files or folders that hold manifests', details });
}
