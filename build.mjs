// Bundles the program: dist/meshmend.cjs, dist/meshmend.mjs that starts it, and V8's compiled form of it for this Node,
// which spares every start the compiling. Run by `npm run build` and after `npm ci`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import v8 from 'node:v8';
import { Script } from 'node:vm';
import { build } from 'esbuild';

const functionConfig =
  '{apiVersion: meshmend.dev/v1alpha1, kind: MeshRemedies, metadata: {name: build}, spec: {intents: {disable-retries: {}, strict-circuit-breaking: {}}}}';
const shop = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: shop # a comment
spec:
  hosts: ["shop"]
  http:
    - route:
        - destination:
            host: shop
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: shop
spec:
  host: shop
  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 1}}
`;

const root = fileURLToPath(new URL('.', import.meta.url));
const dist = join(root, 'dist');
const program = join(dist, 'meshmend.cjs');
const start = join(dist, 'meshmend.mjs');
const [task, ...rest] = process.argv.slice(2);
if (task === 'compile') compile(...rest);
else await bundle();

async function bundle() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const common = { bundle: true, platform: 'node', target: 'node20', write: false, logLevel: 'warning' };
  const text = await bundled({
    ...common,
    entryPoints: [join(root, 'src/main.ts')],
    format: 'cjs',
    define: { __VERSION__: JSON.stringify(version), 'import.meta.url': '__url' },
    // A function, so that what starts it can give it what a module has.
    banner: { js: '(function (require, __url) { const module = { exports: {} };' },
    footer: { js: '})' },
  });
  const cache = `meshmend-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.v8`;
  const starter = await bundled({
    ...common,
    entryPoints: [join(root, 'src/start.ts')],
    format: 'esm',
    define: { __CACHE__: JSON.stringify(cache) },
    banner: { js: '#!/usr/bin/env node' },
  });
  mkdirSync(dist, { recursive: true });
  for (const name of readdirSync(dist)) if (name.endsWith('.v8') && name !== cache) rmSync(join(dist, name));
  writeFileSync(program, text);
  writeFileSync(start, starter);
  writeCache(join(dist, cache));
}

async function bundled(options) {
  const { outputFiles } = await build(options);
  return outputFiles[0].text;
}

/** Runs the program on a little of everything, in a process of its own, and keeps what V8 compiled for that. */
function writeCache(cache) {
  const folder = mkdtempSync(join(tmpdir(), 'meshmend-build-'));
  try {
    writeFileSync(join(folder, 'shop.yaml'), shop);
    const input = `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: ${functionConfig}\nitems:\n${itemsOf(shop)}`;
    const args = [fileURLToPath(import.meta.url), 'compile', cache, join(folder, 'shop.yaml')];
    const { status, stderr } = spawnSync(process.execPath, args, { input, encoding: 'utf8' });
    // It is an aid, not a part: without it the program only starts slower.
    if (status !== 0) process.stderr.write(`no compiled form was kept: ${stderr}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The documents as items of a list. */
function itemsOf(text) {
  return text
    .split('---\n')
    .map((document) =>
      document
        .replace(/^(?=.)/gm, '    ')
        .replace(/^ {2}/, '  - ')
        .replace(/^( {2}- ) {2}/, '$1'),
    )
    .join('');
}

function compile(cache, file) {
  // A cache is refused by a process with other flags, which the program sets for short runs.
  v8.setFlagsFromString = () => {};
  const script = new Script(readFileSync(program, 'utf8'), { filename: program });
  const run = script.runInThisContext();
  const argvs = [['rewrite', file, '--disable-retries', '--reorder-prefixes', '--diff'], ['krm']];
  for (const argv of argvs) {
    process.argv = [process.execPath, start, ...argv];
    run(createRequire(import.meta.url), pathToFileURL(start).href);
  }
  process.on('exit', (code) => {
    if (code === 0) writeFileSync(cache, script.createCachedData());
  });
}
