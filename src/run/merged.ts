import { InputError } from '../errors.ts';
import type { Finding, ResourceRef } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import type { TextEdit } from '../manifest/splice.ts';
import { refusedBy, sortFindings } from './findings.ts';
import type { EmittedDocument, InputFile, RemediatedFile, Remediation } from './remediate.ts';

/**
 * The outcome of several environments as one. What they share is edited and reported once; where two of them need different
 * edits of one file, none is made.
 *
 * @param files - all files of the input, in order
 */
export function merged(files: readonly InputFile[], runs: readonly Remediation[]): Remediation {
  const byFile = groupBy(
    runs.flatMap((run) => run.files),
    ({ file }) => file,
  );
  const disputed = new Set<string>();
  const outcome = files.map((file): RemediatedFile => {
    const versions = byFile.get(file) ?? [];
    const changed = versions.filter(({ text }) => text !== file.text);
    const [first] = changed;
    if (first && changed.every(({ text }) => text === first.text)) return first;
    if (first) disputed.add(file.path);
    return { file, edits: [], text: file.text, ...(versions[0]?.passed && { passed: versions[0].passed }) };
  });
  const emitted = new Map<string, EmittedDocument>();
  for (const each of runs.flatMap((run) => run.emitted))
    emitted.set(identityOf(each), emitted.get(identityOf(each)) ?? each);
  const contested = new Set(
    runs
      .flatMap((run) => run.emitted)
      .filter((each) => emitted.get(identityOf(each))?.text !== each.text)
      .map(identityOf),
  );
  for (const identity of contested) emitted.delete(identity);

  const fixes = new Map<Finding, readonly TextEdit[]>();
  const found = new Map<string, Finding>();
  for (const run of runs)
    for (const finding of run.findings) {
      const key = keyOf(finding);
      if (found.has(key)) continue;
      const kept = finding.outcome === 'change' ? refusedWhere(finding, disputed, contested) : finding;
      found.set(key, kept);
      const edits = run.fixes.get(finding);
      if (edits) fixes.set(kept, edits);
    }
  const findings = sortFindings(withoutIdle([...found.values()]), files);
  return {
    ...runs[0]!,
    findings,
    files: outcome,
    emitted: [...emitted.values()],
    fixes,
    refused: findings.some(({ outcome: each }) => each === 'refuse'),
  };
}

function refusedWhere(finding: Finding, disputed: ReadonlySet<string>, contested: ReadonlySet<string>): Finding {
  const { file, change = [], resource } = finding;
  if (change.length === 0) return finding;
  const isContested = change.some(({ op }) => op === 'emit') && resource && contested.has(nameOf(resource));
  if (!isContested && !disputed.has(file ?? '')) return finding;
  const what = isContested ? 'resource' : 'file';
  return refusedBy(new InputError(`the environments that share this ${what} need different forms of it`), finding);
}

function identityOf({ text, resource }: EmittedDocument): string {
  return resource ? nameOf(resource) : text;
}

function nameOf({ apiVersion, kind, namespace = '', name }: ResourceRef): string {
  return `${apiVersion} ${kind} ${namespace}/${name}`;
}

function keyOf({ code, outcome, resource, path, file, line, column, message }: Finding): string {
  const where =
    file === undefined ? [message, resource?.kind, resource?.namespace, resource?.name] : [file, line, column, path];
  return JSON.stringify([code, outcome, ...where]);
}

/** An intent that does something in one environment has not nothing to do. */
function withoutIdle(findings: readonly Finding[]): Finding[] {
  const isIdle = ({ code }: Finding): boolean => /\/(nothing-to-do|selects-nothing)$/.test(code);
  const busy = new Set(findings.filter((finding) => !isIdle(finding)).map(({ remedy }) => remedy));
  return findings.filter((finding) => !isIdle(finding) || !busy.has(finding.remedy));
}
