// `import { diagnose, remediate } from 'meshmend'`, as a package that others have installed.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose, InputError, remediate } from '../src/library.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const library = suite('library');

const shop = {
  path: 'shop.yaml',
  text: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop} # ours
spec:
  hosts: [shop]
  http:
    - route: [{destination: {host: shop}}]
`,
};

library('diagnoses with places and the parameters that fix', () => {
  const { istioVersion, findings } = diagnose([shop], { istioVersion: '1.27', select: ['disable-retries'] });
  assert.is(istioVersion, '1.27');
  assert.is(findings.length, 1);
  const [{ code, file, line, parameters, fix } = assert.unreachable() as never] = findings;
  assert.equal(
    { code, file, line, parameters },
    { code: 'disable-retries/default-retries', file: 'shop.yaml', line: 7, parameters: {} },
  );
  assert.ok(fix);
});

library('rewrites, and leaves all other bytes', () => {
  const { manifests, emitted, refused } = remediate([shop], {
    intents: { 'disable-retries': true, 'reach-mesh': false },
  });
  assert.is(manifests[0]?.text, `${shop.text}      retries:\n        attempts: 0\n`);
  assert.equal(emitted, []);
  assert.is(refused, false);
});

library('gives what is missing as documents', () => {
  const { emitted } = remediate([], { intents: { 'support-http10': { surface: 'sail' } }, istioVersion: '1.24' });
  assert.is(emitted.length, 1);
  assert.match(emitted[0] as string, /^apiVersion: sailoperator\.io/);
});

library('says what is wrong with the input, and where', () => {
  const faults = [
    () => remediate([shop], { intents: { 'disable-retry': true } }),
    () => remediate([shop], { intents: { 'disable-retries': { explicit: 'never' } } }),
    () => diagnose([shop], { istioVersion: 'newest' }),
    () => diagnose([shop], { ignore: ['disable-retry'] }),
    () => diagnose([{ path: 'a.yaml', text: 'a: [' }]),
  ];
  for (const fault of faults) assert.throws(fault, (error: unknown) => error instanceof InputError);
});

library('is what a package that depends on it gets, by import and by require, with types', () => {
  execFileSync(process.execPath, ['build.mjs'], { cwd: root });
  const folder = mkdtempSync(join(tmpdir(), 'meshmend-library-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/meshmend'));
    const call = "console.log(diagnose([{ path: 'a.yaml', text: 'kind: Service' }]).findings.length);\n";
    writeFileSync(join(folder, 'import.mjs'), `import { diagnose } from 'meshmend';\n${call}`);
    writeFileSync(join(folder, 'require.cjs'), `const { diagnose } = require('meshmend');\n${call}`);
    const types =
      'const found: readonly Finding[] = diagnose([], {}).findings;\nexport default found.map(({ code }) => code.length);\n';
    writeFileSync(join(folder, 'types.mts'), `import { diagnose, type Finding } from 'meshmend';\n${types}`);
    const run = (...args: string[]): string => execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    assert.is(run('import.mjs'), '0\n');
    assert.is(run('require.cjs'), '0\n');
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    assert.is(run(tsc, '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', 'types.mts'), '');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

library.run();
