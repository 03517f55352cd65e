import { InputError } from '../errors.ts';
import type { Finding, ResourceRef } from '../finding.ts';
import type { Document, JsonObject, SourceFile } from '../manifest/node.ts';
import type { Operation } from '../manifest/operation.ts';
import { jsonPath } from '../manifest/pointer.ts';
import { readDocuments } from '../manifest/read.ts';
import { splice, type TextEdit } from '../manifest/splice.ts';
import { resolveVersion } from '../mesh/detect-version.ts';
import { isSelected, type Mesh, type Selection } from '../mesh/mesh.ts';
import { isKubernetesObject, type Resource } from '../mesh/resource.ts';
import type { Version } from '../mesh/version.ts';
import { remedies } from '../remedies/index.ts';
import type { Remedy } from '../remedies/remedy.ts';
import type { Change, Patch, Step } from '../step.ts';
import { intentFaults, ownRemedy, ownSource, selectableNames } from './codes.ts';
import { type Emitted, type Ledger, openLedger } from './ledger.ts';
import { placeAndPatch, placeFindings } from './place.ts';
import { type Mode, type Planned, planFor } from './plan.ts';
import { faultsOfSkips, skipAnnotation, skipFaults } from './skip.ts';

/** A file of the input. */
export interface InputFile extends SourceFile {
  /** True when the user named this very file: it must be readable YAML then, while a folder's odd files pass through. */
  readonly named: boolean;
  /** Why the bytes of a folder's odd file are no text; `text` is empty then, and must not be written. */
  readonly fault?: InputError;
  /** What the text holds, when the frontend has read it already. */
  readonly documents?: readonly Document[];
}

export interface Request {
  /** `rewrite` fixes what the intents name; `diagnose` only reports what their remedies find. */
  readonly mode: Mode;
  /** Remedy ids with their parameters, defaults filled in. */
  readonly intents: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly istioVersion?: Version;
  /** What gave it, as people are told: the flag, unless said otherwise. */
  readonly istioVersionSource?: string;
  /** Which codes are reported, when diagnosing; all unless given. */
  readonly reports?: (code: string) => boolean;
  /** True to have the text edits of each finding, when diagnosing. */
  readonly fixes?: boolean;
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
  /** Why the file was passed through as it is; undefined for a file of Kubernetes objects. */
  readonly passed?: Passed;
}

/** Why one of a folder's files was left as it is: Helm values hold no objects, Helm templates are no YAML. */
export interface Passed {
  readonly isYaml: boolean;
  readonly why: string;
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
  /** Where the version comes from: `--istio-version`, `image pilot of Deployment istio-system/istiod`, … */
  readonly versionSource: string;
  /** In order of file, line, column, remedy. */
  readonly findings: readonly Finding[];
  /** In input order. */
  readonly files: readonly RemediatedFile[];
  readonly emitted: readonly EmittedDocument[];
  /** What would mend a finding, in its file's text, as if it were the only one; when diagnosing with `fixes`. */
  readonly fixes: ReadonlyMap<Finding, readonly TextEdit[]>;
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
export function remediate(files: readonly InputFile[], request: Request): Remediation {
  const read = files.map(readFile);
  const ledger = openLedger(read.flatMap(({ documents }) => documents));
  const { version, source: versionSource } = resolveVersion(
    request.istioVersion,
    ledger.mesh(),
    request.istioVersionSource,
  );
  const isRewrite = request.mode === 'rewrite';

  const told = ownFaults(ledger.mesh().resources);
  for (const remedy of remedies) {
    const parameters = request.intents.get(remedy.id);
    if (!parameters) continue;
    const target = { mesh: ledger.mesh(), version, parameters: parameters as never };
    const plan = [...planFor(remedy, target, request.mode)];
    if (plan.length === 0 && isRewrite) plan.push(nothingToDo(target.mesh, parameters));
    for (const planned of plan) if (isReported(remedy, planned)) told.push(carryOut(planned, remedy));
  }

  function isReported(remedy: Remedy, { fault }: Planned): boolean {
    return isRewrite || (request.reports?.(`${remedy.id}/${fault.code}`) ?? true);
  }

  function carryOut(planned: Planned, remedy: Remedy): Told {
    const { step } = planned;
    if (step.outcome !== 'change' || planned.suppressed !== undefined) return tell(planned, remedy);
    if (!isRewrite) return foresee(planned, step, remedy, ledger.preview(step));
    if (!step.patch && !step.emit) return tell(planned, remedy);
    try {
      const entry = step.patch ? ledger.patch(step.patch) : ledger.emit(remedy.id, step.emit!);
      return tell(planned, remedy, entry);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const told = tell(planned, remedy);
      return { ...told, finding: refusedBy(error, told.finding) };
    }
  }

  // A frontend that completes the edits gets findings in order of their places, which so are needed before the edits.
  if (request.complete) placeFindings(told);
  const completion = request.complete?.({
    findings: sortFindings(
      told.map(({ finding }) => finding),
      files,
    ),
    changed: ledger.changed(),
    emitted: ledger.emitted(),
  });
  const edited = placeAndPatch(request.complete ? [] : told, ledger.patches(completion));
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
    fixes: request.fixes ? fixesOf(told, ledger) : new Map(),
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
  readonly passed?: Passed;
}

function readFile(file: InputFile): ReadFile {
  try {
    if (file.fault) throw file.fault;
    const documents = file.documents ?? readDocuments(file);
    const isManifest = file.named || documents.some(({ value }) => isKubernetesObject(value));
    return isManifest
      ? { file, documents }
      : { file, documents: [], passed: { isYaml: true, why: 'holds no Kubernetes objects' } };
  } catch (error) {
    if (file.named || !(error instanceof InputError)) throw error;
    return { file, documents: [], passed: { isYaml: false, why: `is not YAML: ${error.message}` } };
  }
}

/** A change that its document does not allow: nothing of the document is edited then. */
function refusedBy(
  { message, hint, place }: InputError,
  { change: _, fix: __, ...finding }: Finding,
): Mutable<Finding> {
  const why = `${finding.message}. It cannot be fixed here: ${message}${hint ? `: ${hint}` : ''}`;
  return {
    ...finding,
    severity: 'error',
    outcome: 'refuse',
    message: why,
    ...(finding.line === undefined ? place : {}),
  };
}

/** What to report of an intent that has nothing to report itself: a selection that matches nothing may be a slip. */
function nothingToDo(mesh: Mesh, parameters: Readonly<Record<string, unknown>>): Planned {
  const selection = parameters as Selection;
  const given = (['namespaces', 'names'] as const).flatMap((name) => {
    const globs = selection[name];
    return globs === undefined ? [] : [`${name} ${globs.join(', ')}`];
  });
  const isSlip = given.length > 0 && !mesh.resources.some((resource) => isSelected(resource, selection));
  const fault = isSlip ? intentFaults('selects-nothing', {}, given.join(' and ')) : intentFaults('nothing-to-do', {});
  const kind = intentFaults.kinds[fault.code];
  return { fault, kind, step: { outcome: kind.outcome } as Step };
}

/** Faults of what resources say to meshmend itself. */
function ownFaults(resources: readonly Resource[]): Told[] {
  const known = selectableNames();
  return [...faultsOfSkips(resources, known)].map((fault) => {
    const kind = skipFaults.kinds[fault.code];
    return tell({ fault, kind, step: { outcome: kind.outcome } as Step }, { id: ownRemedy, source: ownSource });
  });
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A finding that has no place yet, and where to look for it. */
interface Told {
  readonly finding: Mutable<Finding>;
  readonly document: Document | undefined;
  /** Pointer inside the document. */
  readonly pointer: string;
  /** What would mend it, when diagnosing. */
  readonly patch?: Patch | undefined;
}

/** Reports a change that a diagnosis does not make, and how to have it made. */
function foresee(planned: Planned, step: Change, remedy: Remedy, change: Finding['change']): Told {
  const told = tell(planned, remedy, change?.length ? { change } : undefined);
  told.finding.parameters = step.parameters ?? narrowedTo(step.resource ?? planned.fault.resource, remedy);
  return { ...told, patch: step.isPart ? undefined : step.patch };
}

function narrowedTo(resource: Resource | undefined, { parameters }: Remedy): JsonObject {
  if (!resource || !Object.hasOwn(parameters, 'names')) return {};
  const { namespace, name } = resource;
  return { ...(namespace === undefined ? {} : { namespaces: [namespace] }), names: [name] };
}

/** How many findings of one resource repeat what mends them all; of more, the first tells. */
const sharedFixes = 50;

/**
 * What mends each finding: all that its command does to the resource. A remedy's patches of one resource belong together,
 * since each is for what those before it left.
 */
function fixesOf(told: readonly Told[], ledger: Ledger): Map<Finding, readonly TextEdit[]> {
  const groups = new Map<Resource, Map<string, { readonly findings: Finding[]; readonly patches: Patch[] }>>();
  for (const { finding, patch } of told) {
    if (!patch) continue;
    const ofResource = groups.get(patch.resource) ?? new Map();
    groups.set(patch.resource, ofResource);
    const command = `${finding.remedy} ${JSON.stringify(finding.parameters)}`;
    const group = ofResource.get(command) ?? { findings: [], patches: [] };
    ofResource.set(command, group);
    group.findings.push(finding);
    group.patches.push(patch);
  }
  const mendable = [...groups.values()].flatMap((commands) => [...commands.values()]);
  const edits = ledger.editsFor(mendable.map(({ patches }) => patches));
  return new Map(
    mendable.flatMap(({ findings }, index) => {
      const found = edits[index]!;
      if (found instanceof InputError || found.length === 0) return [];
      // The same edits at each of thousands of findings would take the square of their number.
      const told = findings.length > sharedFixes ? findings.slice(0, 1) : findings;
      return told.map((each) => [each, found] as const);
    }),
  );
}

function tell(
  planned: Planned,
  remedy: Pick<Remedy, 'id' | 'source'>,
  entry: { readonly resource?: Resource; readonly change?: Finding['change'] } = {},
): Told {
  const { fault, step, suppressed } = planned;
  const { resource = fault.resource ?? entry.resource, path = step.resource ? '' : (fault.path ?? '') } = step;
  const finding: Mutable<Finding> = {
    code: `${remedy.id}/${fault.code}`,
    remedy: remedy.id,
    severity: severityOf(planned),
    outcome: step.outcome,
    message: messageOf(planned),
    source: fault.source ?? remedy.source,
  };
  if (step.outcome === 'change' && step.fix) finding.fix = step.fix;
  if (suppressed !== undefined) finding.suppressed = suppressed;
  if (resource) finding.resource = refOf(resource);
  if (path !== '') finding.path = jsonPath(path);
  if (entry.change) finding.change = entry.change;
  return { finding, document: resource?.document, pointer: (resource?.base ?? '') + path };
}

function severityOf({ fault, kind, step }: Planned): Finding['severity'] {
  if (step.severity) return step.severity;
  if (step.outcome === 'keep') return 'info';
  return step.outcome === 'refuse' ? 'error' : (fault.severity ?? kind.severity);
}

/** The problem; then how many more have it, why it stays, or what people can do about it. */
function messageOf({ fault, kind, step, others = 0, suppressed }: Planned): string {
  const problem = kind.message(fault.data as never);
  if (suppressed !== undefined)
    return `${problem}. Left alone because of ${skipAnnotation}${suppressed && `: ${suppressed}`}`;
  const more = others === 0 ? '' : ` (and ${others} more)`;
  const second = step.outcome === 'change' ? undefined : step.outcome === 'advise' ? step.todo : step.why;
  return `${problem}${more}${second === undefined ? '' : `. ${second}`}`;
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
