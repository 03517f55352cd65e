import { basename, dirname, relative, resolve, sep } from 'node:path';
import { groupByEach } from '../group-by.ts';
import type { Document } from '../manifest/node.ts';
import { fqdnOf } from '../mesh/host.ts';
import { meshOf } from '../mesh/mesh.ts';
import { listAt, stringAt } from '../mesh/read.ts';
import { namespaceOf, type Resource, resourcesOf } from '../mesh/resource.ts';
import { surfacesOf } from '../mesh/surface/surface.ts';
import { type Builds, filesOf } from './builds.ts';
import { type Kustomization, rootsOf, withBases } from './kustomization.ts';

/** What is applied together. */
export interface Environment {
  /** For people: the folder. */
  readonly name: string;
  /** Its kustomization; undefined for a plain folder. */
  readonly root: Kustomization | undefined;
  /** True for a file that belongs to it; by its path as the user named it. */
  has(path: string): boolean;
  /** The namespace that its kustomizations give a file's resources. */
  namespaceFor(path: string): string | undefined;
}

/**
 * The environments of the input. Each kustomization that no other one uses is an environment, with the bases and components
 * that it names. Sibling folders without kustomizations that define the same resource or host are alternatives, so each is an
 * environment, too. What belongs to none of them belongs to all.
 */
export function environmentsOf(documents: readonly Document[], builds: Builds): Environment[] {
  const { kustomizations, notResources } = builds;
  const roots = rootsOf(kustomizations).filter((root) => stringAt(root.value, 'kind') !== 'Component');
  const owned = new Map(roots.map((root) => [root, ownFiles(root, kustomizations)]));
  const anyOwned = new Set([...owned.values()].flatMap((files) => [...files]));
  const loose = documents.filter(
    (document) => !notResources.has(document) && !anyOwned.has(resolve(document.file.path)),
  );
  const folders = alternativesAmong(loose);
  const installs = roots.length > 1 ? installFiles(documents) : new Set<string>();
  const isLoose = (path: string): boolean => !anyOwned.has(path);
  const ofRoots = roots.map((root): Environment => {
    const files = owned.get(root)!;
    const namespaces = namespacesOf(root, kustomizations);
    // A mesh that no folder of its own installs is installed by another one of the tree.
    const isBare = ![...installs].some((path) => files.has(path));
    return {
      name: shown(root.folder),
      root,
      has: (path) =>
        files.has(resolve(path)) ||
        (isBare && installs.has(resolve(path))) ||
        (isLoose(resolve(path)) && !folders.some((each) => isIn(resolve(path), each.folder))),
      namespaceFor: (path) => namespaces.get(resolve(path)),
    };
  });
  const names = [...new Set(folders.map(({ name }) => name))];
  const ofFolders = names.map((name): Environment => {
    const others = folders.filter((each) => each.name !== name);
    return {
      name,
      root: undefined,
      has: (path) => isLoose(resolve(path)) && !others.some(({ folder }) => isIn(resolve(path), folder)),
      namespaceFor: () => undefined,
    };
  });
  return [...ofRoots, ...ofFolders];
}

/** Absolute paths of the files that install Istio. */
function installFiles(documents: readonly Document[]): Set<string> {
  const surfaces = surfacesOf(meshOf(documents.flatMap(resourcesOf)));
  return new Set(surfaces.flatMap(({ resource }) => (resource.document ? [resolve(resource.document.file.path)] : [])));
}

/** The files of a root: its own kustomization, and what it and its bases name. */
function ownFiles(root: Kustomization, all: readonly Kustomization[]): Set<string> {
  const used = withBases(root, all);
  const files = used.map(({ document }) => resolve(document.file.path));
  const patches = used.flatMap((each) => namedBy(each));
  return new Set([...files, ...filesOf(root, all), ...patches]);
}

/** All strings of a kustomization that may be paths. */
function namedBy({ value, folder }: Kustomization): string[] {
  const found: string[] = [];
  for (const field of ['patches', 'patchesJson6902', 'patchesStrategicMerge', 'replacements'])
    for (const entry of listAt(value, field)) {
      const path = typeof entry === 'string' ? entry : stringAt(entry, 'path');
      if (path !== undefined && !path.includes('\n')) found.push(resolve(folder, path));
    }
  return found;
}

/** The namespace of each file: the outermost kustomization that sets one decides. */
function namespacesOf(root: Kustomization, all: readonly Kustomization[]): Map<string, string> {
  const byFolder = new Map(all.map((each) => [each.folder, each]));
  const namespaces = new Map<string, string>();
  const seen = new Set<Kustomization>();
  const visit = (here: Kustomization, inherited: string | undefined): void => {
    if (seen.has(here)) return;
    seen.add(here);
    const namespace = inherited ?? here.namespace;
    for (const path of here.uses) {
      const base = byFolder.get(path);
      if (base) visit(base, namespace);
      else if (namespace !== undefined) namespaces.set(path, namespace);
    }
  };
  visit(root, undefined);
  return namespaces;
}

/** Sibling folders that define the same resource or host. */
function alternativesAmong(documents: readonly Document[]): { folder: string; name: string }[] {
  const found = new Set<string>();
  for (const definitions of groupByEach(documents.flatMap(resourcesOf), identities).values()) {
    const paths = new Set(definitions.flatMap(({ document }) => (document ? [resolve(document.file.path)] : [])));
    const [first, ...rest] = paths;
    for (const path of rest) for (const folder of divergence(first!, path)) found.add(folder);
  }
  return [...found].map((folder) => ({ folder, name: basename(folder) }));
}

/** What only one resource of a cluster has: its name, and the hosts that it alone configures. */
function identities(resource: Resource): string[] {
  const { group, kind, name, value } = resource;
  if (kind === 'Namespace' || group === 'apiextensions.k8s.io') return [];
  const namespace = namespaceOf(resource);
  const own = `${group}/${kind}/${namespace}/${name}`;
  if (group !== 'networking.istio.io') return [own];
  const host = stringAt(value, 'spec', 'host');
  if (kind === 'DestinationRule' && host !== undefined)
    return [own, `DestinationRule for ${namespace} ${fqdnOf(host, namespace)}`];
  if (kind !== 'VirtualService') return [own];
  const at = listAt(value, 'spec', 'gateways').join(' ');
  return [
    own,
    ...listAt(value, 'spec', 'hosts')
      .filter((each) => each !== '*')
      .map((each) => `VirtualService for ${namespace} ${fqdnOf(String(each), namespace)} at ${at}`),
  ];
}

/** The folders in which two paths part; none when one of the files is in the folder of the parting itself. */
function divergence(a: string, b: string): string[] {
  let common = dirname(a);
  while (!isIn(b, common)) common = dirname(common);
  const children = [a, b].map((path) => relative(common, path).split(sep));
  return children.every((parts) => parts.length > 1) ? children.map(([first]) => resolve(common, first!)) : [];
}

function isIn(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function shown(folder: string): string {
  return relative('.', folder) || '.';
}
