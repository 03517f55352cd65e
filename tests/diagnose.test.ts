// What `diagnose` finds and prints: the commands that it prints are run, and the fixes of its SARIF log are made.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { Log } from 'sarif';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Finding } from '../src/finding.ts';
import { readDocuments } from '../src/manifest/read.ts';
import { splice } from '../src/manifest/splice.ts';
import { resourcesOf } from '../src/mesh/resource.ts';
import { remedies } from '../src/remedies/index.ts';
import { githubAnnotations } from '../src/report/github.ts';
import { allCodes } from '../src/run/codes.ts';
import { remediate } from '../src/run/remediate.ts';
import { casesOf, intent, run, streamOf } from './golden-cases.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = join(root, 'dist/meshmend.cjs');
execFileSync(process.execPath, ['build.mjs'], { cwd: root });
const folder = mkdtempSync(join(tmpdir(), 'meshmend-diagnose-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function meshmend(args: readonly string[], input?: string): Result {
  const env = { ...process.env, NO_COLOR: '1' };
  const options = { cwd: folder, env, encoding: 'utf8', ...(input !== undefined && { input }) } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options);
  return { code: status, out: stdout, err: stderr };
}

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

const limited = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: stock  # the only one
spec:
  host: stock
  trafficPolicy:
    connectionPool: {tcp: {maxConnections: 10}}
`;
const hidden = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: shop}
spec:
  hosts: [shop]
  http:
    - match: [{uri: {prefix: /a}}]
      retries: {attempts: 0}
      route: [{destination: {host: a}}]
    - match: [{uri: {prefix: /a/b}}]
      retries: {attempts: 0}
      route: [{destination: {host: b}}]
`;
const clean = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop}
spec:
  hosts: [shop.example.com]
  http:
    - retries: {attempts: 0}
      route: [{destination: {host: shop}}]
`;

const cli = suite('diagnose');

cli('groups findings by resource, with place, reason and the command that fixes them', () => {
  write('rules.yaml', limited);
  write('shop.yaml', hidden);
  const { code, out, err } = meshmend(['diagnose', 'rules.yaml', 'shop.yaml', '--istio-version', '1.27']);
  assert.is(code, 1);
  const [rule = '', service = ''] = out.split('\n\n');
  assert.match(
    rule,
    /^DestinationRule stock\n {2}rules\.yaml:\d+:\d+: warning: .*\[strict-circuit-breaking\/[a-z-]+\]\n/,
  );
  assert.match(service, /^VirtualService shop\/shop\n {2}shop\.yaml:10:7: warning: .*\[reorder-prefixes\/[a-z-]+\]\n/);
  assert.match(err, /^Istio 1\.27 \(--istio-version\): 0 errors, 2 warnings/);

  const commands = [...out.matchAll(/^ {4}run: {2}meshmend (.*)$/gm)].map(([, line]) => (line as string).split(' '));
  assert.is(commands.length, 2);
  for (const command of commands) assert.is(meshmend(command).code, 0);
  const again = meshmend(['diagnose', 'rules.yaml', 'shop.yaml', '--istio-version', '1.27']);
  assert.is(again.out, '');
  assert.is(again.code, 0);
  assert.match(read('rules.yaml'), 'maxConnections: 10}, http: {http1MaxPendingRequests: 10}');
});

cli('says nothing of clean manifests', () => {
  assert.equal(meshmend(['diagnose', '-'], clean), { code: 0, out: '', err: '' });
  const { out } = meshmend(['diagnose', '-', '--format', 'json', '--istio-version', '1.24'], clean);
  assert.equal(JSON.parse(out), { istioVersion: '1.24', findings: [] });
  assert.is(meshmend(['diagnose', '-', '--format', 'github'], clean).out, '');
});

cli('says when a folder holds what it cannot read', () => {
  mkdirSync(join(folder, 'chart/templates'), { recursive: true });
  write('chart/templates/routes.yaml', '{{ if .Values.routes }}\na: 1\n{{ end }}\n');
  write('chart/values.yaml', 'routes: true\n');
  const nothing = meshmend(['diagnose', 'chart']);
  assert.equal([nothing.code, nothing.out], [2, '']);
  assert.match(nothing.err, /^no manifests: no file of 2 holds Kubernetes objects\n/);
  assert.match(nothing.err, /\nchart\/templates\/routes\.yaml: is not YAML/);
  write('chart/clean.yaml', clean);
  const { code, out, err } = meshmend(['diagnose', 'chart']);
  const templates = 'templates, which are read only once they are rendered: chart/templates/routes.yaml';
  assert.equal([code, out, err], [0, '', `1 file that cannot be read as YAML left out; -v says why\n${templates}\n`]);
  assert.match(
    meshmend(['diagnose', '-v', 'chart']).err,
    /^chart\/templates\/routes\.yaml: not diagnosed: is not YAML/,
  );
});

cli('fails at the threshold', () => {
  const codes = ['error', 'warning', 'info', 'never'].map(
    (threshold) => meshmend(['diagnose', '-', '--fail-on', threshold], limited).code,
  );
  assert.equal(codes, [0, 1, 1, 0]);
  const wrong = meshmend(['diagnose', '-', '--fail-on', 'warn'], limited);
  assert.is(wrong.code, 2);
  assert.match(wrong.err, 'did you mean warning?');
  assert.match(
    meshmend(['diagnose', '-', '--format', 'xml'], limited).err,
    '--format must be text, json, sarif or github',
  );
});

cli('shows choices under -v and counts them otherwise', () => {
  const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{name: http, port: 80}]}\n';
  const short = meshmend(['diagnose', '-'], service);
  assert.is(short.code, 0);
  assert.is(short.out, '');
  assert.match(short.err, /0 errors, 0 warnings, \d+ for information \(-v shows them\)/);
  const long = meshmend(['diagnose', '-v', '-'], service);
  assert.match(
    long.out,
    /^Service a\n {2}-:1:1: info: .*\[disable-retries\/default-retries\]\n {4}run: {2}meshmend rewrite - --disable-retries\n/m,
  );
});

cli('leaves out what a resource says to leave, and tells of a missing reason', () => {
  const skipping = (annotation: string): string =>
    limited.replace('spec:', `  annotations: {meshmend.dev/skip: "${annotation}"}\nspec:`);
  assert.is(meshmend(['diagnose', '-'], skipping('strict-circuit-breaking: measured')).out, '');
  const bare = meshmend(['diagnose', '-'], skipping('strict-circuit-breaking'));
  assert.is(bare.code, 1);
  assert.match(bare.out, '[meshmend/skip-without-reason]');
  const misspelt = meshmend(['diagnose', '-'], skipping('strict-circuit-braking: measured'));
  assert.match(misspelt.out, 'Did you mean strict-circuit-breaking?');
  assert.match(misspelt.out, '[strict-circuit-breaking/');
});

cli('choices leave out what a resource says to leave', () => {
  const routes = (annotations: string): string =>
    clean.replace(/retries: .*/, '').replace('metadata: {', `metadata: {annotations: {${annotations}}, `);
  assert.match(meshmend(['diagnose', '-v', '-'], routes('a: b')).out, 'disable-retries');
  assert.not.match(
    meshmend(['diagnose', '-v', '-'], routes('meshmend.dev/skip: "disable-retries: reads"')).out,
    'disable',
  );
});

cli('takes the version from the config of the folder, and says what would be changed as JSON', () => {
  const sub = mkdtempSync(join(folder, 'sub-'));
  writeFileSync(join(sub, 'rule.yaml'), limited);
  const config =
    'apiVersion: meshmend.dev/v1alpha1\nkind: MeshRemedies\nmetadata: {name: c}\nspec: {istioVersion: "1.22"}\n';
  writeFileSync(join(sub, 'meshmend.yaml'), config);
  const { istioVersion, findings } = JSON.parse(meshmend(['diagnose', sub, '--format', 'json']).out);
  assert.is(istioVersion, '1.22');
  const [finding] = (findings as Finding[]).filter(({ severity }) => severity === 'warning');
  assert.equal(finding?.change, [
    { op: 'add', path: '/spec/trafficPolicy/connectionPool/http', proposedValue: { http1MaxPendingRequests: 10 } },
  ]);
  assert.equal(finding?.parameters, { names: ['stock'] });
});

cli('writes a SARIF log that is valid, and whose fixes do what the command does', () => {
  write('both.yaml', `${limited}---\n${hidden}`);
  const { out, code } = meshmend(['diagnose', 'both.yaml', '--format', 'sarif']);
  assert.is(code, 1);
  const log = JSON.parse(out) as Log;
  const require = createRequire(import.meta.url);
  const ajv = new Ajv({ strict: false, unicodeRegExp: false });
  addFormats.default(ajv);
  // The schema says draft 4 and uses nothing that draft 7 reads otherwise.
  const { $schema: _, id: __, ...schema } = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
  const isValid = ajv.compile(schema);
  assert.ok(isValid(log), JSON.stringify(isValid.errors));

  const [{ tool, results = [] } = assert.unreachable() as never] = log.runs;
  assert.equal(
    tool.driver.rules?.map(({ id }) => id),
    allCodes(),
  );
  assert.equal(
    results.map(({ ruleId }) => ruleId?.replace(/\/.*/, '')),
    ['strict-circuit-breaking', 'reorder-prefixes'],
  );
  let text = read('both.yaml');
  const replacements = results.flatMap(({ fixes }) => fixes?.[0]?.artifactChanges[0]?.replacements ?? []);
  replacements.sort((a, b) => (b.deletedRegion.charOffset ?? 0) - (a.deletedRegion.charOffset ?? 0));
  for (const { deletedRegion, insertedContent } of replacements) {
    const { charOffset: start = 0, charLength: length = 0 } = deletedRegion;
    text = text.slice(0, start) + (insertedContent?.text ?? '') + text.slice(start + length);
  }
  const rewritten = meshmend(['rewrite', 'both.yaml', '--strict-circuit-breaking', '--reorder-prefixes']);
  assert.is(text, rewritten.out);
});

cli('does not repeat thousands of edits at each of thousands of findings', () => {
  const subset = (_: unknown, index: number): string =>
    `    - {name: v${index}, labels: {v: "${index}"}, trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}}\n`;
  const head =
    'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: stock}\nspec:\n  host: stock\n  subsets:\n';
  const text = head + Array.from({ length: 1000 }, subset).join('');
  const intents = intent('strict-circuit-breaking', {});
  const request = { mode: 'diagnose', intents, fixes: true } as const;
  const { findings, fixes } = remediate([{ path: 'rule.yaml', text, named: true }], request);
  assert.is(findings.length, 1000);
  const edits = [...fixes.values()].reduce((sum, { length }) => sum + length, 0);
  assert.ok(edits >= 1000 && edits <= 2000, `${edits} edits`);
});

cli('escapes what GitHub would take for syntax', () => {
  const finding: Finding = {
    code: 'disable-retries/default-retries',
    remedy: 'disable-retries',
    severity: 'info',
    outcome: 'advise',
    message: '100%\nof a,b:c',
    resource: { apiVersion: 'v1', kind: 'Service', name: 'a' },
    file: 'a,b:c.yaml',
    line: 3,
    column: 5,
    source: '',
  };
  assert.is(
    githubAnnotations([finding]),
    '::notice file=a%2Cb%3Ac.yaml,line=3,col=5,title=disable-retries/default-retries::Service a: 100%25%0Aof a,b:c\n',
  );
});

cli.run();

// Every change that a diagnosis of a golden case's input proposes is made by its command, and is gone after that.
const commands = suite('commands of diagnose');
const isMatter = ({ severity }: Finding): boolean => severity !== 'info';
/** Where the command, since its remedy was asked for, does more to the resource than mend the fault. */
const doesMore = new Set([
  'disable-retries: mesh-config-map',
  'disable-retries: muddled',
  'locality-failover: levels',
  'locality-failover: ports-above-subsets',
  'modernize-envoy-filters: 1.18-lua',
]);

function valueIn(text: string, wanted: Finding['resource']): unknown {
  const all = readDocuments({ path: 'input.yaml', text }).flatMap(resourcesOf);
  return all.find(({ kind, name, namespace }) => {
    return kind === wanted?.kind && name === wanted.name && namespace === wanted.namespace;
  })?.value;
}
for (const { id } of remedies) {
  for (const each of casesOf(id)) {
    commands(`${id}: ${each.name}`, () => {
      const { version, findings, fixes } = run(each.input, each, 'diagnose');
      for (const finding of findings) {
        if (finding.outcome !== 'change') continue;
        const { message, parameters, resource } = finding;
        const intents = intent(id, parameters ?? {});
        const file = { path: 'input.yaml', text: each.input, named: true };
        const rewritten = remediate([file], { mode: 'rewrite', intents, istioVersion: version });
        const made = rewritten.findings.filter(({ change }) => (change?.length ?? 0) > 0);
        assert.is.not(made.length, 0, `nothing is changed for: ${message}`);
        const fix = fixes.get(finding);
        if (fix && resource && !doesMore.has(`${id}: ${each.name}`)) {
          const [alone, byCommand] = [splice(each.input, fix), rewritten.files[0]?.text ?? ''];
          assert.equal(valueIn(alone, resource), valueIn(byCommand, resource), `the fix does otherwise: ${message}`);
        }
        if (!isMatter(finding)) continue;
        const again = run(streamOf(rewritten), each, 'diagnose');
        const left = again.findings.filter(
          (other) => isMatter(other) && other.message === message && other.resource?.name === resource?.name,
        );
        assert.equal(left, [], `still there: ${message}`);
      }
    });
  }
}
commands.run();
