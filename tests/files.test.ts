// What the command line does with files that are odd, protected, shared or meant to harm: it reads what is there, writes all
// or nothing, and prints nothing of the input that a terminal or a CI runner would obey.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
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
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { printable } from '../src/errors.ts';
import { joinStream } from '../src/files/stream.ts';
import { writeAll } from '../src/files/write.ts';
import { isMarkedGenerated, looksLikeManifest } from '../src/manifest/likeness.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = join(root, 'dist/meshmend.cjs');
execFileSync(process.execPath, ['build.mjs'], { cwd: root });
const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function meshmend(cwd: string, args: readonly string[], input?: string): Result {
  const options = { cwd, env, encoding: 'utf8', timeout: 20_000, ...(input !== undefined && { input }) } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options);
  return { code: status, out: stdout, err: stderr };
}

function shell(cwd: string, script: string): Result {
  const command = script.replaceAll('meshmend', `"${process.execPath}" "${program}"`);
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { code: status, out: stdout, err: stderr };
}

const made: string[] = [];
process.on('exit', () => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

function folder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = mkdtempSync(join(tmpdir(), 'meshmend-files-'));
  made.push(path);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

/** All that a folder holds, at any depth: texts, and where links lead. */
function contents(path: string, inside = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(join(path, inside), { withFileTypes: true })) {
    const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory()) Object.assign(found, contents(path, name));
    else if (entry.isSymbolicLink()) found[name] = `-> ${readlinkSync(join(path, name))}`;
    else if (entry.isFile()) found[name] = readFileSync(join(path, name), 'utf8');
  }
  return found;
}

function routes(name: string): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec:
  hosts: [${name}]
  http:
  - route:
    - destination: {host: ${name}}
`;
}

function routesDone(name: string): string {
  return `${routes(name)}    retries:\n      attempts: 0\n`;
}

const rewrite = ['rewrite', '--disable-retries', '--set', 'disable-retries.emit=false'];
const flags = rewrite.slice(1).join(' ');
const isRoot = process.geteuid?.() === 0;

const devices = suite('devices and pipes');

devices('are written to by --report, and never replaced', () => {
  const where = folder({ 'vs.yaml': routes('a') });
  assert.is(meshmend(where, [...rewrite, 'vs.yaml', '--report', '/dev/null']).code, 0);
  assert.ok(statSync('/dev/null').isCharacterDevice());
  for (const target of ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']) {
    const { code, out } = shell(where, `meshmend rewrite ${flags} vs.yaml --report ${target} | cat`);
    assert.is(code, 0);
    assert.ok(out.startsWith(`${routesDone('a')}{`), target);
    shell(where, `meshmend rewrite ${flags} vs.yaml --report ${target} > out`);
    assert.is(readFileSync(join(where, 'out'), 'utf8'), out);
  }
  shell(where, `meshmend rewrite ${flags} vs.yaml --report >(cat >copy) >/dev/null; wait $!`);
  assert.ok(JSON.parse(readFileSync(join(where, 'copy'), 'utf8')).findings.length > 0);
  assert.equal(Object.keys(contents(where)).sort(), ['copy', 'out', 'vs.yaml']);
});

devices('that fill up are an error', () => {
  if (!existsSync('/dev/full')) return;
  const where = folder({ 'vs.yaml': routes('a') });
  const { code, err } = meshmend(where, [...rewrite, 'vs.yaml', '--report', '/dev/full']);
  assert.is(code, 2);
  assert.match(err, /^\/dev\/full: no space left\n/);
});

devices('are not input that is written back, compared or without an end', () => {
  const where = folder({ 'vs.yaml': routes('a') });
  execFileSync('mkfifo', ['fifo'], { cwd: where });
  for (const mode of ['-i', '--check', '--diff'])
    for (const path of ['fifo', '/dev/null', '/dev/zero']) {
      const { code, err } = meshmend(where, [...rewrite, mode, path]);
      assert.is(code, 2, `${mode} ${path}`);
      assert.match(err, `${path}: is not a file or a folder\n`);
    }
  for (const command of [rewrite, ['diagnose']]) {
    const { code, err } = meshmend(where, [...command, '/dev/zero']);
    assert.is(code, 2);
    assert.match(err, /^\/dev\/zero: is not a file, a folder or a pipe\n/);
  }
  assert.ok(statSync('/dev/null').isCharacterDevice());
  assert.ok(lstatSync(join(where, 'fifo')).isFIFO());
  const { out } = shell(where, `cat vs.yaml > fifo & meshmend rewrite ${flags} fifo`);
  assert.is(out, routesDone('a'));
});

devices('behind a name of a kustomization are refused', () => {
  const config =
    'apiVersion: meshmend.dev/v1alpha1\nkind: MeshRemedies\nmetadata: {name: x}\nspec: {intents: {disable-retries: {}}}\n';
  for (const kustomization of ['resources: [endless]\ntransformers: [t.yaml]\n', 'transformers: [endless]\n']) {
    const where = folder({ 'kustomization.yaml': kustomization, 't.yaml': config });
    symlinkSync('/dev/zero', join(where, 'endless'));
    const { code, err } = meshmend(where, ['verify-build', '.'], routes('a'));
    assert.is(code, 2);
    assert.match(err, 'endless: is not a regular file');
  }
});

devices.run();

const targets = suite('targets');

targets('an input file is not where the report goes', () => {
  const config =
    'apiVersion: meshmend.dev/v1alpha1\nkind: MeshRemedies\nmetadata: {name: x}\nspec: {intents: {disable-retries: {}}}\n';
  const where = folder({ 'd/vs.yaml': routes('a'), 'd/meshmend.yaml': config, 'c.yaml': config });
  linkSync(join(where, 'd/vs.yaml'), join(where, 'hard'));
  symlinkSync('d/vs.yaml', join(where, 'soft'));
  const before = contents(where);
  for (const report of ['d/vs.yaml', './d/vs.yaml', 'hard', 'soft', 'd/meshmend.yaml', 'c.yaml']) {
    for (const mode of [[], ['--check'], ['-o', 'out']]) {
      const { code, out, err } = meshmend(where, ['rewrite', '-f', 'c.yaml', ...mode, 'd', '--report', report]);
      assert.equal([code, out], [2, ''], report);
      assert.match(err, 'is read by this run');
    }
  }
  assert.equal(contents(where), before);
});

targets('a file cannot be both a report and a result', () => {
  const where = folder({ 'vs.yaml': routes('a') });
  const { code, err } = meshmend(where, [...rewrite, '-o', 'out', 'vs.yaml', '--report', 'out/vs.yaml']);
  assert.is(code, 2);
  assert.match(err, 'would be written twice');
  assert.equal(contents(where), { 'vs.yaml': routes('a') });
});

targets('of -o are not devices or pipes', () => {
  const where = folder({ 'vs.yaml': routes('a'), 'out/x': '' });
  execFileSync('mkfifo', ['out/vs.yaml'], { cwd: where });
  const { code, err } = meshmend(where, [...rewrite, '-o', 'out', 'vs.yaml']);
  assert.is(code, 2);
  assert.match(err, /^out\/vs\.yaml: a device or a pipe is in the way\n/);
  assert.ok(lstatSync(join(where, 'out/vs.yaml')).isFIFO());
});

targets('a report keeps the mode of the file that was there', () => {
  const where = folder({ 'vs.yaml': routes('a'), 'r.json': '' });
  chmodSync(join(where, 'r.json'), 0o600);
  assert.is(meshmend(where, [...rewrite, 'vs.yaml', '--report', 'r.json']).code, 0);
  assert.is(statSync(join(where, 'r.json')).mode & 0o777, 0o600);
});

targets('mode and owner stay', () => {
  const where = folder({ 'vs.yaml': routes('a') });
  const file = join(where, 'vs.yaml');
  chmodSync(file, 0o600);
  if (isRoot) chownSync(file, 1234, 2345);
  const before = statSync(file);
  assert.is(meshmend(where, [...rewrite, '-i', '.']).code, 0);
  const after = statSync(file);
  assert.equal([after.mode, after.uid, after.gid], [before.mode, before.uid, before.gid]);
});

targets('a file with hard links is refused, before others are written', () => {
  const where = folder({ 'a.yaml': routes('a'), 'b.yaml': routes('b') });
  linkSync(join(where, 'b.yaml'), join(where, 'twin'));
  const before = contents(where);
  const { code, err } = meshmend(where, [...rewrite, '-i', '.']);
  assert.is(code, 2);
  assert.match(err, 'b.yaml: has 2 hard links');
  assert.equal(contents(where), before);
});

targets('a file that the file system protects is refused, before others are written', () => {
  const where = folder({ 'a.yaml': routes('a'), 'b.yaml': routes('b') });
  if (spawnSync('chattr', ['+i', 'b.yaml'], { cwd: where }).status !== 0) return;
  try {
    const before = contents(where);
    const { code, err } = meshmend(where, [...rewrite, '-i', '.']);
    assert.is(code, 2);
    assert.match(err, 'b.yaml: is protected by the file system');
    assert.equal(contents(where), before);
  } finally {
    spawnSync('chattr', ['-i', 'b.yaml'], { cwd: where });
  }
});

targets('a file that is a mount is refused, before others are written', () => {
  const where = folder({ 'd/a.yaml': routes('a'), 'd/b.yaml': routes('b'), other: routes('c') });
  const script = `mount --bind other d/b.yaml && "${process.execPath}" "${program}" rewrite ${flags} -i d`;
  const { status, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], { cwd: where, env, encoding: 'utf8' });
  if (!stderr?.includes('b.yaml')) return; // no right to mount
  assert.is(status, 2);
  assert.match(stderr, 'b.yaml: is a mount of its own');
  assert.equal(contents(where), { 'd/a.yaml': routes('a'), 'd/b.yaml': routes('b'), other: routes('c') });
});

targets('what has changed since it was read stays, and so do the others', async () => {
  const where = folder({ 'a.yaml': 'a', 'b.yaml': 'saved by an editor' });
  const writing = (name: string, read: string | null) => ({
    target: join(where, name),
    content: { text: 'ours' },
    modeOf: undefined,
    within: where,
    read,
  });
  for (const second of [writing('b.yaml', 'b'), writing('b.yaml', null), writing('c.yaml', 'c')]) {
    let message = '';
    await writeAll([writing('a.yaml', 'a'), second]).catch((error: Error) => {
      message = error.message;
    });
    assert.match(message, /has changed since it was read|is there since the run began|is gone/);
    assert.equal(contents(where), { 'a.yaml': 'a', 'b.yaml': 'saved by an editor' });
  }
});

targets.run();

const runs = suite('interrupted runs');

/** Many files, so that there is time to interrupt. */
function many(): string {
  return folder(Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`${index}.yaml`, routes(`r${index}`)])));
}

function edited(where: string): number {
  return Object.values(contents(where)).filter((text) => text.includes('attempts: 0')).length;
}

function start(where: string): ChildProcess {
  return spawn(process.execPath, [program, ...rewrite, '-i', '.'], {
    cwd: where,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Waits until a run has begun to write, or has ended. */
async function untilWriting(where: string, child: ChildProcess): Promise<void> {
  const isWriting = (): boolean => readdirSync(where).some((name) => name.includes('.meshmend-'));
  while (child.exitCode === null && !isWriting()) await new Promise((resolve) => setTimeout(resolve, 1));
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('close', () => resolve()));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  runs(`${signal} leaves all or nothing, and no other file`, async () => {
    const where = many();
    const child = start(where);
    let err = '';
    child.stderr?.on('data', (chunk) => {
      err += chunk;
    });
    await untilWriting(where, child);
    child.kill(signal);
    await ended(child);
    assert.equal(
      readdirSync(where).filter((name) => !/^\d+\.yaml$/.test(name)),
      [],
    );
    const count = edited(where);
    assert.ok(count === 0 || count === 600, `${count}`);
    if (child.signalCode === null) return; // it was faster
    assert.is(child.signalCode, signal);
    assert.match(
      err,
      count === 0 ? `interrupted by ${signal}: nothing was written` : `interrupted by ${signal}: all was`,
    );
  });

runs('SIGKILL leaves each file whole, and the next run removes what is left over', async () => {
  const where = many();
  const child = start(where);
  await untilWriting(where, child);
  child.kill('SIGKILL');
  await ended(child);
  for (const [name, text] of Object.entries(contents(where))) {
    const route = `r${Number.parseInt(name, 10)}`;
    if (/^\d+\.yaml$/.test(name)) assert.ok(text === routes(route) || text === routesDone(route), name);
  }
  const { code } = meshmend(where, [...rewrite, '-i', '.']);
  assert.is(code, 0);
  assert.is(edited(where), 600);
  assert.is(readdirSync(where).length, 600);
});

runs('leave files that are named when they are removed, also with our own process id', () => {
  const where = folder({ 'vs.yaml': routes('a'), '.vs.yaml.meshmend-1': 'x', 'sub/.b.yaml.meshmend-77': 'x' });
  const { code, err } = meshmend(where, [...rewrite, '-i', '.']);
  assert.is(code, 0);
  assert.match(err, '.vs.yaml.meshmend-1: removed: an interrupted run had left it\n');
  assert.match(err, 'sub/.b.yaml.meshmend-77: removed');
  assert.equal(contents(where), { 'vs.yaml': routesDone('a') });
});

runs('a lock of a living run stops the second one; that of a dead run does not', () => {
  const where = folder({ 'vs.yaml': routes('a'), 'b.yaml': routes('b') });
  const place = `${readlinkOrDash('/proc/self/ns/pid')} ${readOrDash('/proc/sys/kernel/random/boot_id')}`;
  const lock = join(where, '.vs.yaml.meshmend-lock');
  symlinkSync(`4194304 1 another place`, lock);
  const before = contents(where);
  const { code, err } = meshmend(where, [...rewrite, '-i', '.']);
  assert.is(code, 2);
  assert.match(err, 'vs.yaml: another run of meshmend is writing this file\n');
  assert.equal(contents(where), before);
  rmSync(lock);
  symlinkSync(`4194305 1 ${place}`, lock);
  assert.is(meshmend(where, [...rewrite, '-i', '.']).code, 0);
  assert.equal(contents(where), { 'vs.yaml': routesDone('a'), 'b.yaml': routesDone('b') });
});

function readlinkOrDash(path: string): string {
  return existsSync(path) ? readlinkSync(path) : '-';
}

function readOrDash(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : '-';
}

runs('two at once lose nothing', async () => {
  const where = many();
  const both = [start(where), start(where)];
  await Promise.all(both.map(ended));
  assert.ok(both.some(({ exitCode }) => exitCode === 0));
  assert.is(edited(where), 600);
  assert.is(readdirSync(where).length, 600);
});

runs.run();

const folders = suite('folders');

folders('a manifest that cannot be read is an error with its place, and nothing is written', () => {
  const bad = {
    tab: `${routes('b')}\n\t- x\n`,
    'a key twice': routes('b').replace('spec:', 'spec: {}\nspec:'),
    'cut off': routes('b').slice(0, -8),
    'not UTF-8': Buffer.from(`${routes('b')}# \xe9\n`, 'latin1'),
    'JSON cut off': '{\n  "apiVersion": "v1",\n  "kind": "Service",\n',
  };
  for (const [what, text] of Object.entries(bad)) {
    const where = folder({ 'a.yaml': routes('a'), 'sub/bad.yaml': text });
    const before = contents(where);
    for (const command of [
      [...rewrite, '-i', '.'],
      [...rewrite, '.'],
      ['diagnose', '.'],
      [...rewrite, '-o', 'out', '.'],
    ]) {
      const { code, out, err } = meshmend(where, command);
      assert.equal([code, out], [2, ''], what);
      assert.match(err, /^sub\/bad\.yaml:\d+:\d+: /);
      assert.equal(contents(where), before);
    }
  }
});

folders('templates are named and left out', () => {
  const template = `{{- if .Values.on }}\n${routes('b')}{{- end }}\n`;
  const where = folder({ 'a.yaml': routes('a'), 'templates/b.yaml': template });
  for (const command of [
    [...rewrite, '-i', '.'],
    ['diagnose', '.'],
  ]) {
    const { code, err } = meshmend(where, command);
    assert.is(code, 0);
    assert.match(err, 'templates, which are read only once they are rendered: templates/b.yaml\n');
  }
  assert.equal(contents(where), { 'a.yaml': routesDone('a'), 'templates/b.yaml': template });
});

folders('no manifests at all are an error', () => {
  const where = folder({ README: '', 'values.yaml': 'a: 1\n', 'empty/x.txt': '', 'blank.yaml': '\n' });
  for (const command of [
    rewrite,
    ['diagnose'],
    ['diagnose', '--format', 'sarif'],
    [...rewrite, '-i'],
    [...rewrite, '--check'],
  ])
    for (const path of ['.', 'empty', 'blank.yaml']) {
      const { code, out, err } = meshmend(where, [...command, path]);
      assert.equal([code, out], [2, ''], path);
      assert.match(err, /no manifests: |no file ends in \.yaml/);
    }
  for (const command of ['diagnose', `rewrite ${flags}`])
    for (const path of ['', '-']) assert.is(shell(where, `: | meshmend ${command} ${path}`).code, 2);
});

folders('what is piped in is read when no PATH is named', () => {
  const where = folder({ 'vs.yaml': routes('here') });
  assert.is(shell(where, `echo '${routes('piped')}' | meshmend rewrite ${flags}`).out, `${routesDone('piped')}\n`);
  assert.is(meshmend(where, rewrite, routes('piped')).out, routesDone('piped'));
  assert.is(meshmend(where, rewrite).out, routesDone('here'));
  assert.is(shell(where, `meshmend rewrite ${flags} </dev/null`).out, routesDone('here'));
  // Nothing can be written back into a pipe.
  assert.is(shell(where, `echo x | meshmend rewrite ${flags} -i`).code, 0);
  assert.is(readFileSync(join(where, 'vs.yaml'), 'utf8'), routesDone('here'));
});

folders('stray links are named, and end no run', () => {
  const outside = folder({ 'vs.yaml': routes('outside') });
  const where = folder({ 'd/vs.yaml': routes('a') });
  symlinkSync('nowhere.yaml', join(where, 'd/dangling.yaml'));
  symlinkSync('user@host.12:34', join(where, 'd/.#vs.yaml'));
  symlinkSync(join(outside, 'vs.yaml'), join(where, 'd/out.yaml'));
  symlinkSync(outside, join(where, 'd/folder'));
  symlinkSync('circle.yaml', join(where, 'd/circle.yaml'));
  const before = contents(where);
  const done = { ...before, 'd/vs.yaml': routesDone('a') };
  const { code, err } = meshmend(where, [...rewrite, '-o', 'copy', 'd']);
  assert.is(code, 0);
  for (const name of ['dangling.yaml', '.#vs.yaml', 'out.yaml', 'folder', 'circle.yaml'])
    assert.match(err, `\nd/${name}: left out: link leads `);
  const copied = contents(join(where, 'copy'));
  assert.equal(copied, Object.fromEntries(Object.entries(done).map(([name, text]) => [name.slice(2), text])));
  rmSync(join(where, 'copy'), { recursive: true });
  assert.is(meshmend(where, [...rewrite, '-i', 'd']).code, 0);
  assert.equal(contents(where), done);
  assert.equal(contents(outside), { 'vs.yaml': routes('outside') });
  assert.is(meshmend(where, ['diagnose', 'd']).code, 0);
});

folders('of other people are left out, unless they are named', () => {
  const names = ['.terraform', '.venv', '.github', 'vendor', 'node_modules', '.git'];
  const files = Object.fromEntries(names.map((name) => [`${name}/deep/vs.yaml`, routes('theirs')]));
  const where = folder({ ...files, 'vs.yaml': routes('a') });
  const { code, err } = meshmend(where, [...rewrite, '-v', '-i', '.']);
  assert.is(code, 0);
  for (const name of names) assert.match(err, `${name}: left out: `);
  assert.equal(contents(where), { ...files, 'vs.yaml': routesDone('a') });
  assert.is(meshmend(where, [...rewrite, '-o', 'out', '.']).code, 0);
  const copied = ['.github/deep/vs.yaml', 'vendor/deep/vs.yaml', 'vs.yaml'];
  assert.equal(Object.keys(contents(join(where, 'out'))).sort(), copied);
  assert.is(meshmend(where, [...rewrite, '-i', 'vendor']).code, 0);
  assert.is(contents(where)['vendor/deep/vs.yaml'], routesDone('theirs'));
});

folders('files that a program writes are not edited, and count', () => {
  const marked = `# This file is autogenerated by gen.sh.\n# DO NOT EDIT.\n${routes('g')}`;
  const where = folder({ 'a.yaml': routes('a'), 'g.yaml': marked });
  const { code, err } = meshmend(where, [...rewrite, '-v', '-i', '.']);
  assert.is(code, 0);
  assert.match(err, /g\.yaml:\d+:\d+: advice: .*is not edited, because its file says that it is generated/);
  assert.equal(contents(where), { 'a.yaml': routesDone('a'), 'g.yaml': marked });
});

folders('marks of programs and kinds of manifests are known by their words', () => {
  for (const text of [
    '# Code generated by x. DO NOT EDIT.\na: 1\n',
    '---\n# auto-generated\n#\n# do not edit\n',
    '# autogenerated file, please do\n# not modify\n',
    '# Auto generated. Don’t edit!\r\n',
  ])
    assert.ok(isMarkedGenerated(text), text);
  for (const text of ['# edit me\n', 'a: 1\n# generated, do not edit\n', '# secrets are generated\na: 1\n'])
    assert.not.ok(isMarkedGenerated(text), text);
  for (const text of [
    'apiVersion: v1\nkind: Service\n',
    '\ufeffkind: x\r\napiVersion: v1',
    '{"kind":"x","apiVersion":"v1"}',
  ])
    assert.ok(looksLikeManifest(text), text);
  for (const text of ['a:\n  apiVersion: v1\n  kind: x\n', 'kind: x\n', '# apiVersion: v1\n# kind: x\n'])
    assert.not.ok(looksLikeManifest(text), text);
});

folders('new resources that cannot be read again are an error', () => {
  const where = folder({
    'svc.yaml':
      'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {selector: {a: b}, ports: [{name: http, port: 80}]}\n',
  });
  for (const [text, place] of [
    ['a: [\n', '2:1'],
    ['{{ x }}\n', '1:'],
    [`${routes('b')}\t- x\n`, '9:'],
  ] as const) {
    writeFileSync(join(where, 'meshmend-resources.yaml'), text);
    for (const paths of [['.'], ['svc.yaml', './svc.yaml']]) {
      const { code, err } = meshmend(where, ['rewrite', '--disable-retries', '-i', ...paths]);
      if (paths.length > 1 && code === 0) continue;
      assert.is(code, 2, text);
      assert.match(err, `meshmend-resources.yaml:${place}`);
      assert.is(readFileSync(join(where, 'meshmend-resources.yaml'), 'utf8'), text);
    }
  }
});

folders.run();

const streams = suite('streams');

streams('keep the meaning of a block scalar at the end of a text', () => {
  const next = 'b: 1\n';
  for (const [text, wanted] of [
    ['a: |\n  x', 'a: |-\n  x\n'],
    ['a: |+\n  x', 'a: |-\n  x\n'],
    ['a: >2 # c\n   x', 'a: >2- # c\n   x\n'],
    ['a:\n- b: &c |\n    x', 'a:\n- b: &c |-\n    x\n'],
    ['a: |-\n  x', 'a: |-\n  x\n'],
    ['a: |\n  x\n', 'a: |\n  x\n'],
    ['a: |\n  x\nb: y', 'a: |\n  x\nb: y\n'],
    ['a: "|\n  x"', 'a: "|\n  x"\n'],
  ] as const) {
    assert.is(joinStream([text, next]), `${wanted}---\n${next}`, text);
    assert.is(joinStream([text], [next]), `${wanted}---\n${next}`, text);
    assert.is(joinStream([next, text]), `${next}---\n${text}`);
    assert.is(joinStream([text]), text);
  }
});

streams('of a file that is added to: the same', () => {
  const text = `${routes('a')}    retries: {attempts: 0}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {a: b}, ports: [{name: http, port: 80}]}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  x: |\n    y`;
  const where = folder({ 'all.yaml': text });
  const { out } = meshmend(where, ['rewrite', '--disable-retries', '--diff', 'all.yaml']);
  assert.is(meshmend(where, ['rewrite', '--disable-retries', '-i', 'all.yaml']).code, 0);
  const result = readFileSync(join(where, 'all.yaml'), 'utf8');
  assert.ok(result.startsWith(`${text.replace('x: |', 'x: |-')}\n---\napiVersion: networking.istio.io/`));
  const fresh = folder({ 'all.yaml': text, 'a.patch': out });
  if (spawnSync('git', ['apply', 'a.patch'], { cwd: fresh }).status === 0)
    assert.is(readFileSync(join(fresh, 'all.yaml'), 'utf8'), result);
});

streams('that begin with JSON have no byte-order mark inside', () => {
  assert.is(joinStream(['\ufeff{"a":1}', 'b: 1\n']), '---\n{"a":1}\n---\nb: 1\n');
  assert.is(joinStream(['\ufeff{"a":1}']), '\ufeff{"a":1}');
  assert.is(joinStream(['{"a":1}\n{"b":2}\n']), '{"a":1}\n{"b":2}\n');
  assert.is(joinStream(['{"a":1}\n{"b":2}\n'], ['c: 1\n']), '---\n{"a":1}\n---\n{"b":2}\n---\nc: 1\n');
});

streams.run();

const printed = suite('what is printed');

/** Fails for what a terminal obeys, and for lines that a runner of CI takes for commands. */
function assertHarmless(text: string, what: string): void {
  assert.not.match(text, /[\p{Cc}\u2028\u2029\u202e](?<!\n)/u, what);
  assert.not.match(text, /^\s*::(?!(error|warning|notice) (file|title)=)/m, what);
  assert.not.match(text, /##(vso)?\[/, what);
}

printed('names of files cannot command a terminal or a runner', () => {
  const names = [
    '::stop-commands::x.yaml',
    ' ::error::x.yaml',
    'a\n::error::b.yaml',
    '\u001b[2J.yaml',
    '##[error]x.yaml',
    '##vso[a]x.yaml',
    '\u202egpj.yaml',
  ];
  for (const name of names) {
    const good = folder({ [name]: `${routes('a')}---\n${routes('a')}`, [`d/t-${name}`]: '{{ a }}\n' });
    symlinkSync('nowhere', join(good, `d/${name}`));
    for (const command of [
      ['diagnose', '-v'],
      ['diagnose', '-v', '--format', 'github'],
      ['diagnose', '--format', 'json'],
      ['diagnose', '--format', 'sarif'],
      [...rewrite, '-v', '--check'],
    ]) {
      const { out, err } = meshmend(good, [...command, '.']);
      assertHarmless(out + err, name);
    }
    const broken = folder({ [name]: 'apiVersion: v1\nkind: x\na: [\n' });
    for (const args of [['.'], [name]]) {
      const { code, err } = meshmend(broken, ['diagnose', '--', ...args]);
      assert.is(code, 2);
      assertHarmless(err, name);
    }
  }
});

const hostile = String.raw`istiod\n::error file=app.js::injected\n\u001b[2J\u001b[31m##[error]red`;
const istiod = `apiVersion: apps/v1
kind: Deployment
metadata: {name: "${hostile}", namespace: istio-system}
spec:
  template:
    metadata: {labels: {app: istiod}}
    spec:
      containers:
      - {name: discovery, image: "docker.io/istio/pilot:1.20.3"}
`;

printed('the source of the version is escaped by every frontend', () => {
  const text = `${istiod}---\n${routes('a')}`;
  const config =
    'apiVersion: meshmend.dev/v1alpha1\nkind: MeshRemedies\nmetadata: {name: x}\nspec: {intents: {disable-retries: {}}}\n';
  const where = folder({ 'a.yaml': text, 'config.yaml': config, 'app/meshmend.yaml': config, 'app/a.yaml': text });
  const list = `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n${config.replace(/^/gm, '  ')}\nitems:\n${[
    istiod,
    routes('a'),
  ]
    .map((item) => item.trimEnd().replace(/^/gm, '  ').replace(/^ /, '-'))
    .join('\n')}\n`;
  for (const [cwd, args, input] of [
    ['.', ['diagnose', '-v', 'a.yaml'], undefined],
    ['.', [...rewrite, '--check', 'a.yaml'], undefined],
    ['.', ['krm'], list],
    ['.', ['krm', 'config.yaml'], text],
    ['app', ['argocd', 'generate'], undefined],
  ] as const) {
    const { err } = meshmend(join(where, cwd), args, input);
    assert.match(err, '1.20.3', args.join(' '));
    assertHarmless(err, args.join(' '));
  }
});

printed('printable text keeps what is harmless', () => {
  for (const text of ['a:b::c', '# title', 'é ü 漢字 👍', '#[x]', 'http[0]: x']) assert.is(printable(text), text);
  assert.is(printable('::a'), '\\u003a:a');
  assert.is(printable(' \t::a'), ' \\t::a');
  assert.is(printable('a ##[b] ##VSO[c]'), 'a #\\u0023[b] #\\u0023VSO[c]');
});

printed.run();
