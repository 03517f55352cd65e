import { resolve } from 'node:path';
import { groupBy } from '../group-by.ts';
import type { Document } from '../manifest/node.ts';
import type { Operation } from '../manifest/operation.ts';
import { stringAt } from '../mesh/read.ts';
import { type Resource, resourcesOf } from '../mesh/resource.ts';
import { type BuildPatch, ignoredDifferences, isFor, patchesOf, shownPath } from './build-patch.ts';
import { type ChartVersion, istioChartsIn } from './chart-versions.ts';
import { decidedAmong, decidedBy } from './decided.ts';
import { type Kustomization, kustomizationsIn, withBases } from './kustomization.ts';
import { isUnlistedPatch, isYttTemplate } from './unbuilt.ts';

/** What the kustomizations of the input make of its documents. */
export interface Builds {
  readonly kustomizations: readonly Kustomization[];
  /** Documents that are not resources: patches, lists of operations or replacements, templates. */
  readonly notResources: ReadonlySet<Document>;
  /** Those of them that no kustomization of the input lists, and what they are. */
  readonly unlisted: ReadonlyMap<Document, 'patch' | 'template'>;
  /** The charts of Istio that builds render. */
  readonly charts: readonly ChartVersion[];
  /** What builds do to a resource. */
  patchesFor(resource: Resource): readonly BuildPatch[];
  /** What decides about a field that an edit would set, or that the edit depends on. */
  deciderOf(resource: Resource, operations: readonly Operation[], reason: string): Decider | undefined;
  /** What makes a resource another one than a new resource beside it would be for: its name, hosts or ports. */
  renamerOf(resource: Resource): string | undefined;
}

export interface Decider {
  readonly patch: BuildPatch;
  /** Pointer inside the resource. */
  readonly path: string;
}

export function buildsOf(documents: readonly Document[]): Builds {
  const kustomizations = kustomizationsIn(documents);
  const files = groupBy(documents, ({ file }) => resolve(file.path));
  const listed = kustomizations.map((each) => patchesOf(each, files));
  const notResources = new Set(listed.flatMap((each) => each.documents));
  const unlisted = new Map(unlistedAmong(documents.filter((document) => !notResources.has(document))));
  for (const document of unlisted.keys()) notResources.add(document);
  const resources = documents.filter((document) => !notResources.has(document)).flatMap(resourcesOf);
  const all = [...listed.flatMap((each) => each.patches), ...resources.flatMap(ignoredDifferences)];
  const scopes = new Map(kustomizations.map((each) => [each, scopeOf(each, kustomizations)]));

  const patchesFor = (resource: Resource): readonly BuildPatch[] => {
    const { document } = resource;
    if (all.length === 0 || !document) return [];
    const path = resolve(document.file.path);
    return all.filter((patch) => (!patch.by || scopes.get(patch.by)?.has(path)) && isFor(patch, resource));
  };
  return {
    kustomizations,
    notResources,
    unlisted,
    charts: istioChartsIn(documents, kustomizations),
    patchesFor,
    deciderOf(resource, operations, reason) {
      for (const patch of patchesFor(resource)) {
        const path = decidedAmong(decidedBy(patch, resource), operations, reason);
        if (path !== undefined) return { patch, path };
      }
      return undefined;
    },
    renamerOf(resource) {
      const path = resource.document && resolve(resource.document.file.path);
      const renaming = path && kustomizations.find((each) => each.isRenaming && scopes.get(each)?.has(path));
      if (renaming) return `\`namePrefix\` or \`nameSuffix\` of ${shownPath(renaming.document.file.path)}`;
      return patchesFor(resource).find((patch) => patch.by && changesIdentity(patch, resource))?.name;
    },
  };
}

/** True for a patch, or the target of a replacement, that decides what a resource is called or whom it is for. */
function changesIdentity(patch: BuildPatch, resource: Resource): boolean {
  const filled = patch.isFilled ? patch.paths.map(({ text }) => `/${text.replaceAll('.', '/')}`) : [];
  return [...decidedBy(patch, resource), ...filled].some((path) =>
    /^\/(metadata\/name|spec\/(hosts?|ports|clusterIP|gateways|exportTo)(\/|$))|\/host$/.test(path),
  );
}

/** Documents that are not resources although no kustomization lists them. A file's text is searched once, for all of them. */
function unlistedAmong(documents: readonly Document[]): [Document, 'patch' | 'template'][] {
  return [...groupBy(documents, ({ file }) => file)].flatMap(([{ text }, ofFile]) => {
    const isTemplate = isYttTemplate(text);
    const mayHaveDirectives = text.includes('$patch');
    return ofFile
      .filter(({ value }) => isTemplate || isUnlistedPatch(value, mayHaveDirectives))
      .map((document): [Document, 'patch' | 'template'] => [document, isTemplate ? 'template' : 'patch']);
  });
}

/** The files whose resources a kustomization's patches reach: a component's are those of what uses it. */
function scopeOf(by: Kustomization, all: readonly Kustomization[]): Set<string> {
  const isComponent = stringAt(by.value, 'kind') === 'Component';
  const users = isComponent ? all.filter((each) => withBases(each, all).includes(by)) : [by];
  return new Set(users.flatMap((user) => filesOf(user, all)));
}

/** Absolute paths of the files and folders that a kustomization builds, its bases' included. */
export function filesOf(root: Kustomization, all: readonly Kustomization[]): string[] {
  return withBases(root, all).flatMap(({ uses }) => uses);
}
