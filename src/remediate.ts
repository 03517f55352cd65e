import { InputError, type Place } from './errors.ts';
import type { Finding, ResourceRef } from './finding.ts';
import { type Emitted, openLedger } from './ledger.ts';
import { locate } from './manifest/locate.ts';
import type { Document, SourceFile } from './manifest/node.ts';
import { jsonPath, segmentsOf } from './manifest/pointer.ts';
import { placeAt } from './manifest/position.ts';
import { readDocuments } from './manifest/read.ts';
import { splice, type TextEdit } from './manifest/splice.ts';
import { resolveVersion } from './mesh/detect-version.ts';
import { isKubernetesObject, type Resource } from './mesh/resource.ts';
import type { Version } from './mesh/version.ts';
import { remedies } from './remedies/index.ts';
import type { Operation, Remedy, Step } from './remedies/remedy.ts';
import { skipOf } from './skip.ts';

/** A file of the input. */
export interface InputFile extends SourceFile {
  /** True when the user named this very file: it must be readable YAML then, while a folder's odd files pass through. */
  readonly named: boolean;
  /** What the text holds, when the frontend has read it already. */
  readonly documents?: readonly Document[];
}

export interface Request {
  /** `rewrite` applies what the intents plan; `diagnose` only tells of it, and asks every remedy named here. */
  readonly mode: 'rewrite' | 'diagnose';
  /** Remedy ids with their parameters, defaults filled in. */
  readonly intents: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly istioVersion?: Version;
  /** What gave it, as people are told: the flag, unless said otherwise. */
  readonly istioVersionSource?: string;
  /** What the frontend adds of its own once all remedies have run; it is checked and written with their edits. */
  readonly complete?: (run: Completed) => ReadonlyMap<Document, readonly Operation[]>;
}

/** A run whose remedies are done, and whose edits are not made yet. */
export interface Completed {
  readonly findings: readonly Finding[];
  /** The resources of the input that remedies changed, as they are now; in input order. */
  readonly changed: readonly Resource[];
  readonly emitted: readonly Emitted[];
}

/** What became of one file. */
export interface RemediatedFile {
  readonly file: InputFile;
  /** Sorted, not overlapping, in offsets of the file's text. */
  readonly edits: readonly TextEdit[];
  /** The text after the edits. */
  readonly text: string;
  /** Why the file was passed through unread; undefined for a file of Kubernetes objects. */
  readonly passed?: string;
}

/** A document that the run adds. */
export interface EmittedDocument {
  readonly remedy: string;
  /** YAML that ends with a line break, without `---`. */
  readonly text: string;
  /** Undefined for Helm values, which are no Kubernetes object. */
  readonly resource?: ResourceRef;
}

export interface Remediation {
  readonly version: Version;
  /** Where the version comes from: `--istio-version`, `image of Deployment istio-system/istiod in a.yaml:12:18`, … */
  readonly versionSource: string;
  /** In order of file, document, remedy, path. */
  readonly findings: readonly Finding[];
  /** In input order. */
  readonly files: readonly RemediatedFile[];
  readonly emitted: readonly EmittedDocument[];
  /** True when an intent could not be applied: nothing may be written then unless the user keeps going. */
  readonly refused: boolean;
}

/**
 * Finds what the intents ask for in the files and, when rewriting, makes the edits. Every frontend goes through here.
 *
 * Remedies run one after the other, each on what those before it left, so that they need not know each other.
 *
 * @throws InputError when a named file cannot be read
 */
export async function remediate(files: readonly InputFile[], request: Request): Promise<Remediation> {
  const read = files.map(readFile);
  const ledger = openLedger(read.flatMap(({ documents }) => documents));
  const { version, source: versionSource } = resolveVersion(
    request.istioVersion,
    ledger.mesh(),
    request.istioVersionSource,
  );
  const isRewrite = request.mode === 'rewrite';

  const told: { readonly finding: Finding; readonly document: Document | undefined }[] = [];
  for (const remedy of remedies) {
    const parameters = request.intents.get(remedy.id);
    if (!parameters) continue;
    const steps = [...remedy.plan(ledger.mesh(), parameters as never, { version, requested: isRewrite })];
    if (steps.length === 0 && isRewrite) steps.push(nothingToDo(remedy));
    for (const step of steps) {
      const skip = step.resource && skipOf(step.resource, remedy.id);
      if (skip) told.push({ finding: findingOf(skip.step(step), remedy), document: undefined });
      else
        told.push({
          finding: await carryOut(step, remedy),
          document: (step.patch?.resource ?? step.resource)?.document,
        });
    }
  }

  async function carryOut(step: Step, remedy: Remedy): Promise<Finding> {
    if (!isRewrite) return findingOf(step, remedy);
    const entry = step.patch
      ? ledger.patch(step.patch)
      : step.emit
        ? await ledger.emit(remedy.id, step.emit)
        : undefined;
    if (!entry) return findingOf(step, remedy);
    return { ...findingOf({ resource: entry.resource, ...step }, remedy), change: entry.change };
  }

  const planned = sortFindings(
    told.map(({ finding }) => finding),
    files,
  );
  const edited = ledger.edits(
    request.complete?.({ findings: planned, changed: ledger.changed(), emitted: ledger.emitted() }),
  );
  const editsOf = (document: Document): readonly TextEdit[] => {
    const edits = edited.get(document) ?? [];
    return edits instanceof InputError ? [] : edits;
  };
  const findings = told.map(({ finding, document }) => {
    const fault = document && edited.get(document);
    return fault instanceof InputError && finding.change?.length ? refusedBy(fault, finding) : finding;
  });

  return {
    version,
    versionSource,
    findings: sortFindings(findings, files),
    files: read.map(({ file, documents, passed }) => {
      const edits = documents.flatMap(editsOf);
      return {
        file,
        edits,
        text: edits.length > 0 ? splice(file.text, edits) : file.text,
        ...(passed ? { passed } : {}),
      };
    }),
    emitted: ledger.emitted().map(({ remedy, text, resource }) => ({
      remedy,
      text,
      ...(resource.kind === '' ? {} : { resource: refOf(resource) }),
    })),
    refused: findings.some(({ outcome }) => outcome === 'refuse'),
  };
}

interface ReadFile {
  readonly file: InputFile;
  readonly documents: readonly Document[];
  readonly passed?: string;
}

function readFile(file: InputFile): ReadFile {
  try {
    const documents = file.documents ?? readDocuments(file);
    const isManifest = file.named || documents.some(({ value }) => isKubernetesObject(value));
    return isManifest ? { file, documents } : { file, documents: [], passed: 'holds no Kubernetes objects' };
  } catch (error) {
    if (file.named || !(error instanceof InputError)) throw error;
    return { file, documents: [], passed: `is not YAML: ${error.message}` };
  }
}

/** A change that its document does not allow: nothing of the document is edited then. */
function refusedBy({ message, hint, place }: InputError, { change: _, ...finding }: Finding): Finding {
  const why = `${finding.message}; but ${message}${hint ? `: ${hint}` : ''}`;
  return {
    ...finding,
    severity: 'error',
    outcome: 'refuse',
    message: why,
    ...(finding.line === undefined ? place : {}),
  };
}

function nothingToDo(remedy: Remedy): Step {
  return { severity: 'info', outcome: 'keep', message: `nothing to do: ${remedy.summary}` };
}

function findingOf({ severity, outcome, message, resource, path = '', source }: Step, remedy: Remedy): Finding {
  const finding: { -readonly [K in keyof Finding]: Finding[K] } = {
    remedy: remedy.id,
    severity,
    outcome,
    message,
    source: source ?? remedy.source,
  };
  if (!resource) return finding;
  finding.resource = refOf(resource);
  if (path !== '') finding.path = jsonPath(path);
  return Object.assign(finding, placeOf(resource, path));
}

function placeOf({ document, base }: Resource, path: string): Place | undefined {
  return document && placeAt(document.file, locate(document.root, segmentsOf(base + path)));
}

function refOf({ apiVersion, kind, namespace, name }: Resource): ResourceRef {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** Findings in the order of files, lines and remedies; those without a place come last. */
function sortFindings(findings: readonly Finding[], files: readonly InputFile[]): Finding[] {
  const fileRank = new Map(files.map(({ path }, index) => [path, index]));
  const remedyRank = new Map(remedies.map(({ id }, index) => [id, index]));
  const rank = (finding: Finding): number[] => [
    fileRank.get(finding.file ?? '') ?? files.length,
    finding.line ?? 0,
    finding.column ?? 0,
    remedyRank.get(finding.remedy) ?? 0,
  ];
  const ranked = findings.map((finding, index) => ({ finding, keys: [...rank(finding), index] }));
  ranked.sort((a, b) => a.keys.map((key, at) => key - b.keys[at]!).find((difference) => difference !== 0) ?? 0);
  return ranked.map(({ finding }) => finding);
}
