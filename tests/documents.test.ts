// The documents: their links lead somewhere, and the configs that they show are valid.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configFromValue } from '../src/config/config.ts';
import { readDocuments } from '../src/manifest/read.ts';
import { at } from '../src/mesh/read.ts';
import { formatVersion, newestKnown, oldestKnown } from '../src/mesh/version.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = suite('documents');

const paths = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** Relative links, without the part after `#`. */
function linksOf(text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link as string);
  return links.filter((link) => !/^(https?:|mailto:|#)/.test(link)).map((link) => link.replace(/#.*/, ''));
}

function configsOf(path: string, text: string) {
  const blocks = [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block]) => block as string);
  return blocks
    .flatMap((block) => readDocuments({ path, text: block }))
    .map(({ value }) => value)
    .filter((value) => at(value, 'kind') === 'MeshRemedies');
}

documents('there are some', () => {
  assert.ok(paths.includes('README.md') && paths.includes(join('docs', 'kustomize.md')));
});

documents('README names the versions that are known', () => {
  assert.match(
    readFileSync(join(root, 'README.md'), 'utf8'),
    `${formatVersion(oldestKnown)} to ${formatVersion(newestKnown)}`,
  );
});

for (const path of paths) {
  const text = readFileSync(join(root, path), 'utf8');
  documents(path, () => {
    const broken = linksOf(text).filter((link) => !existsSync(join(root, dirname(path), link)));
    assert.equal(broken, []);
    for (const config of configsOf(path, text)) configFromValue(config);
  });
}

documents.run();
