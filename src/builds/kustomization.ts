import { basename, dirname, resolve } from 'node:path';
import { type Document, isObject, type JsonObject } from '../manifest/node.ts';
import { listAt, stringAt } from '../mesh/read.ts';

/** A kustomization of the input. */
export interface Kustomization {
  readonly document: Document;
  readonly value: JsonObject;
  /** Absolute. */
  readonly folder: string;
  /** What it sets for all its resources; undefined when it sets none. */
  readonly namespace: string | undefined;
  /** True when its resources get other names. */
  readonly isRenaming: boolean;
  /** Absolute paths of the files and folders that it takes resources or components from. */
  readonly uses: readonly string[];
}

/**
 * The names of the file that makes a folder a kustomization.
 *
 * @see https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
 */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** The kustomizations among documents, by their file names: most of them do not say their kind. */
export function kustomizationsIn(documents: readonly Document[]): Kustomization[] {
  return documents.flatMap((document) => {
    const { file, value, index } = document;
    if (!kustomizationNames.includes(basename(file.path)) || index !== 0 || !isObject(value)) return [];
    const folder = resolve(dirname(file.path));
    const uses = ['resources', 'bases', 'components']
      .flatMap((field) => listAt(value, field))
      .flatMap((entry) => (typeof entry === 'string' ? [resolve(folder, entry)] : []));
    const isRenaming = ['namePrefix', 'nameSuffix'].some((field) => stringAt(value, field));
    return [{ document, value, folder, namespace: stringAt(value, 'namespace') || undefined, isRenaming, uses }];
  });
}

/** Those that no other one uses, in input order. */
export function rootsOf(kustomizations: readonly Kustomization[]): Kustomization[] {
  const used = new Set(kustomizations.flatMap(({ uses }) => uses));
  return kustomizations.filter(({ folder }) => !used.has(folder));
}

/** A kustomization with all that it uses, directly or not, itself first. */
export function withBases(root: Kustomization, all: readonly Kustomization[]): Kustomization[] {
  const byFolder = new Map(all.map((each) => [each.folder, each]));
  const found = new Set([root]);
  for (const { uses } of found) {
    for (const path of uses) {
      const base = byFolder.get(path);
      if (base) found.add(base);
    }
  }
  return [...found];
}
