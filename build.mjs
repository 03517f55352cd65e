// Bundles the programs dist/main.cjs and dist/krm.cjs, dist/meshmend.cjs that starts them, V8's compiled forms of them
// for this Node, which spare every start the compiling, and the library with its types. Run by `npm run build` and after
// `npm ci`.
import { execFileSync, spawnSync } from 'node:child_process';
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
const start = join(dist, 'meshmend.cjs');
const programs = { main: 'src/main.ts', krm: 'src/krm/main.ts' };

/** Functions of modules that few runs call, and that take long to load: loaded when they are first called. */
const seldom = {
  yaml: ['isAlias', 'isCollection', 'isMap', 'isScalar', 'parseAllDocuments'],
  'node:net': ['isIP'],
  'handlebars/runtime.js': ['create'],
};
const loadSeldom = {
  name: 'load seldom',
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(${Object.keys(seldom).join('|')})$`);
    onResolve({ filter }, ({ path, namespace }) => (namespace === 'seldom' ? null : { path, namespace: 'seldom' }));
    onLoad({ filter, namespace: 'seldom' }, ({ path }) => ({
      contents: seldom[path]
        .map((name) => `exports.${name} = (...args) => require('${path}').${name}(...args);`)
        .join(''),
      resolveDir: root,
    }));
  },
};

const common = { bundle: true, platform: 'node', format: 'cjs', target: 'node20', write: false, logLevel: 'warning' };
const [task, ...rest] = process.argv.slice(2);
if (task === 'compile') compile(...rest);
else await bundleAll();

async function bundleAll() {
  mkdirSync(dist, { recursive: true });
  for (const name of readdirSync(dist)) if (name.endsWith('.v8')) rmSync(join(dist, name));
  const caches = {};
  const packages = new Set();
  for (const [name, entry] of Object.entries(programs)) {
    const { text, inputs } = await bundleProgram(entry);
    for (const input of inputs) packages.add(/^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]);
    caches[name] = `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.v8`;
    writeFileSync(join(dist, `${name}.cjs`), text);
  }
  writeFileSync(join(dist, 'THIRD-PARTY-LICENSES'), licencesOf([...packages].filter(Boolean).sort()));
  const define = { __CACHES__: JSON.stringify(caches) };
  const banner = { js: '#!/usr/bin/env node' };
  writeFileSync(start, (await bundled({ ...common, entryPoints: [join(root, 'src/start.ts')], define, banner })).text);
  // The name that it had when it was a module: kustomizations may call it so, 15 ms later each time.
  writeFileSync(join(dist, 'meshmend.mjs'), "#!/usr/bin/env node\nimport './meshmend.cjs';\n");
  for (const [name, cache] of Object.entries(caches)) writeCache(name, join(dist, cache));
  await bundleLibrary();
}

/** What `import … from 'meshmend'` and `require('meshmend')` load, and its types. */
async function bundleLibrary() {
  const entryPoints = [join(root, 'src/library.ts')];
  // Packages inside are CommonJS, and ask for Node's modules by require.
  const require = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";
  const forms = { mjs: { format: 'esm', banner: { js: require } }, cjs: { format: 'cjs' } };
  for (const [extension, form] of Object.entries(forms)) {
    const { text } = await bundled({ ...common, entryPoints, ...form });
    writeFileSync(join(dist, `library.${extension}`), text);
  }
  const types = ['--project', 'tsconfig.types.json', '--outDir', join(dist, 'types')];
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...types], {
    cwd: root,
    stdio: 'inherit',
  });
}

async function bundleProgram(entry) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { text, inputs } = await bundled({
    ...common,
    entryPoints: [join(root, entry)],
    plugins: [loadSeldom],
    define: { __VERSION__: JSON.stringify(version), 'import.meta.url': '__url' },
    // A function, so that what starts it can give it what a module has.
    banner: { js: '(function (require, __url) { const module = { exports: {} };' },
    footer: { js: '})' },
  });
  // ASCII alone is read fastest. esbuild leaves other characters in regular expressions only, where this means the same.
  const ascii = text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return { text: ascii, inputs };
}

async function bundled(options) {
  const { outputFiles, metafile } = await build({ ...options, absWorkingDir: root, metafile: true });
  return { text: outputFiles[0].text, inputs: Object.keys(metafile.inputs) };
}

/** What the licences of the packages in the programs ask for: their texts go where the programs go. */
function licencesOf(packages) {
  return packages
    .map((path) => {
      const { name, version, license, repository } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
      const files = readdirSync(join(root, path)).filter((file) => /^(licen[cs]e|notice)/i.test(file));
      const texts = files.map((file) => readFileSync(join(root, path, file), 'utf8').trim());
      // Some packages name their licence, and leave its text in their repository.
      if (files.length === 0) texts.push(repository.url ?? repository);
      return [`${name} ${version} (${license})`, ...texts].join('\n\n');
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`)
    .concat('\n');
}

/** Runs a program on a little of everything, in a process of its own, and keeps what V8 compiled for that. */
function writeCache(name, cache) {
  const folder = mkdtempSync(join(tmpdir(), 'meshmend-build-'));
  try {
    const file = join(folder, 'shop.yaml');
    writeFileSync(file, shop);
    const input = `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: ${functionConfig}\nitems:\n${itemsOf(shop)}`;
    const argv = name === 'krm' ? ['krm'] : ['rewrite', file, '--disable-retries', '--reorder-prefixes', '--diff'];
    const args = [fileURLToPath(import.meta.url), 'compile', join(dist, `${name}.cjs`), cache, ...argv];
    const { status, stderr } = spawnSync(process.execPath, args, { input, encoding: 'utf8' });
    // It is an aid, not a part: without it the program only starts slower.
    if (status !== 0) process.stderr.write(`no compiled form of ${name} was kept: ${stderr}\n`);
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

function compile(program, cache, ...argv) {
  // A cache is refused by a process with other flags, which the program sets for short runs.
  v8.setFlagsFromString = () => {};
  const script = new Script(readFileSync(program, 'latin1'), { filename: program });
  process.argv = [process.execPath, start, ...argv];
  process.on('exit', (code) => {
    if (code === 0) writeFileSync(cache, script.createCachedData());
  });
  script.runInThisContext()(createRequire(import.meta.url), pathToFileURL(start).href);
}
