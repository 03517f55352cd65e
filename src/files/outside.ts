import { existsSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { kustomizationNames, kustomizationsIn } from '../builds/kustomization.ts';
import { InputError } from '../errors.ts';
import { readDocuments } from '../manifest/read.ts';
import { type Input, isInside, type ReadFile, readManifest } from './input.ts';

/** So many files are read at most. */
const limit = 10_000;

/**
 * The files outside of the input that its kustomizations use, directly or not. They count for what is judged, and are not
 * edited. What cannot be read is left to kustomize.
 */
export function readOutside({ files, folders }: Pick<Input, 'files' | 'folders'>): ReadFile[] {
  const known = new Set(files.map(({ real }) => real));
  const outside: ReadFile[] = [];
  const waiting = files.flatMap(usedBy);
  for (const path of waiting) {
    if (outside.length >= limit) break;
    const file = readIfThere(manifestAt(path));
    // What a named folder holds and was not read is left out on purpose.
    if (!file || known.has(file.real) || folders.some(({ real }) => isInside(file.real, real))) continue;
    known.add(file.real);
    outside.push(file);
    waiting.push(...usedBy(file));
  }
  return outside;
}

function usedBy(file: ReadFile): readonly string[] {
  if (!kustomizationNames.includes(basename(file.path))) return [];
  try {
    return kustomizationsIn(readDocuments(file)).flatMap(({ uses }) => uses);
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

/** A folder stands for its kustomization. */
function manifestAt(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  if (!statSync(path).isDirectory()) return path;
  return kustomizationNames.map((name) => join(path, name)).find((each) => existsSync(each));
}

function readIfThere(path: string | undefined): ReadFile | undefined {
  if (path === undefined) return undefined;
  try {
    const file = readManifest(relative('.', path) || path, false);
    return file.fault ? undefined : { ...file, isOutside: true };
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
