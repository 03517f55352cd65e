import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readPage } from './page.ts';

/** What a repository lacks, or has too much of, beside the code of its remedies. */
export interface Parity {
  /** One line each: what is missing, or belongs to no remedy. */
  readonly faults: readonly string[];
  /** What a remedy may still lack while its page says `stable: false`. */
  readonly warnings: readonly string[];
}

/** Folders that belong to no remedy. */
const others = {
  'src/remedies/': ['mechanisms'],
  'examples/': ['argocd', 'ci', 'kustomize', 'shop'],
  'templates/': ['frames', 'surface'],
  'tests/remedies/': [],
} as const;
const proofPath = 'examples/PROOF.md';

/**
 * Compares the folders of remedies with all that a remedy has elsewhere.
 *
 * @param root - the folder of the repository
 * @throws InputError when a page is not in the form of one
 */
export function parityOf(root: URL): Parity {
  const has = (path: string): boolean => existsSync(new URL(path, root));
  const ids = foldersIn(root, 'src/remedies/').filter((id) => has(`src/remedies/${id}/index.ts`));
  const proven = provenIn(root);
  const missing = ids.flatMap((id) => missingFiles(id, has));
  const unproven = ids.filter((id) => has(`src/remedies/${id}/page.md`)).flatMap((id) => proofFault(id, root, proven));
  return {
    faults: [
      ...missing,
      ...unproven.filter(({ stable }) => stable).map(({ message }) => message),
      ...strangers(root, ids),
      ...proven.filter((id) => !ids.includes(id)).map((id) => `${proofPath} has ${id}, which is not a remedy`),
    ],
    warnings: unproven.filter(({ stable }) => !stable).map(({ message }) => message),
  };
}

function missingFiles(id: string, has: (path: string) => boolean): string[] {
  const needed = [`src/remedies/${id}/page.md`, `examples/${id}/before.yaml`, `examples/${id}/after.yaml`];
  const faults = needed.filter((path) => !has(path)).map((path) => `${id}: ${path} is missing`);
  if (!has(`tests/remedies/${id}.md`)) faults.push(`${id}: tests/remedies/${id}.md is missing: it has no golden cases`);
  return faults;
}

/** The remedies that have a section in the proof. */
function provenIn(root: URL): readonly string[] {
  const text = readFileSync(new URL(proofPath, root), 'utf8');
  return [...text.matchAll(/^## ([a-z0-9-]+)$/gm)].map(([, id]) => id as string);
}

function proofFault(id: string, root: URL, proven: readonly string[]): { message: string; stable: boolean }[] {
  const path = `src/remedies/${id}/page.md`;
  const { stable, proof } = readPage(new URL(path, root), path);
  const isProven = proven.includes(id);
  if (isProven && proof !== undefined)
    return [{ message: `${id}: ${proofPath} proves it, so \`proof\` in ${path} is wrong`, stable }];
  if (isProven || proof !== undefined) return [];
  const message = `${id}: ${proofPath} has no section \`## ${id}\` (npm run test:mesh), and ${path} no reason in \`proof\``;
  return [{ message, stable }];
}

/** What is named after a remedy that does not exist. */
function strangers(root: URL, ids: readonly string[]): string[] {
  return Object.entries(others).flatMap(([folder, known]) =>
    foldersIn(root, folder)
      .filter((name) => !ids.includes(name) && !(known as readonly string[]).includes(name))
      .map((name) => `${folder}${name} belongs to no remedy: src/remedies/${name}/index.ts is missing`),
  );
}

/** Names of the folders in a folder, and of its Markdown files without their ending. */
function foldersIn(root: URL, folder: string): string[] {
  const url = new URL(folder, root);
  if (!existsSync(url)) return [];
  const isCases = folder === 'tests/remedies/';
  return readdirSync(url, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || (isCases && entry.name.endsWith('.md')))
    .map(({ name }) => name.replace(/\.md$/, ''));
}
