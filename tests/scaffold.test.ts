// What `npm run new` writes: a whole remedy that works.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../src/errors.ts';
import { readDocuments } from '../src/manifest/read.ts';
import { meshOf } from '../src/mesh/mesh.ts';
import { resourcesOf } from '../src/mesh/resource.ts';
import { newestKnown } from '../src/mesh/version.ts';
import type { Remedy } from '../src/remedies/remedy.ts';
import { parityOf } from './authoring/parity.ts';
import { scaffold } from './authoring/scaffold.ts';
import { readGoldenFile } from './golden-file.ts';

const scaffolding = suite('a new remedy');
const id = 'mow-lawns';
const files = scaffold(id, () => false);

/** Writes the files below a folder of their own, and gives it to `use`. */
async function inFolder(use: (folder: URL) => unknown): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'meshmend-new-'));
  const root = pathToFileURL(`${folder}/`);
  try {
    for (const [path, text] of [...files, ['examples/PROOF.md', '# Proof\n'] as const]) {
      mkdirSync(new URL('.', new URL(path, root)), { recursive: true });
      writeFileSync(new URL(path, root), text);
    }
    await use(root);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

scaffolding('has all its parts, but for the proof', () =>
  inFolder((root) => {
    const { faults, warnings } = parityOf(root);
    assert.equal(faults, []);
    assert.is(warnings.length, 1);
    assert.match(warnings[0] as string, 'examples/PROOF.md has no section `## mow-lawns`');
  }),
);

/** A module that imports the program from where it is. */
function linked(source: string): string {
  return source
    .replaceAll("'../../", `'${new URL('../src/', import.meta.url)}`)
    .replaceAll("'../", `'${new URL('../src/remedies/', import.meta.url)}`);
}

scaffolding('finds and fixes what its cases say', () =>
  inFolder(async (root) => {
    // The files of the program are not in that folder.
    for (const name of ['index.ts', 'faults.ts'])
      writeFileSync(
        new URL(`src/remedies/${id}/${name}`, root),
        linked(files.get(`src/remedies/${id}/${name}`) as string),
      );
    const path = `src/remedies/${id}/index.ts`;
    const { default: remedy } = (await import(new URL(path, root).href)) as { readonly default: Remedy };
    assert.is(remedy.id, id);
    const text = files.get(`examples/${id}/before.yaml`) as string;
    const mesh = meshOf(readDocuments({ path: 'before.yaml', text }).flatMap(resourcesOf));
    const target = { mesh, version: newestKnown, parameters: { value: 'right' } as never };
    const codes = [...(remedy.find?.(target) ?? [])].map(({ code }) => code);
    const [example, other] = readGoldenFile(files.get(`tests/remedies/${id}.md`) as string, 'cases', id);
    assert.equal(
      codes.map((code) => `${id}/${code}`),
      example?.rewrite?.map((line) => /`([a-z-]+\/[a-z-]+)`/.exec(line)?.[1]),
    );
    assert.equal(other?.diagnose, []);
    assert.equal(Object.keys(remedy.fix ?? {}), codes);
  }),
);

/** What is said of an id. */
function faultOf(name: string, exists: (path: string) => boolean = () => false): string {
  try {
    scaffold(name, exists);
  } catch (error) {
    assert.instance(error, InputError);
    return (error as InputError).message;
  }
  throw new Error('the id was accepted');
}

scaffolding('refuses an id that is taken, or not in kebab case', () => {
  for (const name of ['Mow-lawns', 'mowLawns', 'mow_lawns', 'mow', 'mow-', '-mow-lawns', 'mow--lawns', '../mow-lawns'])
    assert.is(faultOf(name), `"${name}" is not an id`);
  assert.is(faultOf(''), 'the id is missing');
  for (const path of [`src/remedies/${id}`, `examples/${id}/after.yaml`, `tests/remedies/${id}.md`])
    assert.is(
      faultOf(id, (each) => each === path),
      `${path} exists already`,
    );
});

scaffolding.run();
