import type { Change, Finding, ResourceRef } from '../finding.ts';
import type { Json, JsonObject } from '../manifest/node.ts';
import { jsonPath } from '../manifest/pointer.ts';
import { objectAt, stringAt } from '../mesh/read.ts';
import { sentencesOf } from '../report/text.ts';

/**
 * The findings as results of a function: one for each change, so that each can say its field and values.
 *
 * @see https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md
 */
export function resultsOf(
  list: { readonly items: readonly Json[]; readonly isBuild: boolean },
  findings: readonly Finding[],
): JsonObject[] {
  // In a build no file is known: the paths that a second function sees are invented by kyaml.
  const files: Files = list.isBuild ? new Map() : filesOf(list.items);
  return findings.flatMap((finding) => {
    const changes = finding.change?.length ? finding.change : [undefined];
    return changes.map((change) => resultOf(finding, change, files));
  });
}

function resultOf(finding: Finding, change: Change | undefined, files: Files): JsonObject {
  const { severity, resource, path, code, remedy, outcome, source } = finding;
  const field = change ? fieldOf(change) : path === undefined ? undefined : { path };
  const file = resource && files.get(keyOf(resource));
  return {
    message: sentencesOf(finding),
    severity,
    ...(resource && { resourceRef: { ...resource } }),
    ...(resource && field && { field }),
    ...(file && { file }),
    tags: { code, remedy, outcome, source },
  };
}

/** A new resource has no field: `resourceRef` says it all. */
function fieldOf({ op, path, currentValue, proposedValue }: Change): JsonObject | undefined {
  if (op === 'emit' || path === '') return undefined;
  return {
    path: jsonPath(path),
    ...(currentValue !== undefined && { currentValue }),
    ...(proposedValue !== undefined && { proposedValue }),
  };
}

type Files = ReadonlyMap<string, JsonObject>;

/** Where the items are. */
function filesOf(items: readonly Json[]): Files {
  const files = new Map<string, JsonObject>();
  for (const item of items) {
    const annotations = objectAt(item, 'metadata', 'annotations');
    const read = (name: string): string | undefined =>
      stringAt(annotations, `internal.config.kubernetes.io/${name}`) ??
      stringAt(annotations, `config.kubernetes.io/${name}`);
    const path = read('path');
    const index = Number(read('index') ?? 0);
    if (path !== undefined) files.set(keyOf(refOf(item)), { path, ...(Number.isInteger(index) && { index }) });
  }
  return files;
}

function refOf(item: Json): ResourceRef {
  const namespace = stringAt(item, 'metadata', 'namespace');
  return {
    apiVersion: stringAt(item, 'apiVersion') ?? '',
    kind: stringAt(item, 'kind') ?? '',
    name: stringAt(item, 'metadata', 'name') ?? '',
    ...(namespace && { namespace }),
  };
}

function keyOf({ apiVersion, kind, namespace = '', name }: ResourceRef): string {
  return JSON.stringify([apiVersion, kind, namespace, name]);
}
