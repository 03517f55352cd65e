// The command line as a user meets it: the bundled program in a process of its own, on folders of its own.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatVersion, newestKnown } from '../src/mesh/version.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = join(root, 'dist/meshmend.cjs');
execFileSync(process.execPath, ['build.mjs'], { cwd: root });

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function meshmend(cwd: string, args: readonly string[], input?: string): Result {
  const env = { ...process.env, NO_COLOR: '1' };
  const options = { cwd, env, encoding: 'utf8', ...(input !== undefined && { input }) } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options);
  return { code: status, out: stdout, err: stderr };
}

type Files = Readonly<Record<string, string | Uint8Array>>;

const made: string[] = [];
process.on('exit', () => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

/** A new temporary folder with these files. */
function folder(files: Files): string {
  const path = mkdtempSync(join(tmpdir(), 'meshmend-cli-'));
  made.push(path);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

/** All files of a folder by name, to see that nothing was touched, or what was. */
function contents(path: string, inside = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(join(path, inside), { withFileTypes: true })) {
    const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory()) Object.assign(found, contents(path, name));
    else if (entry.isFile()) found[name] = readFileSync(join(path, name), 'latin1');
  }
  return found;
}

function routes(name: string, eol = '\n'): string {
  const lines = [
    `# routes of ${name}`,
    'apiVersion: networking.istio.io/v1',
    'kind: VirtualService',
    `metadata: {name: ${name},   namespace: shop}`,
    'spec:',
    `  hosts: ["${name}"]   # one host`,
    '  http:',
    '  - route:',
    `    - destination: {host: ${name}}`,
    '',
  ];
  return lines.join(eol);
}

function routesDone(name: string, eol = '\n'): string {
  return `${routes(name, eol)}    retries:${eol}      attempts: 0${eol}`;
}

const service = `apiVersion: v1
kind: Service
metadata: {name: ratings, namespace: shop}
spec:
  selector: {app: ratings}
  ports: [{name: http, port: 80}]
`;
const config = `apiVersion: meshmend.dev/v1alpha1
kind: MeshRemedies
metadata: {name: shop}
spec:
  istioVersion: "1.24"
  intents:
    disable-retries: {emit: false}
`;
const retries = ['rewrite', '--disable-retries'];
const noEmission = [...retries, '--set', 'disable-retries.emit=false'];

function hasTool(name: string): boolean {
  const { status } = spawnSync(name, ['--version']);
  if (status !== 0) console.log(`  ${name} is missing: its checks are left out`);
  return status === 0;
}

const start = suite('start');

start('--version prints the version of the package', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  assert.equal(meshmend(root, ['--version']), { code: 0, out: `${version}\n`, err: '' });
});

start('--help lists the commands, and each command tells of itself', () => {
  const { code, out, err } = meshmend(root, ['--help']);
  assert.is(code, 0);
  assert.is(err, '');
  for (const name of ['rewrite', 'diagnose', 'remedies', 'schema']) {
    assert.match(out, name);
    for (const args of [
      [name, '--help'],
      [name, '-h'],
      ['help', name],
    ]) {
      const told = meshmend(root, args);
      assert.is(told.code, 0);
      assert.match(told.out, `Usage: meshmend ${name}`);
      assert.is(told.err, '');
    }
  }
  assert.match(meshmend(root, ['rewrite', '--help']).out, 'disable-retries.explicit');
});

start('who writes into standard input may be slow', () => {
  const where = folder({ 'routes.yaml': routes('a') });
  for (const command of ['rewrite - --disable-retries', 'diagnose -v -']) {
    const quick = meshmend(where, command.split(' '), readFileSync(join(where, 'routes.yaml'), 'utf8'));
    const script = `(sleep 0.4; head -c 30 routes.yaml; sleep 0.2; tail -c +31 routes.yaml) | "${process.execPath}" "${program}" ${command}`;
    const slow = spawnSync('bash', ['-c', script], { cwd: where, encoding: 'utf8' });
    assert.equal([slow.status, slow.stdout, slow.stderr], [quick.code, quick.out, quick.err]);
  }
});

start('what the README shows is what comes out', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const shown = [...readme.matchAll(/^```console\n\$ meshmend (.*)\n([\s\S]*?)^```$/gm)];
  assert.ok(shown.length >= 2);
  for (const [, command = '', output] of shown) {
    const isQuiet = command.endsWith(' 2>/dev/null');
    const { out, err } = meshmend(root, command.replace(' 2>/dev/null', '').split(' '));
    assert.is(isQuiet ? out : out + err, output);
  }
});

start('no command at all is wrong usage', () => {
  const { code, out, err } = meshmend(root, []);
  assert.is(code, 2);
  assert.is(out, '');
  assert.match(err, 'Usage: meshmend COMMAND');
});

start('a reader that closes the pipe early is not an error', () => {
  const where = folder({ 'all.yaml': Array.from({ length: 4000 }, (_, i) => routes(`r${i}`)).join('---\n') });
  const command = `"${process.execPath}" "${program}" rewrite --disable-retries all.yaml 2>err | head -n 1; cat err`;
  const { stdout } = spawnSync('bash', ['-c', command], { cwd: where, encoding: 'utf8' });
  assert.match(stdout, /^# routes of r0\nIstio /);
  assert.not.match(stdout, 'EPIPE');
});

if (existsSync('/dev/full'))
  start('a full disk is told plainly', () => {
    const where = folder({ 'vs.yaml': routes('a') });
    for (const args of ['rewrite --disable-retries vs.yaml', 'diagnose vs.yaml', '--help', '--version', 'schema']) {
      const command = `"${process.execPath}" "${program}" ${args} > /dev/full`;
      const { status, stderr } = spawnSync('bash', ['-c', command], { cwd: where, encoding: 'utf8' });
      assert.is(status, 2, args);
      assert.match(stderr, /(^|\n)standard output: no space left\n/);
      assert.not.match(stderr, /\n {4}at /);
    }
    const command = `"${process.execPath}" "${program}" rewrite --disable-retries vs.yaml 2> /dev/full`;
    assert.is(spawnSync('bash', ['-c', command], { cwd: where }).status, 2);
  });

start('what V8 compiled for the build is taken by this Node, and the program needs it not', () => {
  const dist = join(root, 'dist');
  const caches = readdirSync(dist).filter((name) => name.endsWith('.v8'));
  assert.equal(
    caches.map((name) => name.replace(/-.*/, '')),
    ['krm', 'main'],
  );
  for (const cache of caches) {
    const filename = join(dist, cache.replace(/-.*/, '.cjs'));
    const cachedData = readFileSync(join(dist, cache));
    assert.is(new Script(readFileSync(filename, 'latin1'), { filename, cachedData }).cachedDataRejected, false);
  }

  const bare = folder({
    'dist/meshmend.cjs': readFileSync(program),
    'dist/meshmend.mjs': readFileSync(join(dist, 'meshmend.mjs')),
    'dist/main.cjs': readFileSync(join(dist, 'main.cjs')),
    'routes.yaml': routes('shop'),
  });
  const args = ['rewrite', '--disable-retries', 'routes.yaml'];
  for (const start of ['dist/meshmend.cjs', 'dist/meshmend.mjs']) {
    const without = spawnSync(process.execPath, [start, ...args], { cwd: bare, encoding: 'utf8' });
    assert.is(without.status, 0);
    assert.is(without.stdout, meshmend(bare, args).out);
  }
});

start.run();

const usage = suite('wrong usage');

const faults: readonly (readonly [what: string, args: readonly string[], message: RegExp, hint?: string])[] = [
  ['unknown command', ['rewrit'], /^unknown command rewrit\n/, 'did you mean rewrite?'],
  ['option without a command', ['--disable-retries', '.'], /after a command/, 'meshmend rewrite --disable-retries'],
  ['unknown option', ['rewrite', '--disable-retrys', '.'], /^unknown option --disable-retrys\n/, '--disable-retries?'],
  ['unknown short option', [...retries, '-x'], /^unknown option -x\n/, 'rewrite --help'],
  ['option without its value', [...retries, '--set'], /^--set needs a value\n/, '--set INTENT.PARAM=VALUE'],
  ['value for a flag', [...retries, '--check=yes'], /^--check takes no value\n/],
  [
    'misspelt parameter',
    [...retries, '--set', 'disable-retries.explict=keep'],
    /explict names no parameter/,
    'disable-retries.explicit?',
  ],
  [
    'misspelt remedy',
    [...retries, '--set', 'disable-retry.explicit=keep'],
    /names no remedy/,
    'did you mean disable-retries?',
  ],
  ['parameter without value', [...retries, '--set', 'disable-retries.explicit'], /has no value/],
  [
    'remedy without parameter',
    [...retries, '--set', 'disable-retries=keep'],
    /names no parameter/,
    'disable-retries.explicit',
  ],
  ['wrong value', [...retries, '--set', 'disable-retries.explicit=kep'], /must be keep or disable, not "kep"/, 'keep?'],
  ['value of a wrong type', [...retries, '--set', 'disable-retries.emit=1'], /must be true or false, not 1/],
  [
    'value that is not YAML',
    [...retries, '--set', 'disable-retries.names=[a'],
    /disable-retries\.names: /,
    'the value is YAML',
  ],
  [
    'parameter of an intent that nobody asked for',
    ['rewrite', '--set', 'disable-retries.emit=false'],
    /was not asked for/,
    'add --disable-retries',
  ],
  ['no intent', ['rewrite', '.'], /^no intent was named\n/, 'meshmend remedies'],
  ['two modes', [...retries, '--check', '--diff', '.'], /^--diff and --check exclude each other\n/],
  ['-i with standard input', [...retries, '-i', '-'], /standard input cannot be written back/],
  ['-o into the input', [...retries, '-o', '.', '.'], /is the folder that is read/],
  ['-o onto a file', [...retries, '-o', 'vs.yaml', '.'], /^vs\.yaml: is not a folder/],
  ['old Istio version', [...retries, '--istio-version', '1.5'], /is Istio 1\.5; meshmend knows 1\.6 and later/],
  ['no version', [...retries, '--istio-version', 'latest'], /is not an Istio version: "latest"/],
  ['unknown format', ['remedies', '--format', 'jsn'], /must be text, json or markdown, not jsn/, 'did you mean json?'],
  ['argument too many', ['schema', 'x'], /./, 'meshmend schema --help'],
  ['missing path', [...retries, 'nope.yaml'], /^nope\.yaml: no such file or folder\n/],
  ['missing config', ['rewrite', '-f', 'nope.yaml'], /^nope\.yaml: no such file or folder\n/],
  [
    'missing folder of the report',
    [...retries, '-i', '.', '--report', 'no/where/r.json', '--keep-going', '--check=1'],
    /takes no value/,
  ],
];

for (const [what, args, message, hint] of faults)
  usage(what, () => {
    const where = folder({ 'vs.yaml': routes('a') });
    const before = contents(where);
    const { code, out, err } = meshmend(where, args, '');
    assert.is(code, 2);
    assert.is(out, '');
    assert.match(err, message);
    if (hint !== undefined) assert.match(err, new RegExp(`\\nhint: .*${hint.replace(/[?.[\]]/g, '\\$&')}`));
    assert.not.match(err, /\n {4}at /, 'no stack for a fault of the user');
    assert.equal(contents(where), before);
  });

usage.run();

const badInput = suite('bad input');

const bad: readonly (readonly [what: string, files: Files, report: RegExp])[] = [
  ['tabs', { 'bad.yaml': 'a:\n\t- b\n' }, /^bad\.yaml:2:\d+: /],
  ['a carriage return alone before ---', { 'bad.yaml': 'a: 1\r---\rb: 2\r' }, /^bad\.yaml:1:\d+: .*carriage return/],
  ['unclosed flow', { 'bad.yaml': 'a: [1, 2\nb: 3\n' }, /^bad\.yaml:\d+:\d+: /],
  [
    'invalid UTF-8',
    { 'bad.yaml': Buffer.from('a: 1\nb: \u00e9\xff\n', 'latin1') },
    /^bad\.yaml:2:4: not valid UTF-8\n/,
  ],
  ['NUL', { 'bad.yaml': 'a: 1\nb: "\0"\n' }, /^bad\.yaml:2:5: NUL/],
  ['duplicate keys', { 'bad.yaml': 'a: 1\nb: 2\na: 3\n' }, /^bad\.yaml:3:1: /],
  ['an unquoted template', { 'bad.yaml': 'a: 1\nb: {{ .Name }}\n' }, /^bad\.yaml:2:5: a mapping cannot be a key\n/],
  ['the same for the second parser', { 'bad.yaml': 'b: {{ .Name }}\nc: [\n]\n' }, /^bad\.yaml:\d+:\d+: /],
  ['a list as a key', { 'bad.yaml': 'b: &b [1]\n*b : 2\n' }, /^bad\.yaml:2:1: a list cannot be a key\n/],
  ['undefined alias', { 'bad.yaml': 'a: 1\nb: *nowhere\n' }, /^bad\.yaml:2:\d+: /],
  ['alias bomb', { 'bad.yaml': bomb() }, /^bad\.yaml:\d+:\d+: aliases expand to more than/],
  ['20,000 levels', { 'bad.yaml': `${'['.repeat(20_000)}${']'.repeat(20_000)}\n` }, /^bad\.yaml:1:\d+: .*500/],
];

function bomb(): string {
  let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
  for (let i = 1; i < 9; i++)
    text += `a${i}: &a${i} [${Array(10)
      .fill(`*a${i - 1}`)
      .join(', ')}]\n`;
  return text;
}

for (const [what, files, report] of bad)
  for (const mode of what === 'tabs' ? [[], ['-i'], ['-o', 'out'], ['--diff']] : [['-i']])
    badInput(`${what} ${mode.join(' ')}`, () => {
      const where = folder({ 'good.yaml': routes('a'), ...files });
      const before = contents(where);
      const { code, out, err } = meshmend(where, [...retries, ...mode, 'good.yaml', 'bad.yaml']);
      assert.is(code, 2);
      assert.is(out, '');
      assert.match(err, report);
      assert.equal(contents(where), before);
    });

badInput('bytes that are not text: a file of a folder passes through, and is never added to', () => {
  const odd = { 'latin.yaml': Buffer.from('a: \xe9\n', 'latin1'), 'sub/nul.yaml': 'a: "\0"\n' };
  const where = folder({ 'vs.yaml': routes('a'), ...odd });
  const before = contents(where);
  const { code, out, err } = meshmend(where, [...noEmission, '-v', '.']);
  assert.equal([code, out], [0, routesDone('a')]);
  assert.match(err, '\nlatin.yaml: passed through: is not YAML: not valid UTF-8\n');
  assert.match(err, '\nsub/nul.yaml: passed through: is not YAML: NUL character');
  assert.is(meshmend(where, ['diagnose', '.']).code, 0);
  assert.is(meshmend(where, [...noEmission, '.', 'latin.yaml']).code, 2);
  assert.is(meshmend(where, [...noEmission, '-o', 'out', '.']).code, 0);
  assert.equal(contents(join(where, 'out')), { ...before, 'vs.yaml': routesDone('a') });
  rmSync(join(where, 'out'), { recursive: true });
  assert.is(meshmend(where, [...noEmission, '-i', '.']).code, 0);
  assert.equal(contents(where), { ...before, 'vs.yaml': routesDone('a') });

  for (const name of ['meshmend-resources.yaml', 'kustomization.yaml', 'meshmend.yaml']) {
    const full = folder({ 'svc.yaml': service, [name]: odd['latin.yaml'] });
    const left = contents(full);
    for (const paths of [['.'], ['svc.yaml', '.']]) {
      const { code, err } = meshmend(full, [...retries, '-i', ...paths]);
      assert.is(code, 2);
      assert.match(err, `${name}:1:4: not valid UTF-8`);
      assert.equal(contents(full), left);
    }
  }
});

badInput('standard input', () => {
  const { code, out, err } = meshmend(root, [...retries, '-'], 'a: 1\nb: [\n');
  assert.is(code, 2);
  assert.is(out, '');
  assert.match(err, /^-:\d+:\d+: /);
});

badInput('a link out of the folder', () => {
  const outside = folder({ 'vs.yaml': routes('outside') });
  const where = folder({ 'in/vs.yaml': routes('a') });
  symlinkSync(join(outside, 'vs.yaml'), join(where, 'in/link.yaml'));
  const { code, out, err } = meshmend(where, [...noEmission, '-i', 'in']);
  assert.is(code, 0);
  assert.is(out, '');
  assert.match(err, /\nin\/link\.yaml: left out: link leads out of the folder\n/);
  assert.is(readFileSync(join(where, 'in/vs.yaml'), 'utf8'), routesDone('a'));
  assert.is(readFileSync(join(outside, 'vs.yaml'), 'utf8'), routes('outside'));
});

badInput('a named file that is a link to elsewhere is read, and not edited in place', () => {
  const outside = folder({ 'vs.yaml': routes('outside') });
  const where = folder({ 'in/x': '' });
  symlinkSync(join(outside, 'vs.yaml'), join(where, 'in/link.yaml'));
  assert.is(meshmend(where, [...noEmission, 'in/link.yaml']).out, routesDone('outside'));
  const { code, err } = meshmend(where, [...noEmission, '-i', 'in/link.yaml']);
  assert.is(code, 2);
  assert.match(err, /leads out of the folder/);
  assert.is(readFileSync(join(outside, 'vs.yaml'), 'utf8'), routes('outside'));
});

badInput('__proto__ is a key like any other', () => {
  const text = routes('a').replace('spec:', '__proto__: {polluted: true}\nspec:');
  const { code, out } = meshmend(root, [...noEmission, '-'], text);
  assert.is(code, 0);
  assert.is(out, routesDone('a').replace('spec:', '__proto__: {polluted: true}\nspec:'));
});

badInput.run();

const stdout = suite('stdout');

stdout('a file that needs nothing comes out byte for byte', () => {
  for (const text of [
    service.trimEnd(),
    `\ufeff${service}`,
    service.replace(/\n/g, '\r\n'),
    '# only this\n',
    `--- \n${service}...\n`,
  ]) {
    const where = folder({ 'a.yaml': text });
    const { code, out } = meshmend(where, [...noEmission, 'a.yaml']);
    assert.is(code, 0);
    assert.is(out, text);
  }
});

stdout('several files make one valid stream, in order', () => {
  const where = folder({
    'b/2.yaml': routes('b').trimEnd(),
    'b/1.yml': `---\n${routes('c')}---\n`,
    'b/sub/0.yaml': `# note\n---\n${service}`,
    'a.json': '{"apiVersion":"v1","kind":"Service","metadata":{"name":"j"}}',
    'z.yaml': '%YAML 1.1\n---\na: 1\n',
  });
  const { code, out } = meshmend(where, [...noEmission, 'a.json', 'b', 'z.yaml']);
  assert.is(code, 0);
  assert.is(
    out,
    `---\n${readFileSync(join(where, 'a.json'), 'utf8')}\n---\n${routesDone('c')}---\n${routesDone('b').trimEnd()}\n` +
      `# note\n---\n${service}...\n%YAML 1.1\n---\na: 1\n`,
  );
});

stdout('standard input and files go together; new resources follow', () => {
  const where = folder({ 'vs.yaml': routes('a') });
  const { code, out } = meshmend(where, [...retries, '-', 'vs.yaml'], service.trimEnd());
  assert.is(code, 0);
  assert.ok(out.startsWith(`${service}---\n${routesDone('a')}---\napiVersion: networking.istio.io/`));
});

stdout('without a PATH the current folder is read, and its config asks', () => {
  const where = folder({ 'vs.yaml': routes('a'), 'meshmend.yaml': config });
  const { code, out, err } = meshmend(where, ['rewrite']);
  assert.is(code, 0);
  assert.is(out, routesDone('a'));
  assert.match(err, /^Istio 1\.24 \(meshmend.yaml\)\n/);
});

stdout('a file that is not YAML is left out of the stream, and reported', () => {
  const where = folder({
    'vs.yaml': routes('a'),
    'tpl.yaml': '{{ if x }}\na: 1\n{{ end }}\n',
    'values.yaml': 'a: 1\n',
    'unquoted.yaml': routes('a').replace('{name: a', '{name: {{ .Name }}'),
  });
  const { code, out, err } = meshmend(where, [...noEmission, '-v', '.']);
  assert.is(code, 0);
  assert.is(out, `a: 1\n---\n${routesDone('a')}`);
  assert.match(err, 'tpl.yaml: passed through');
  assert.match(err, 'values.yaml: passed through');
  assert.match(err, 'unquoted.yaml: passed through: is not YAML: a mapping cannot be a key');
  assert.match(err, '2 files that cannot be read as YAML left out of the stream');
});

stdout.run();

const told = suite('what is told');

told('the version and whence, places, a summary', () => {
  const where = folder({ 'vs.yaml': routes('a') });
  const { err } = meshmend(where, [...noEmission, '--istio-version', '1.99', 'vs.yaml']);
  const lines = err.split('\n');
  const newest = formatVersion(newestKnown);
  assert.is(lines[0], `Istio ${newest} (--istio-version, which says 1.99; the newest known is ${newest})`);
  assert.is(lines[1], 'disable-retries');
  assert.match(lines[2] ?? '', /^ {2}vs\.yaml:\d+:\d+: changed: VirtualService shop\/a: /);
  assert.match(lines[3] ?? '', /^ {2}kept: Sidecars retry /);
  assert.match(lines[4] ?? '', /^1 change made in 1 file of 1, 1 kept as is/);
  assert.not.match(err, '\u001b');
});

told('long lists are bounded, and -v lists all', () => {
  const text = Array.from({ length: 30 }, (_, i) => routes(`r${i}`)).join('---\n');
  const where = folder({ 'vs.yaml': text });
  const args = [...noEmission, '--istio-version', '1.23', 'vs.yaml'];
  const short = meshmend(where, args).err;
  assert.match(short, '… and 10 more; -v lists all');
  assert.is(short.match(/ changed: /g)?.length, 20);
  assert.is(meshmend(where, [...args, '-v']).err.match(/ changed: /g)?.length, 30);
});

told('every mode says that files of a folder cannot be read, and -v which', () => {
  const template = '{{ if x }}\na: 1\n{{ end }}\n';
  const where = folder({ 'a.yaml': template, 'b.yaml': template, 'vs.yaml': routes('a') });
  for (const [mode, how] of [
    [[], 'left out of the stream'],
    [['--check'], 'left alone'],
    [['--diff'], 'left alone'],
    [['-i'], 'left alone'],
    [['-o', 'out'], 'left alone'],
  ] as const) {
    const args = [...noEmission, ...mode, '.'];
    assert.match(meshmend(where, args).err, `\n2 files that cannot be read as YAML ${how}; -v names them\n`);
    const { err } = meshmend(where, [...args, '-v']);
    assert.match(err, '\na.yaml: passed through: ');
    assert.match(err, `\n2 files that cannot be read as YAML ${how}\n`);
  }
});

told('--report holds the findings as JSON', () => {
  const where = folder({ 'vs.yaml': routes('a') });
  const { code } = meshmend(where, [
    ...noEmission,
    '--istio-version',
    '1.24.1',
    '--report',
    'r.json',
    '--check',
    'vs.yaml',
  ]);
  assert.is(code, 1);
  const report = JSON.parse(readFileSync(join(where, 'r.json'), 'utf8'));
  assert.is(report.istioVersion, '1.24.1');
  const [finding] = report.findings;
  assert.is(finding.remedy, 'disable-retries');
  assert.is(finding.file, 'vs.yaml');
  assert.type(finding.line, 'number');
  assert.equal(finding.resource, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    namespace: 'shop',
    name: 'a',
  });
  assert.ok(finding.change.length > 0);
  assert.match(finding.source, /^https:/);
});

told('a report that cannot be written stops the run', () => {
  const where = folder({ 'vs.yaml': routes('a'), file: '' });
  const { code, out } = meshmend(where, [...noEmission, '--report', 'file/r.json', '-i', 'vs.yaml']);
  assert.is(code, 2);
  assert.is(out, '');
  assert.is(readFileSync(join(where, 'vs.yaml'), 'utf8'), routes('a'));
});

told('an intent that cannot be applied: nothing is written, unless the run may keep going', () => {
  const where = folder({ 'vs.yaml': routes('a') });
  const before = contents(where);
  // The mesh-wide policy came with Istio 1.12.
  const args = [...retries, '--support-http10', '--set', 'disable-retries.scope=mesh', '--istio-version', '1.8'];
  for (const mode of [[], ['-i'], ['--diff'], ['-o', 'out']]) {
    const { code, out, err } = meshmend(where, [...args, ...mode, 'vs.yaml']);
    assert.is(code, 1);
    assert.is(out, '');
    assert.match(err, ' refused: ');
    assert.match(err, 'nothing written');
    assert.equal(contents(where), before);
  }
  const { code, out } = meshmend(where, [...args, '--keep-going', 'vs.yaml']);
  assert.is(code, 1);
  assert.ok(out.startsWith(routes('a')));
  assert.match(out, 'PILOT_HTTP10');
});

told.run();

const check = suite('--check');

check('exits 1 when something would change, 0 when not, and writes nothing', () => {
  const where = folder({ 'vs.yaml': routes('a'), 'done.yaml': routesDone('b'), 'svc.yaml': service });
  const before = contents(where);
  for (const [path, wanted] of [
    ['vs.yaml', 1],
    ['done.yaml', 0],
    ['svc.yaml', 1],
    ['.', 1],
  ] as const) {
    const { code, out } = meshmend(where, [...retries, '--check', path]);
    assert.is(code, wanted, path);
    assert.is(out, '');
  }
  assert.is(meshmend(where, [...retries, '--check', '-'], routes('a')).code, 1);
  assert.equal(contents(where), before);
});

check('mode: check of the config does the same', () => {
  const checking = config.replace('spec:', 'spec:\n  mode: check');
  const where = folder({ 'vs.yaml': routes('a'), 'meshmend.yaml': checking });
  const { code, out } = meshmend(where, ['rewrite', '.']);
  assert.is(code, 1);
  assert.is(out, '');
});

check.run();

const inPlace = suite('--in-place');

inPlace('edits only what changes, keeps modes, and a second run does nothing', () => {
  const where = folder({
    'vs.yaml': routes('a'),
    'sub/crlf.yaml': routes('b', '\r\n'),
    'sub/end.yaml': routes('c').trimEnd(),
    'done.yaml': routesDone('d'),
    'meshmend.yaml': config,
    'README.md': 'text',
  });
  chmodSync(join(where, 'vs.yaml'), 0o640);
  const untouched = statSync(join(where, 'done.yaml')).ino;
  const { code, out } = meshmend(where, [...noEmission, '-i', '.']);
  assert.is(code, 0);
  assert.is(out, '');
  assert.equal(contents(where), {
    'vs.yaml': routesDone('a'),
    'sub/crlf.yaml': routesDone('b', '\r\n'),
    'sub/end.yaml': routesDone('c').trimEnd(),
    'done.yaml': routesDone('d'),
    'meshmend.yaml': config,
    'README.md': 'text',
  });
  assert.is(statSync(join(where, 'vs.yaml')).mode & 0o777, 0o640);
  assert.is(statSync(join(where, 'done.yaml')).ino, untouched, 'an unchanged file is not written');
  assert.is(meshmend(where, [...noEmission, '--check', '.']).code, 0);
});

inPlace('new resources get a file, which the kustomization lists', () => {
  for (const [name, before, after] of [
    [
      'kustomization.yaml',
      'resources: # ours\n- svc.yaml\n',
      'resources: # ours\n- svc.yaml\n- meshmend-resources.yaml\n',
    ],
    ['kustomization.yml', 'namePrefix: x-\n', 'namePrefix: x-\nresources:\n  - meshmend-resources.yaml\n'],
    ['Kustomization', 'resources: [svc.yaml]\r\n', 'resources: [svc.yaml, meshmend-resources.yaml]\r\n'],
  ] as const) {
    const where = folder({ 'd/svc.yaml': service, [`d/${name}`]: before });
    const { code } = meshmend(where, [...retries, '-i', 'd']);
    assert.is(code, 0);
    const found = contents(where);
    assert.match(found['d/meshmend-resources.yaml'] ?? '', /^apiVersion: networking\.istio\.io\//);
    assert.is(found['d/svc.yaml'], service);
    const listed = found[`d/${name}`] ?? '';
    assert.is(listed.replace(/\n +- mesh/, '\n- mesh'), after.replace(/\n +- mesh/, '\n- mesh'));
    assert.is(meshmend(where, [...retries, '--check', 'd']).code, 0, 'a second run changes nothing');
    assert.is(meshmend(where, [...retries, '-i', 'd']).code, 0);
    assert.equal(contents(where), found);
  }
});

inPlace('more new resources join the file', () => {
  const where = folder({ 'svc.yaml': service });
  meshmend(where, [...retries, '-i', '.']);
  const first = readFileSync(join(where, 'meshmend-resources.yaml'), 'utf8');
  writeFileSync(join(where, 'more.yaml'), service.replace('ratings', 'stars'));
  meshmend(where, [...retries, '-i', '.']);
  const second = readFileSync(join(where, 'meshmend-resources.yaml'), 'utf8');
  assert.ok(second.startsWith(`${first}---\napiVersion: `));
});

inPlace('a single YAML file gets them appended, in its own kind of line break', () => {
  for (const text of [service, service.trimEnd(), service.replace(/\n/g, '\r\n')]) {
    const where = folder({ 'svc.yaml': text });
    assert.is(meshmend(where, [...retries, '-i', 'svc.yaml']).code, 0);
    const found = contents(where);
    assert.equal(Object.keys(found), ['svc.yaml']);
    const eol = text.includes('\r') ? '\r\n' : '\n';
    assert.ok(found['svc.yaml']?.startsWith(`${text.trimEnd()}${eol}---${eol}apiVersion: `));
    assert.is(/(^|[^\r])\n/.test(found['svc.yaml'] ?? ''), eol === '\n');
    assert.is(meshmend(where, [...retries, '--check', 'svc.yaml']).code, 0);
  }
});

inPlace('a single JSON file gets a file beside it', () => {
  const json =
    '{"apiVersion":"v1","kind":"Service","metadata":{"name":"j"},"spec":{"selector":{"a":"b"},"ports":[{"name":"http","port":80}]}}';
  const where = folder({ 'd/svc.json': json });
  assert.is(meshmend(where, [...retries, '-i', 'd/svc.json']).code, 0);
  const found = contents(where);
  assert.equal(Object.keys(found).sort(), ['d/meshmend-resources.yaml', 'd/svc.json']);
  assert.is(found['d/svc.json'], json);
  assert.is(meshmend(where, [...retries, '-i', 'd/svc.json']).code, 0);
  assert.equal(contents(where), found, 'the file beside it is read again');
});

inPlace('Helm values get a file of their own', () => {
  const where = folder({ 'vs.yaml': routes('a'), 'kustomization.yaml': 'resources: [vs.yaml]\n' });
  const args = ['rewrite', '--support-http10', '--set', 'support-http10.surface=helm-values', '-i', '.'];
  assert.is(meshmend(where, args).code, 0);
  const found = contents(where);
  assert.match(found['meshmend-values.yaml'] ?? '', 'PILOT_HTTP10');
  assert.is(found['kustomization.yaml'], 'resources: [vs.yaml]\n');
  meshmend(where, args);
  assert.equal(contents(where), found);
});

inPlace('a link inside the folder stays a link', () => {
  const where = folder({ 'data/vs.yaml': routes('a'), 'odd/manifest': routes('b') });
  symlinkSync('data/vs.yaml', join(where, 'link.yaml'));
  symlinkSync('odd/manifest', join(where, 'odd.yaml'));
  assert.is(meshmend(where, [...noEmission, '-i', '.']).code, 0);
  assert.equal(contents(where), { 'data/vs.yaml': routesDone('a'), 'odd/manifest': routesDone('b') });
});

inPlace.run();

const diff = suite('--diff');

const mixed: Files = {
  'vs.yaml': routes('a'),
  'sub/crlf.yaml': routes('b', '\r\n'),
  'sub/end.yaml': routes('c').trimEnd(),
  'with space/é.yaml': routes('e'),
  'many.yaml': Array.from({ length: 9 }, (_, i) => routes(`r${i}`)).join('---\n'),
  'svc.yaml': service,
  'kustomization.yaml': 'resources:\n- svc.yaml',
};

for (const [tool, ...args] of [
  ['git', 'apply', '--whitespace=nowarn'],
  ['patch', '-p1', '-s', '--binary', '-i'],
] as const)
  if (hasTool(tool))
    diff(`${tool} makes of it what -i makes`, () => {
      const edited = folder(mixed);
      assert.is(meshmend(edited, [...retries, '-i', '.']).code, 0);
      const patched = folder(mixed);
      const { code, out } = meshmend(patched, [...retries, '--diff', '.']);
      assert.is(code, 0);
      assert.equal(contents(patched), contents(folder(mixed)), 'only told');
      const file = join(folder({ 'a.patch': out }), 'a.patch');
      execFileSync(tool, [...args, file], { cwd: patched, stdio: 'pipe' });
      assert.equal(contents(patched), contents(edited));
    });

if (hasTool('git'))
  diff('paths count from the current folder, also below the top of a repository', () => {
    const where = folder({ 'deploy/vs.yaml': routes('a'), 'deploy/svc.yaml': service });
    execFileSync('git', ['init', '-q'], { cwd: where });
    const { out } = meshmend(join(where, 'deploy'), [...retries, '--diff', '.']);
    execFileSync('git', ['apply', '-'], { cwd: join(where, 'deploy'), input: out });
    assert.is(readFileSync(join(where, 'deploy/vs.yaml'), 'utf8'), routesDone('a'));
    assert.ok(existsSync(join(where, 'deploy/meshmend-resources.yaml')));
  });

diff('three lines of context, near hunks as one, nothing for a file that stays', () => {
  const where = folder({ 'vs.yaml': routes('a'), 'done.yaml': routesDone('b') });
  const { out } = meshmend(where, [...noEmission, '--diff', '.']);
  const context = routes('a').split('\n').slice(6, 9);
  assert.is(
    out,
    `--- a/vs.yaml\n+++ b/vs.yaml\n@@ -7,3 +7,5 @@\n${context.map((line) => ` ${line}\n`).join('')}+    retries:\n+      attempts: 0\n`,
  );
});

diff('standard input', () => {
  const { code, out } = meshmend(root, [...noEmission, '--diff', '-'], routes('a'));
  assert.is(code, 0);
  assert.ok(out.startsWith('--- a/stdin\n+++ b/stdin\n@@ -7,3 +7,5 @@\n'));
});

diff.run();

const tree = suite('-o');

tree('the same tree, changed or not, byte for byte; a second run reads no output', () => {
  const image = Buffer.from([0, 1, 2, 255]);
  const where = folder({
    'vs.yaml': routes('a'),
    'sub/end.yaml': routes('c').trimEnd(),
    'sub/logo.png': image,
    'sub/run.sh': '#!/bin/sh\n',
    'meshmend.yaml': config,
    '.git/config': 'x',
    'node_modules/x/y.yaml': 'a: 1\n',
  });
  chmodSync(join(where, 'sub/run.sh'), 0o755);
  const before = contents(where);
  for (let run = 0; run < 2; run++) {
    assert.is(meshmend(where, [...noEmission, '-o', 'out/new', '.']).code, 0);
    assert.equal(contents(join(where, 'out/new')), {
      'vs.yaml': routesDone('a'),
      'sub/end.yaml': routesDone('c').trimEnd(),
      'sub/logo.png': image.toString('latin1'),
      'sub/run.sh': '#!/bin/sh\n',
      'meshmend.yaml': config,
    });
  }
  assert.is(statSync(join(where, 'out/new/sub/run.sh')).mode & 0o777, 0o755);
  for (const [name, text] of Object.entries(before)) assert.is(contents(where)[name], text);
});

tree('links lead to the same place of the new tree, also when written again', () => {
  const where = folder({ 'vs.yaml': routes('a'), 'sub/x.yaml': routes('b'), '.git/odd.yaml': routes('c') });
  symlinkSync('vs.yaml', join(where, 'link.yaml'));
  symlinkSync('../vs.yaml', join(where, 'sub/up.yaml'));
  symlinkSync('vs.yaml', join(where, 'current'));
  symlinkSync('.git/odd.yaml', join(where, 'odd'));
  symlinkSync(join(where, 'sub'), join(where, 'folder'));
  for (let run = 0; run < 2; run++) {
    assert.is(meshmend(where, [...noEmission, '-o', 'out', '.']).code, 0);
    for (const path of ['link.yaml', 'sub/up.yaml', 'current']) {
      assert.is(readFileSync(join(where, 'out', path), 'utf8'), routesDone('a'));
      assert.ok(lstatSync(join(where, 'out', path)).isSymbolicLink());
    }
    assert.is(readlinkSync(join(where, 'out/folder')), 'sub');
    assert.ok(lstatSync(join(where, 'out/odd')).isFile(), 'what it leads to is not written there');
  }
});

tree('several PATHs keep their places; new resources are beside the first folder', () => {
  const where = folder({
    'a/vs.yaml': routes('a'),
    'b/c/svc.yaml': service,
    'b/kustomization.yaml': 'resources: [c/svc.yaml]\n',
  });
  assert.is(meshmend(where, [...retries, '-o', 'out', 'b', 'a/vs.yaml']).code, 0);
  const found = contents(join(where, 'out'));
  assert.equal(Object.keys(found).sort(), [
    'a/vs.yaml',
    'b/c/svc.yaml',
    'b/kustomization.yaml',
    'b/meshmend-resources.yaml',
  ]);
  assert.is(found['b/kustomization.yaml'], 'resources: [c/svc.yaml, meshmend-resources.yaml]\n');
  assert.not(existsSync(join(where, 'b/meshmend-resources.yaml')));
});

tree('a file that would fall on its own input', () => {
  const where = folder({ 'vs.yaml': routes('a') });
  const { code, err } = meshmend(where, [...noEmission, '-o', '.', 'vs.yaml']);
  assert.is(code, 2);
  assert.match(err, 'vs.yaml: is read from and would be overwritten');
  assert.is(readFileSync(join(where, 'vs.yaml'), 'utf8'), routes('a'));
});

tree.run();

const configs = suite('config');

configs('-f asks, flags add and override', () => {
  const where = folder({ 'svc.yaml': service, 'c.yaml': config });
  assert.is(meshmend(where, ['rewrite', '-f', 'c.yaml', 'svc.yaml']).out, service);
  const set = ['--set', 'disable-retries.emit=true', '--istio-version', '1.27'];
  const { out, err } = meshmend(where, ['rewrite', '-f', 'c.yaml', ...set, 'svc.yaml']);
  assert.match(out, 'attempts: 0');
  assert.match(err, /^Istio 1\.27 \(--istio-version\)/);
});

configs('it is never part of the output, even when a glob of the shell names it', () => {
  const where = folder({ 'vs.yaml': routes('a'), 'meshmend.yaml': config, 'c.yaml': config });
  assert.is(meshmend(where, ['rewrite', '-f', 'c.yaml', '.']).out, routesDone('a'));
  assert.is(meshmend(where, ['rewrite', 'meshmend.yaml', 'vs.yaml']).out, routesDone('a'));
});

configs('its version holds whatever intents the flags name', () => {
  const where = folder({ 'vs.yaml': routes('a'), 'svc.yaml': service, 'meshmend.yaml': config });
  const { out, err } = meshmend(where, ['rewrite', '--disable-retries', '.']);
  assert.match(err, /^Istio 1\.24 \(meshmend.yaml\)\n/);
  assert.match(
    out,
    /kind: VirtualService\nmetadata:\n {2}name: ratings/,
    'its parameters are those of its own intents',
  );
  assert.match(meshmend(where, ['rewrite', '--disable-retries', '--istio-version', '1.27']).err, /^Istio 1\.27 /);
  const checking = folder({ 'vs.yaml': routes('a'), 'meshmend.yaml': config.replace('spec:', 'spec:\n  mode: check') });
  assert.is(meshmend(checking, noEmission).out, routesDone('a'));
});

configs('it is the nearest one above, inside the repository', () => {
  const files = {
    'meshmend.yaml': config,
    'apps/shop/vs.yaml': routes('a'),
    'apps/meshmend.yaml': config.replace('1.24', '1.20'),
    'other/vs.yaml': routes('b'),
    'sub/.git': 'gitdir: ../.git/modules/sub\n',
    'sub/in/vs.yaml': routes('c'),
  };
  const versionIn = (where: string, args: readonly string[], input?: string): string =>
    meshmend(where, ['rewrite', ...args], input).err.split('\n')[0] ?? '';
  const where = folder({ ...files, '.git/HEAD': '' });
  assert.is(versionIn(where, ['apps/shop']), 'Istio 1.20 (apps/meshmend.yaml)');
  assert.is(versionIn(where, ['apps/shop/vs.yaml']), 'Istio 1.20 (apps/meshmend.yaml)', 'of a file');
  assert.is(versionIn(where, ['other']), 'Istio 1.24 (meshmend.yaml)');
  assert.is(versionIn(join(where, 'other'), ['-'], routes('d')), 'Istio 1.24 (../meshmend.yaml)', 'of a stream');
  assert.match(versionIn(where, ['sub/in', '--disable-retries']), /newest known/, 'another repository');
  const outside = folder(files);
  assert.match(meshmend(outside, ['rewrite', 'apps/shop']).err, /^no intent was named\n/);
  assert.is(versionIn(outside, ['apps']), 'Istio 1.20 (apps/meshmend.yaml)');
});

configs('two that hold for different paths are an error', () => {
  const where = folder({ 'a/vs.yaml': routes('a'), 'a/meshmend.yaml': config, 'b/meshmend.yaml': config });
  const { code, err } = meshmend(where, ['rewrite', '--disable-retries', 'a', 'b']);
  assert.is(code, 2);
  assert.is(err, 'a/meshmend.yaml and b/meshmend.yaml are both there\nhint: name one of them by -f\n');
  assert.is(meshmend(where, ['rewrite', '-f', 'a/meshmend.yaml', 'a', 'b']).out, routesDone('a'));
});

configs('one that is not used is named', () => {
  const where = folder({ 'vs.yaml': routes('a'), 'meshmend.yaml': config, 'apps/meshmend.yaml': config });
  const note = 'apps/meshmend.yaml: this config is not used; meshmend.yaml is\n';
  for (const args of [['rewrite'], ['rewrite', '--disable-retries'], ['diagnose']])
    assert.ok(meshmend(where, args).err.includes(note), args.join(' '));
  const lonely = folder({ 'vs.yaml': routes('a'), 'apps/meshmend.yaml': config });
  assert.match(meshmend(lonely, noEmission).err, 'apps/meshmend.yaml: this config is not used\n');
});

configs('a link out of the repository is not read', () => {
  const secret = folder({ token: 'secret: abc' });
  const where = folder({ 'app/vs.yaml': routes('a'), '.git/HEAD': '' });
  symlinkSync(join(secret, 'token'), join(where, 'meshmend.yaml'));
  const { code, out, err } = meshmend(where, [...noEmission, 'app']);
  assert.equal([code, out, err], [2, '', 'meshmend.yaml: is a link out of the repository\n']);
});

const repository = `apiVersion: meshmend.dev/v1alpha1
kind: MeshRemedies
spec:
  istioVersion: "1.24"
  exclude: ["legacy/**", "*.gen.yaml"]
`;

configs('exclude and --exclude leave files out', () => {
  const files = {
    'meshmend.yaml': repository,
    'vs.yaml': routes('a'),
    'legacy/deep/vs.yaml': routes('b'),
    'apps/x.gen.yaml': routes('c'),
    'apps/test/vs.yaml': routes('d'),
    '.git/HEAD': '',
  };
  const where = folder(files);
  assert.is(meshmend(where, [...noEmission, '--exclude', 'apps/test']).out, routesDone('a'));
  assert.is(meshmend(where, [...noEmission, 'apps', '--exclude', 'test/**', '--exclude', '*.json']).code, 2);
  assert.is(meshmend(where, [...noEmission, 'legacy/deep/vs.yaml']).out, routesDone('b'), 'what is named is read');
  const { out, err } = meshmend(where, [...noEmission, '-v']);
  assert.is(out, `${routesDone('d')}---\n${routesDone('a')}`);
  assert.match(err, /^legacy: left out: excluded by legacy\/\*\*$/m);
  assert.match(err, /^apps\/x\.gen\.yaml: left out: excluded by \*\.gen\.yaml$/m);
  const json = meshmend(where, ['diagnose', '--format', 'json', '--exclude', 'test']).out;
  assert.equal([...new Set(JSON.parse(json).findings.map(({ file }: { file: string }) => file))], ['vs.yaml']);
  assert.match(meshmend(where, ['diagnose', 'legacy']).err, /^no file is left to read: the others are excluded\n/);
  assert.match(meshmend(where, [...retries, '--exclude', '*'.repeat(254)]).err, '--exclude[0] has 254 characters');
  meshmend(where, [...noEmission, '-o', 'out', '.']);
  const copied = contents(join(where, 'out'));
  assert.is(copied['legacy/deep/vs.yaml'], routes('b'), 'copied as it is');
  assert.is(copied['apps/x.gen.yaml'], routes('c'));
  assert.is(copied['vs.yaml'], routesDone('a'));
});

configs('severities hold for rewrite and diagnose', () => {
  const severities = (text: string): string => `${repository}  severities: {${text}}\n`;
  const of = (text: string): string => folder({ 'meshmend.yaml': severities(text), 'vs.yaml': routes('a') });
  const found = (text: string, ...args: readonly string[]): string[] =>
    JSON.parse(meshmend(of(text), ['diagnose', '--format', 'json', ...args]).out).findings.map(
      ({ code, severity }: { code: string; severity: string }) => `${code} ${severity}`,
    );
  const code = 'disable-retries/default-retries';
  assert.ok(found('').includes(`${code} info`));
  assert.ok(found(`${code}: error`).includes(`${code} error`));
  assert.ok(found(`disable-retries: error, ${code}: warning`).includes(`${code} warning`), 'the code comes first');
  assert.not.ok(found('disable-retries: off').some((each) => each.startsWith('disable-retries/')));
  assert.is(meshmend(of(`${code}: error`), ['diagnose']).code, 1);
  const report = 'report.json';
  const where = of('disable-retries: off');
  assert.is(meshmend(where, [...noEmission, '--report', report]).out, routesDone('a'));
  assert.equal(
    JSON.parse(readFileSync(join(where, report), 'utf8')).findings.map(({ code }: { code: string }) => code),
    [code],
    'what is changed is reported',
  );
  assert.match(
    meshmend(of('disable-retrys: off'), ['diagnose']).err,
    /^meshmend\.yaml:6:\d+: .*names no remedy or code/,
  );
});

configs('environments are said not to be used yet', () => {
  const text = `${repository}  environments: [{name: prod, builds: [prod]}]\n`;
  const where = folder({ 'meshmend.yaml': text, 'vs.yaml': routes('a') });
  for (const args of [noEmission, ['diagnose']])
    assert.match(meshmend(where, args).err, '`environments` of the config is not used yet');
});

configs('a fault is told with its place', () => {
  const where = folder({ 'vs.yaml': routes('a'), 'meshmend.yaml': config.replace('emit:', 'emitt:') });
  const { code, out, err } = meshmend(where, ['rewrite', '.']);
  assert.is(code, 2);
  assert.is(out, '');
  assert.is(
    err,
    'meshmend.yaml:7:23: spec.intents.disable-retries has no parameter "emitt"\nhint: did you mean emit?\n',
  );
});

configs.run();

const lists = suite('remedies and schema');

lists('remedies in each format', () => {
  const json = JSON.parse(meshmend(root, ['remedies', '--format', 'json']).out);
  assert.ok(json.some(({ id }: { id: string }) => id === 'disable-retries'));
  assert.match(meshmend(root, ['remedies']).out, /^disable-retries: /m);
  assert.match(meshmend(root, ['remedies', '--format=markdown']).out, /^## `disable-retries`\n\n/m);
});

lists('the schema knows every remedy and parameter, and nothing else', () => {
  const schema = JSON.parse(meshmend(root, ['schema']).out);
  assert.is(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
  const intents = schema.properties.spec.properties.intents;
  const json = JSON.parse(meshmend(root, ['remedies', '--format', 'json']).out);
  for (const { id, parameters } of json) {
    assert.is(intents.properties[id].additionalProperties, false);
    assert.equal(Object.keys(intents.properties[id].properties), Object.keys(parameters));
  }
  assert.equal(intents.properties['disable-retries'].properties.explicit.enum, ['keep', 'disable']);
  assert.is(intents.properties['disable-retries'].properties.explicit.default, 'keep');
});

lists.run();
