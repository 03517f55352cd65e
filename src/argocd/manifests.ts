import { configApiVersion } from '../config/config.ts';
import { InputError } from '../errors.ts';
import { type Document, isObject, type Json, type JsonObject, type Node, resolved } from '../manifest/node.ts';
import { lineStartOf, placeAt } from '../manifest/position.ts';
import { layoutOf, printBlock } from '../manifest/print.ts';
import { readDocuments, readTree } from '../manifest/read.ts';
import { isKubernetesObject } from '../mesh/resource.ts';
import type { RemediatedFile, Remediation } from '../run/remediate.ts';

/** What Argo CD gets. */
export interface Manifests {
  /** The application's own resources, each as a text of YAML. */
  readonly own: readonly string[];
  /** What the remedies add. */
  readonly added: readonly string[];
  /** What was left out, and why. */
  readonly leftOut: readonly string[];
}

/**
 * Takes a run's output apart into resources, one document each: Argo CD makes nothing of a List, and takes any
 * document for a manifest.
 *
 * @param isFolder - documents that are not manifests are left out then; in a stream they are errors
 * @throws InputError for a document that is half a manifest, or unreadable, or holds settings that would be lost
 */
export function manifestsOf({ files, emitted }: Remediation, isFolder: boolean): Manifests {
  const own: string[] = [];
  const leftOut: string[] = [];
  for (const file of files) {
    for (const document of readDocuments({ path: file.file.path, text: file.text })) {
      if (document.value === null) continue;
      const root = readTree(document);
      const why = whyNoManifest(document, root, isFolder);
      if (why === undefined) own.push(...resourceTexts(document, root, document.value));
      else {
        refuseEdits(file, document);
        leftOut.push(`${file.file.path}: left out: ${why}`);
      }
    }
  }
  const lost = emitted.find(({ resource }) => resource === undefined);
  if (lost) throw lostValues(lost.remedy);
  return { own, added: emitted.map(({ text }) => text), leftOut };
}

/** Why a document is not for the cluster; undefined when it is. */
function whyNoManifest({ file, value }: Document, { start }: Node, isFolder: boolean): string | undefined {
  const place = placeAt(file, start);
  if (isKubernetesObject(value)) {
    if (value['apiVersion'] === configApiVersion) return 'it is a config';
    if (String(value['apiVersion']).startsWith('kustomize.config.k8s.io/')) return 'it is for kustomize';
    return undefined;
  }
  // Left out, it would be pruned from the cluster for a slip of the pen.
  if (isObject(value) && ('kind' in value || 'apiVersion' in value)) {
    const lacking = typeof value['kind'] === 'string' ? 'apiVersion' : 'kind';
    throw new InputError(`is half a manifest: no ${lacking} that is a string`, { place });
  }
  if (isFolder) return 'it is no Kubernetes object';
  throw new InputError('is not a manifest: it has neither apiVersion nor kind', {
    place,
    hint: 'nothing else may be printed',
  });
}

/** The resources of a document, Lists expanded. */
function resourceTexts({ file }: Document, root: Node, value: Json): string[] {
  return expand(root, value);

  function expand(written: Node, meaning: Json): string[] {
    const node = resolved(written);
    const items = isObject(meaning) ? listItems(meaning) : undefined;
    if (!items) {
      if (!isKubernetesObject(meaning))
        throw new InputError('item of a List has no apiVersion or no kind', { place: placeAt(file, written.start) });
      return [standalone(file.text, written, meaning)];
    }
    const list = node.kind === 'map' ? node.entries.find(({ key }) => key === 'items')?.value : undefined;
    const nodes = list && resolved(list);
    return items.flatMap((item, index) => {
      const itemNode = nodes?.kind === 'seq' ? nodes.items[index]?.value : undefined;
      return expand(itemNode ?? written, item);
    });
  }
}

/** The items of a `List`, a `VirtualServiceList` or a ResourceList. */
function listItems({ kind, items }: JsonObject): readonly Json[] | undefined {
  return String(kind).endsWith('List') && Array.isArray(items) ? items : undefined;
}

/** A node as a document of its own: as it is written, at its own indentation, unless it leans on anchors elsewhere. */
function standalone(text: string, node: Node, value: JsonObject): string {
  if (leansOut(node, node)) return `${printBlock(value, layoutOf(text, node)).join('\n')}\n`;
  const isBlock = node.kind === 'map' && !node.flow;
  const indent = isBlock ? ' '.repeat(node.outerStart - lineStartOf(text, node.outerStart)) : '';
  const written = indent + text.slice(node.outerStart, node.end);
  return written.endsWith('\n') ? written : `${written}\n`;
}

/** True when an alias in a node refers to something outside of `whole`. */
function leansOut(node: Node, whole: Node): boolean {
  switch (node.kind) {
    case 'alias':
      return node.target.start < whole.outerStart || node.target.end > whole.end;
    case 'map':
      return node.entries.some(({ value }) => leansOut(value, whole));
    case 'seq':
      return node.items.some(({ value }) => leansOut(value, whole));
    default:
      return false;
  }
}

/** Settings edited into a document that is not printed would be lost. */
function refuseEdits({ file, edits }: RemediatedFile, { index }: Document): void {
  if (edits.length === 0) return;
  const before = readDocuments(file)[index];
  if (before && edits.some(({ start }) => start >= before.start && start <= before.end))
    throw new InputError('holds Helm values to change, and Argo CD applies resources only', {
      place: { file: file.path },
      hint: 'change them with meshmend rewrite, where Istio is installed',
    });
}

function lostValues(remedy: string): InputError {
  return new InputError(`${remedy} gives Helm values of istiod here, and Argo CD applies resources only`, {
    hint: `set them where Istio is installed (meshmend rewrite), or give ${remedy}.surface another value`,
  });
}
