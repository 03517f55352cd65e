import { derived } from './derived.ts';
import type { Mesh } from './mesh.ts';
import { filledIn, placeholderIn } from './placeholder.ts';
import { listAt, objectAt, stringAt } from './read.ts';
import type { Resource } from './resource.ts';
import { argoSources, fluxChart } from './surface/surface.ts';
import { compareVersions, formatVersion, newestKnown, oldestKnown, parseVersion, type Version } from './version.ts';
import { podTemplateOf } from './workload.ts';

/** A version, and where it was found, as messages say it. */
export interface DetectedVersion {
  readonly version: Version;
  readonly source: string;
}

/**
 * Finds the Istio version that manifests are written for. Sources, the most trustworthy first: what runs istiod,
 * what installs it, images of proxies, revision labels such as `1-8-1`. When the best kind of source names several
 * versions, the oldest counts, since what it accepts the others accept too, and `source` says so.
 *
 * @returns undefined when no manifest says so
 */
export function detectVersion(mesh: Mesh): DetectedVersion | undefined {
  return oldestOf(detectedVersions(mesh));
}

function oldestOf(found: readonly DetectedVersion[]): DetectedVersion | undefined {
  const [oldest] = [...found].sort((a, b) => compareVersions(a.version, b.version));
  if (!oldest) return undefined;
  const others = new Set(found.map(({ version }) => formatVersion(version)));
  others.delete(formatVersion(oldest.version));
  if (others.size === 0) return oldest;
  return {
    version: oldest.version,
    source: `${oldest.source}, the oldest of several (also ${[...others].join(', ')})`,
  };
}

function whyUnknown(mesh: Mesh): string {
  const found = mesh.resources.find((resource) => placeholderIn(installTexts(resource).join(' ')) !== undefined);
  if (!found) return 'no manifest says which';
  const text = placeholderIn(installTexts(found).join(' '));
  return `the version in ${found.kind} ${found.name} is the placeholder ${text}; give --istio-version`;
}

/** What the best kind of source says, the oldest version first. */
const detectedVersions = derived((mesh): readonly DetectedVersion[] => {
  for (const kind of [istiodImages, installVersions, proxyImages, revisionLabels]) {
    const found = mesh.resources
      .flatMap((resource) => kind(resource, mesh))
      .sort((a, b) => compareVersions(a.version, b.version));
    if (found.length > 0) return found;
  }
  return [];
});

/**
 * All versions that must take a resource, the oldest first: while istiod is upgraded by revisions, each reads the
 * same resources. Only the planned one when it is not what the manifests say.
 */
export function servedVersions(mesh: Mesh, planned: Version): readonly Version[] {
  const found = detectedVersions(mesh).map(({ version }) => version);
  return found[0] && compareVersions(found[0], planned) === 0 ? found : [planned];
}

/**
 * The version to plan for: the one given, else the one found, else the newest known.
 * Versions outside those known count as the nearest one known, and `source` says so.
 *
 * @param charts - what builds say beside the manifests
 */
export function resolveVersion(
  given: Version | undefined,
  mesh: Mesh,
  givenBy = '--istio-version',
  charts: readonly DetectedVersion[] = [],
): DetectedVersion {
  const chosen = given ? { version: given, source: givenBy } : (detectVersion(mesh) ?? oldestOf(charts));
  if (!chosen) return { version: newestKnown, source: `the newest known, since ${whyUnknown(mesh)}` };
  const { version, source } = chosen;
  const bound =
    version.minor > newestKnown.minor ? newestKnown : version.minor < oldestKnown.minor ? oldestKnown : undefined;
  if (!bound) return chosen;
  const edge = bound === newestKnown ? 'newest' : 'oldest';
  return {
    version: bound,
    source: `${source}, which says ${formatVersion(version)}; the ${edge} known is ${formatVersion(bound)}`,
  };
}

function versionIn(resource: Resource, what: string, text: string | undefined): DetectedVersion[] {
  const version = text === undefined ? undefined : parseVersion(text);
  const where = resource.namespace === undefined ? resource.name : `${resource.namespace}/${resource.name}`;
  return version ? [{ version, source: `${what} of ${resource.kind} ${where}` }] : [];
}

function istiodImages(resource: Resource): DetectedVersion[] {
  return imageVersions(resource, ['pilot', 'istiod']);
}

function proxyImages(resource: Resource): DetectedVersion[] {
  return imageVersions(resource, ['proxyv2', 'ztunnel', 'install-cni']);
}

/** Images by the last part of their name: hubs differ (`docker.io/istio/pilot`, `gcr.io/istio-release/pilot`). */
function imageVersions(resource: Resource, names: readonly string[]): DetectedVersion[] {
  const template = podTemplateOf(resource);
  if (!template) return [];
  return [...listAt(template.value, 'spec', 'containers'), ...listAt(template.value, 'spec', 'initContainers')].flatMap(
    (container) => {
      const { name, tag } = imageParts(stringAt(container, 'image') ?? '');
      return names.includes(name) ? versionIn(resource, `image ${name}`, tag) : [];
    },
  );
}

/** `hub:5000/istio/pilot:1.24.2-distroless@sha256:…` → name `pilot`, tag `1.24.2-distroless`. */
function imageParts(image: string): { name: string; tag: string | undefined } {
  const [tagged = ''] = image.split('@');
  const [name = '', tag] = tagged.slice(tagged.lastIndexOf('/') + 1).split(':');
  return { name, tag };
}

function installVersions(resource: Resource, mesh: Mesh): DetectedVersion[] {
  const [first] = installTexts(resource);
  if (first === undefined || placeholderIn(first) === undefined) return plainVersions(resource);
  return filledIn(first, resource, mesh).flatMap((text) => versionIn(resource, 'version', lowest(text)));
}

/** The versions of Istio charts as Flux and Argo CD resources write them. */
function installTexts(resource: Resource): string[] {
  const { kind, value } = resource;
  if (kind === 'HelmRelease') {
    const isIstio = isIstioChart(fluxChart(resource), stringAt(value, 'spec', 'chart', 'spec', 'sourceRef', 'name'));
    return isIstio ? textsOf(stringAt(value, 'spec', 'chart', 'spec', 'version')) : [];
  }
  const spec = kind === 'Application' ? ['spec'] : kind === 'ApplicationSet' ? ['spec', 'template', 'spec'] : undefined;
  if (!spec || resource.group !== 'argoproj.io') return [];
  return argoSources(resource, spec).flatMap((path) => {
    const source = objectAt(value, ...path);
    const chart = stringAt(source, 'chart') ?? stringAt(source, 'path') ?? '';
    return isIstioChart(chart, stringAt(source, 'repoURL')) ? textsOf(stringAt(source, 'targetRevision')) : [];
  });
}

function textsOf(text: string | undefined): string[] {
  return text === undefined ? [] : [text];
}

function plainVersions(resource: Resource): DetectedVersion[] {
  const { kind, value } = resource;
  switch (kind) {
    case 'IstioOperator':
      return versionIn(
        resource,
        'tag',
        stringAt(value, 'spec', 'tag') ?? stringAt(value, 'spec', 'values', 'global', 'tag'),
      );
    case 'Istio':
    case 'IstioRevision':
      return resource.group === 'sailoperator.io'
        ? versionIn(resource, 'version', stringAt(value, 'spec', 'version'))
        : [];
    case 'HelmRelease': {
      if (!isIstioChart(fluxChart(resource), stringAt(value, 'spec', 'chart', 'spec', 'sourceRef', 'name'))) return [];
      const version = lowest(stringAt(value, 'spec', 'chart', 'spec', 'version'));
      return versionIn(resource, 'chart version', version ?? stringAt(value, 'spec', 'values', 'global', 'tag'));
    }
    case 'HelmChart':
    case 'OCIRepository': {
      const chart = stringAt(value, 'spec', 'chart') ?? stringAt(value, 'spec', 'url') ?? '';
      const version = stringAt(value, 'spec', 'version') ?? stringAt(value, 'spec', 'ref', 'tag');
      return isIstioChart(chart, stringAt(value, 'spec', 'repo'))
        ? versionIn(resource, 'chart version', lowest(version))
        : [];
    }
    case 'Application':
      return argoVersions(resource, ['spec']);
    case 'ApplicationSet':
      return argoVersions(resource, ['spec', 'template', 'spec']);
    default:
      return [];
  }
}

function argoVersions(resource: Resource, spec: readonly string[]): DetectedVersion[] {
  if (resource.group !== 'argoproj.io') return [];
  return argoSources(resource, spec).flatMap((path) => {
    const source = objectAt(resource.value, ...path);
    const chart = stringAt(source, 'chart') ?? stringAt(source, 'path') ?? '';
    const version = lowest(stringAt(source, 'targetRevision'));
    return isIstioChart(chart, stringAt(source, 'repoURL')) ? versionIn(resource, 'targetRevision', version) : [];
  });
}

/**
 * Charts whose version is Istio's: `istiod`, `istio-base` and the like by their own name; `base`, `gateway`, `cni`,
 * which many projects have, only beside the word `istio`.
 */
export function isIstioChart(chart: string, repository = ''): boolean {
  const name = chart.replace(/\/+$/, '').split('/').at(-1) ?? '';
  if (/^(istiod|istio-(discovery|istiod|base|ingress|egress|cni|gateway|ztunnel))$/.test(name)) return true;
  return /^(base|gateway|cni|ztunnel)$/.test(name) && /istio/.test(`${chart} ${repository}`);
}

/** The first version of a range such as `~1.27.0`, `>=1.24.0 <1.25.0`, `1.27.x`. */
export function lowest(range: string | undefined): string | undefined {
  return /\d+\.\d+(\.\d+)?/.exec(range ?? '')?.[0];
}

/** `istio.io/rev: 1-8-1`, as vendors and canary upgrades name their revisions, on namespaces and workloads. */
function revisionLabels(resource: Resource): DetectedVersion[] {
  const template = podTemplateOf(resource)?.value;
  if (resource.kind !== 'Namespace' && !template) return [];
  const own = stringAt(resource.value, 'metadata', 'labels', 'istio.io/rev');
  return versionIn(resource, 'label istio.io/rev', stringAt(template, 'metadata', 'labels', 'istio.io/rev') ?? own);
}
