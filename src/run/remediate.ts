import { dirname } from 'node:path';
import { type Builds, buildsOf } from '../builds/builds.ts';
import { type Environment, environmentsOf } from '../builds/environments.ts';
import { followPaths } from '../builds/followed-paths.ts';
import type { RepositorySettings } from '../config/repository.ts';
import { InputError } from '../errors.ts';
import type { Finding, ResourceRef } from '../finding.ts';
import { looksLikeManifest, looksLikeTemplate } from '../manifest/likeness.ts';
import type { Document, SourceFile } from '../manifest/node.ts';
import { type Expansion, openExpansion } from '../manifest/node-value.ts';
import type { Operation } from '../manifest/operation.ts';
import { readDocuments } from '../manifest/read.ts';
import { splice, type TextEdit } from '../manifest/splice.ts';
import { type DetectedVersion, resolveVersion } from '../mesh/detect-version.ts';
import { inNamespace, isKubernetesObject, type Resource } from '../mesh/resource.ts';
import type { Version } from '../mesh/version.ts';
import type { Fault } from '../remedies/fault.ts';
import { remedies } from '../remedies/index.ts';
import type { Remedy, Target } from '../remedies/remedy.ts';
import { respectBuilds } from './builds.ts';
import { ownRemedy, ownSource, severitiesByCode } from './codes.ts';
import { foreseen, type OpenFinding, openFinding, refOf, refusedBy, sortFindings } from './findings.ts';
import { fixesOf } from './fixes.ts';
import { type Emitted, openLedger } from './ledger.ts';
import { merged } from './merged.ts';
import { placeAndPatch, placeFindings } from './place.ts';
import { type Mode, nothingToDo, type Planned, planFor, planForSkips } from './plan.ts';

/** A file of the input. */
export interface InputFile extends SourceFile {
  /** True when the user named this very file: it must be readable YAML then, while a folder's odd files pass through. */
  readonly named: boolean;
  /** Why the bytes of a folder's odd file are not text; `text` is empty then, and must not be written. */
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
  /** What gave it, as it is shown; the flag unless given. */
  readonly istioVersionSource?: string;
  /** Which codes are reported, when diagnosing; all unless given. */
  readonly reports?: (code: string) => boolean;
  /**
   * The severities of codes and remedies that differ from the declared ones. What is `off` is not reported; a rewrite
   * reports what it changes, or cannot change, all the same.
   */
  readonly severities?: RepositorySettings['severities'];
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
  /** True for what an engine of templates makes a manifest of. */
  readonly isTemplate?: boolean;
}

/** A document that the run adds. */
export interface EmittedDocument {
  readonly remedy: string;
  /** YAML that ends with a line break, without `---`. */
  readonly text: string;
  /** Undefined for Helm values, which are no Kubernetes object. */
  readonly resource?: ResourceRef;
  /** The kustomization that is to build it; undefined where there is none. */
  readonly home?: Home;
}

/** The kustomization of the environment that a new resource is for. */
export interface Home {
  /** Its folder, as the user named it. */
  readonly folder: string;
  /** The namespace to which it would move the resource, which therefore must not be in it; undefined when it may. */
  readonly moves?: string;
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
  /** What would fix a finding, in its file's text, as if it were the only one; when diagnosing with `fixes`. */
  readonly fixes: ReadonlyMap<Finding, readonly TextEdit[]>;
  /** True when an intent could not be applied: nothing may be written then unless the user keeps going. */
  readonly refused: boolean;
  /** What people should know of how the input was taken; a sentence each. */
  readonly notes: readonly string[];
  /** True when kustomizations use manifests that are not among the files. */
  readonly readsOutside?: boolean;
}

/**
 * Finds what the intents ask for in the files and, when rewriting, makes the edits. Every frontend goes through here.
 *
 * Remedies run one after the other, each on what those before it left, so that they need not know each other.
 *
 * @throws InputError when a named file cannot be read, or `severities` names an unknown code
 */
export function remediate(files: readonly InputFile[], request: Request): Remediation {
  const { files: outcome, ...done } = remediateAll(files, request);
  const readsOutside = outcome.some(({ file, passed }) => file.isOutside && !passed);
  return { ...done, files: outcome.filter(({ file }) => !file.isOutside), readsOutside };
}

function remediateAll(files: readonly InputFile[], request: Request): Remediation {
  const expansion = openExpansion();
  const read = files.map((file) => readFile(file, expansion));
  const parsed = read.flatMap((each) => each.parsed);
  const builds = buildsOf(parsed);
  const documents = read.flatMap((each) => each.documents).filter((document) => !builds.notResources.has(document));
  const whole = openLedger(documents).mesh();
  const charts = builds.charts.flatMap(({ version, source }) => (version ? [{ version, source }] : []));
  const version = resolveVersion(request.istioVersion, whole, request.istioVersionSource, charts);
  const environments = environmentsOf(documents, builds);
  const notes = notesOf(environments, builds);
  const runIn = (environment: Environment | undefined): Remediation => {
    const inside = environment ? read.filter(({ file }) => environment.has(file.path)) : read;
    return remediateOne(inside, request, { builds, version, environment });
  };
  if (environments.length < 2 || request.complete)
    return { ...remediateOne(read, request, { builds, version, environment: environments[0] }), notes };
  return { ...merged(files, environments.map(runIn)), notes };
}

/** What people should know of how the input was taken. */
function notesOf(environments: readonly Environment[], { unlisted }: Builds): string[] {
  const kinds = new Map([...unlisted].map(([{ file }, kind]) => [file.path, kind]));
  const notes = [...kinds].map(
    ([path, kind]) => `${path}: holds a ${kind}, not a resource; it is neither judged nor edited`,
  );
  if (environments.length < 2) return notes;
  const names = environments.map(({ name }) => name);
  const shown = names.length > 8 ? `${names.slice(0, 8).join(', ')}, …` : names.join(', ');
  return [...notes, `${names.length} environments, each judged apart: ${shown}`];
}

interface Setting {
  readonly builds: Builds;
  readonly version: DetectedVersion;
  readonly environment: Environment | undefined;
}

/** Runs the remedies on what is applied together. */
function remediateOne(
  read: readonly ReadFile[],
  request: Request,
  { builds, version: target, environment }: Setting,
): Remediation {
  const files = read.map(({ file }) => file);
  const severityOf = severitiesByCode(request.severities);
  const documents = read.flatMap((each) => each.documents).filter((document) => !builds.notResources.has(document));
  const ledger = openLedger(documents, environment?.namespaceFor);
  const paths = followPaths();
  const { version, source: versionSource } = target;
  const isRewrite = request.mode === 'rewrite';

  const open: OpenFinding[] = [];
  for (const planned of planForSkips(ledger.mesh().resources))
    if (isReported(ownRemedy, planned.fault)) report(openFinding(planned, { id: ownRemedy, source: ownSource }));
  for (const remedy of remedies) {
    const parameters = request.intents.get(remedy.id);
    if (!parameters) continue;
    const target: Target = { mesh: ledger.mesh(), version, parameters: parameters as never };
    const plan = [...planFor(remedy, target, request.mode)];
    if (plan.length === 0 && isRewrite) plan.push(nothingToDo(target));
    for (const planned of respectBuilds(plan, builds, paths))
      if (isReported(remedy.id, planned.fault)) report(carryOut(planned, remedy));
  }

  function isReported(id: string, { code }: Fault): boolean {
    return isRewrite || (request.reports?.(`${id}/${code}`) ?? true);
  }

  function report(found: OpenFinding): void {
    const { finding } = found;
    const level = severityOf(finding.code);
    const isDone = isRewrite && (finding.outcome === 'change' || finding.outcome === 'refuse');
    if (level === 'off' && !isDone) return;
    if (level !== undefined && level !== 'off') finding.severity = level;
    open.push(found);
  }

  function carryOut(planned: Planned, remedy: Remedy): OpenFinding {
    const { step } = planned;
    if (step.outcome !== 'change' || planned.suppressed !== undefined) return openFinding(planned, remedy);
    if (isRewrite && !step.patch && !step.emit) return openFinding(planned, remedy);
    try {
      if (!isRewrite) return foreseen(planned, step, remedy, ledger.preview(step));
      const entry = step.patch ? ledger.patch(step.patch) : ledger.emit(remedy.id, step.emit!);
      if (step.patch && step.patch.within === undefined)
        paths.follow(builds.patchesFor(step.patch.resource), step.patch.operations);
      return openFinding(planned, remedy, entry);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const refused = openFinding(planned, remedy);
      return { ...refused, finding: refusedBy(error, refused.finding) };
    }
  }

  // A frontend that completes the edits gets findings in order of their places, which so are needed before the edits.
  if (request.complete) placeFindings(open);
  const completion = request.complete?.({
    findings: sortFindings(
      open.map(({ finding }) => finding),
      files,
    ),
    changed: ledger.changed(),
    emitted: ledger.emitted(),
  });
  const edited = placeAndPatch(
    request.complete ? [] : open,
    ledger.patches(new Map([...paths.edits(), ...(completion ?? [])])),
  );
  const editsOf = (document: Document): readonly TextEdit[] => {
    const edits = edited.get(document) ?? [];
    return edits instanceof InputError ? [] : edits;
  };
  const findings = open.map(({ finding, document }) => {
    const fault = document && edited.get(document);
    return fault instanceof InputError && finding.change?.length ? refusedBy(fault, finding) : finding;
  });

  return {
    version,
    versionSource,
    findings: sortFindings(findings, files),
    files: read.map(({ file, parsed, passed }) => {
      const edits = parsed.flatMap(editsOf);
      return {
        file,
        edits,
        text: edits.length > 0 ? splice(file.text, edits) : file.text,
        ...(passed ? { passed } : {}),
      };
    }),
    fixes: request.fixes ? fixesOf(open, ledger) : new Map(),
    emitted: ledger.emitted().map(({ remedy, text, resource }) => ({
      remedy,
      text,
      ...(resource.kind === '' ? {} : { resource: refOf(resource), ...homeOf(resource, environment) }),
    })),
    refused: findings.some(({ outcome }) => outcome === 'refuse'),
    notes: [],
  };
}

function homeOf(resource: Resource, environment: Environment | undefined): { home?: Home } {
  if (!environment?.root) return {};
  const { document, namespace } = environment.root;
  const moved = namespace === undefined ? resource : inNamespace(resource, namespace);
  const isMoved = moved.namespace !== resource.namespace;
  return {
    home: { folder: dirname(document.file.path), ...(isMoved && namespace !== undefined && { moves: namespace }) },
  };
}

/** True when nothing of the input is a manifest: files are empty, hold no Kubernetes objects, or cannot be read. */
export function holdsNothing({ files, readsOutside }: Pick<Remediation, 'files' | 'readsOutside'>): boolean {
  return !readsOutside && files.every(({ passed }) => passed !== undefined);
}

interface ReadFile {
  readonly file: InputFile;
  /** Those of a file that holds Kubernetes objects. */
  readonly documents: readonly Document[];
  /** All that can be read. */
  readonly parsed: readonly Document[];
  readonly passed?: Passed;
}

function readFile(file: InputFile, expansion: Expansion): ReadFile {
  try {
    if (file.fault) throw file.fault;
    const documents = file.documents ?? readDocuments(file, { expansion });
    if (file.text.trim() === '')
      return { file, documents, parsed: documents, passed: { isYaml: true, why: 'is empty' } };
    const isManifest = file.named || documents.some(({ value }) => isKubernetesObject(value));
    return isManifest
      ? { file, documents, parsed: documents }
      : { file, documents: [], parsed: documents, passed: { isYaml: true, why: 'holds no Kubernetes objects' } };
  } catch (error) {
    if (file.named || !(error instanceof InputError)) throw error;
    const isTemplate = looksLikeTemplate(file.text);
    // Left out, it would be missing from what is judged.
    if (!isTemplate && looksLikeManifest(file.text)) throw error;
    return {
      file,
      documents: [],
      parsed: [],
      passed: { isYaml: false, why: `is not YAML: ${error.message}`, isTemplate },
    };
  }
}
