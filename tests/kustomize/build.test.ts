import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json, JsonObject } from '../../src/manifest/node.ts';
import { at, listAt, stringAt } from '../../src/mesh/read.ts';
import { bundle, config, kustomize, meshmend, type Outcome, routes, run, valuesOf, withFiles } from './build.ts';
import { kustomizeBinary, root } from './tools.ts';

const test = suite('kustomize');
const transformer = 'resources: [routes.yaml]\ntransformers: [meshmend.yaml]\n';
const mark = 'meshmend.dev/applied';
const hasKubectl = run('sh', ['-c', 'command -v kubectl']).code === 0;

function succeed(outcome: Outcome): Json[] {
  assert.is(outcome.code, 0, outcome.stderr);
  return valuesOf(outcome.stdout);
}

function named(values: readonly Json[], kind: string, name?: string): JsonObject {
  const found = values.find(
    (value) => at(value, 'kind') === kind && (name === undefined || at(value, 'metadata', 'name') === name),
  );
  assert.ok(found, `${kind} ${name ?? ''} is there`);
  return found as JsonObject;
}

/** The values without the mark, in order of kind and name. */
function unmarked(values: readonly Json[]): Json[] {
  return values
    .map((value) => {
      const copy = JSON.parse(JSON.stringify(value));
      delete copy.metadata.annotations?.[mark];
      if (copy.metadata.annotations && Object.keys(copy.metadata.annotations).length === 0)
        delete copy.metadata.annotations;
      return copy;
    })
    .sort((a, b) => (`${a.kind}/${a.metadata.name}` < `${b.kind}/${b.metadata.name}` ? -1 : 1));
}

test('a transformer sees what namespace and namePrefix made', () => {
  const files = {
    'kustomization.yaml': `${transformer}namespace: shop\nnamePrefix: blue-\n`,
    'routes.yaml': routes,
    'meshmend.yaml': config('{disable-retries: {names: [blue-reviews], namespaces: [shop]}}'),
  };
  withFiles(files, (folder) => {
    const values = succeed(kustomize(folder));
    assert.is(values.length, 2);
    const service = named(values, 'VirtualService', 'blue-reviews');
    assert.equal(at(service, 'spec', 'http', 0, 'retries'), { attempts: 0 });
    assert.equal(at(service, 'metadata', 'annotations'), { [mark]: 'shop' });
    const settings = named(values, 'ConfigMap');
    assert.equal(settings['data'], { DEBUG: 'on', ZIP: '0123', RATIO: '1.0', ANSWER: 'n' });
    assert.is(at(settings, 'metadata', 'annotations'), undefined, 'untouched items get nothing');
  });
});

test('an overlay over a base, each with a function', () => {
  const files = {
    'base/kustomization.yaml': transformer,
    'base/routes.yaml': routes,
    'base/meshmend.yaml': config('{disable-retries: {}}', { name: 'base' }),
    'overlay/kustomization.yaml': 'resources: [../base]\nnameSuffix: -x\ntransformers: [meshmend.yaml]\n',
    'overlay/meshmend.yaml': config('{support-http10: {}}', { name: 'overlay' }),
  };
  withFiles(files, (folder) => {
    const overlay = join(folder, 'overlay');
    const outcome = kustomize(overlay);
    const values = succeed(outcome);
    assert.equal(at(named(values, 'VirtualService', 'reviews-x'), 'spec', 'http', 0, 'retries'), { attempts: 0 });
    assert.ok(named(values, 'Deployment', 'istiod'));
    const verified = meshmend(['verify-build', overlay], { input: outcome.stdout });
    assert.is(verified.code, 0, verified.stderr);
    assert.match(verified.stderr, /2 functions/);
  });
});

test('a component', () => {
  const files = {
    'kustomization.yaml': 'resources: [routes.yaml]\ncomponents: [component]\n',
    'routes.yaml': routes,
    'component/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ntransformers: [meshmend.yaml]\n',
    'component/meshmend.yaml': config('{disable-retries: {}}'),
  };
  withFiles(files, (folder) => {
    assert.ok(at(named(succeed(kustomize(folder)), 'VirtualService'), 'spec', 'http', 0, 'retries'));
  });
});

test('two functions in a row leave two marks, and a second build is the same', () => {
  const files = {
    'kustomization.yaml': 'resources: [routes.yaml]\ntransformers: [one.yaml, two.yaml]\n',
    'routes.yaml': routes,
    'one.yaml': config('{disable-retries: {}}', { name: 'one' }),
    'two.yaml': config('{support-http10: {}, disable-retries: {}}', { name: 'two' }),
  };
  withFiles(files, (folder) => {
    const outcome = kustomize(folder);
    const values = succeed(outcome);
    assert.is(at(named(values, 'VirtualService'), 'metadata', 'annotations', mark), 'one');
    assert.is(at(named(values, 'Deployment'), 'metadata', 'annotations', mark), 'two');
    const verified = meshmend(['verify-build', folder], { input: outcome.stdout });
    assert.is(verified.code, 0, verified.stderr);
    withFiles({ ...files, 'routes.yaml': outcome.stdout }, (second) => {
      const again = kustomize(second);
      assert.is(again.stdout, outcome.stdout);
      assert.is(meshmend(['verify-build', second], { input: again.stdout }).code, 0);
    });
  });
});

test('an inline config, and a ConfigMap', () => {
  const settings = `apiVersion: v1
kind: ConfigMap
metadata:
  name: flat
  annotations:
    config.kubernetes.io/function: |
      exec: {path: ${process.execPath}, args: [${bundle}, krm]}
data:
  disable-retries: "true"
`;
  for (const inline of [config('{disable-retries: {}}'), settings]) {
    const entry = `|\n${inline.replace(/^/gm, '    ').trimEnd()}`;
    const files = {
      'kustomization.yaml': `resources: [routes.yaml]\ntransformers:\n  - ${entry}\n`,
      'routes.yaml': routes,
    };
    withFiles(files, (folder) => {
      const outcome = kustomize(folder);
      assert.ok(at(named(succeed(outcome), 'VirtualService'), 'spec', 'http', 0, 'retries'));
      assert.is(meshmend(['verify-build', folder], { input: outcome.stdout }).code, 0);
      assert.is(meshmend(['verify-build', folder], { input: routes }).code, 1);
    });
  }
});

test('a generator adds resources, and nothing of its config', () => {
  const files = {
    'kustomization.yaml': 'resources: [routes.yaml]\ngenerators: [meshmend.yaml]\n',
    'routes.yaml': routes,
    'meshmend.yaml': config('{support-http10: {}}'),
  };
  withFiles(files, (folder) => {
    const outcome = kustomize(folder);
    const values = succeed(outcome);
    assert.equal(values.map((value) => at(value, 'kind')).sort(), ['ConfigMap', 'Deployment', 'VirtualService']);
    assert.is(meshmend(['verify-build', folder], { input: outcome.stdout }).code, 0);
  });
});

test('no resources: a transformer adds its own, or nothing', () => {
  for (const [intents, count] of [
    ['{support-http10: {}}', 1],
    ['{disable-retries: {}}', 0],
  ] as const) {
    const files = { 'kustomization.yaml': 'transformers: [meshmend.yaml]\n', 'meshmend.yaml': config(intents) };
    withFiles(files, (folder) => {
      const outcome = kustomize(folder);
      assert.is(succeed(outcome).length, count);
      assert.match(outcome.stderr, /no resources came in/);
    });
  }
});

test('a validator fails when something is missing, and passes when nothing is', () => {
  const validator = { 'meshmend.yaml': config('{disable-retries: {}}', { mode: 'check' }), 'routes.yaml': routes };
  const files = { ...validator, 'kustomization.yaml': 'resources: [routes.yaml]\nvalidators: [meshmend.yaml]\n' };
  withFiles(files, (folder) => {
    const outcome = kustomize(folder);
    assert.is(outcome.code, 1);
    assert.is(outcome.stdout, '');
    assert.match(outcome.stderr, /missing: VirtualService reviews/);
    assert.is(meshmend(['verify-build', folder], { input: routes }).code, 1, 'as if nobody had asked it');
  });
  const mended = routes.replace('  - route:\n', '  - retries: {attempts: 0}\n    route:\n');
  withFiles({ ...files, 'routes.yaml': mended }, (folder) => {
    const outcome = kustomize(folder);
    assert.is(succeed(outcome).length, 2);
    assert.is(meshmend(['verify-build', folder], { input: outcome.stdout }).code, 0);
  });
});

test('a check among the transformers stops the build instead of emptying it', () => {
  const mended = routes.replace('  - route:\n', '  - retries: {attempts: 0}\n    route:\n');
  const files = {
    'kustomization.yaml': transformer,
    'routes.yaml': mended,
    'meshmend.yaml': config('{disable-retries: {}}', { mode: 'check' }),
  };
  withFiles(files, (folder) => {
    const outcome = kustomize(folder);
    assert.is(outcome.code, 1);
    assert.match(outcome.stderr, /validators/);
    const verified = meshmend(['verify-build', folder], { input: '' });
    assert.is(verified.code, 1);
    assert.match(verified.stderr, /no resources[\s\S]*list it under validators/);
  });
});

test('a fault in the config is told of in full', () => {
  for (const [intents, message] of [
    ['{disable-retrys: {}}', /MeshRemedies shop: .*disable-retrys.*\nhint: did you mean disable-retries\?/],
    [
      '{disable-retries: {explicit: kep}}',
      /MeshRemedies shop: spec\.intents\.disable-retries\.explicit .*\nhint: .*keep/,
    ],
    ['{support-http10: {surface: helm-values}}', /MeshRemedies shop: support-http10 gives Helm values/],
  ] as const) {
    const files = { 'kustomization.yaml': transformer, 'routes.yaml': routes, 'meshmend.yaml': config(intents) };
    withFiles(files, (folder) => {
      const outcome = kustomize(folder);
      assert.is(outcome.code, 1);
      assert.is(outcome.stdout, '');
      assert.match(outcome.stderr, message);
      assert.not.match(outcome.stderr, /MalformedYAMLError/);
    });
  }
});

test('1,000 resources', () => {
  const files = { 'kustomization.yaml': transformer, 'routes.yaml': many(1000), 'meshmend.yaml': config(manyIntents) };
  withFiles(files, (folder) => {
    const values = succeed(kustomize(folder));
    assert.is(values.length, 1000);
    assert.is(values.filter((value) => at(value, 'spec', 'http', 0, 'retries', 'attempts') === 0).length, 250);
  });
});

const manyIntents = '{disable-retries: {emit: false}}';

/** Services with their Deployments, routes and rules: `count` resources in all. */
function many(count: number): string {
  const base = readFileSync(join(root, 'examples/kustomize/base/reviews.yaml'), 'utf8');
  return Array.from({ length: count / 4 }, (_, index) => base.replaceAll('reviews', `reviews-${index}`)).join('---\n');
}

test('with 100 resources it takes, beyond the start of Node, less than a quarter of the time that kustomize itself takes', () => {
  const files = {
    'app/kustomization.yaml': transformer,
    'app/routes.yaml': many(100),
    'app/meshmend.yaml': config(manyIntents, { function: 'exec: {path: ./tee.sh}' }),
    'app/tee.sh': '#!/bin/sh\nexec tee list.yaml\n',
  };
  withFiles(files, (folder) => {
    const app = join(folder, 'app');
    const timed = (once: () => Outcome): number => {
      const start = performance.now();
      assert.is(once().code, 0);
      return performance.now() - start;
    };
    timed(() => kustomize(app));
    const input = readFileSync(join(app, 'list.yaml'), 'utf8');
    const kinds = [
      () => kustomize(app),
      () => meshmend(['krm'], { input }),
      () => run(process.execPath, ['-e', '0'], { input }),
    ];
    // The best of many turns: a busy machine only ever adds to the time. Few are enough on an idle one.
    let best = kinds.map(() => Number.POSITIVE_INFINITY);
    for (let turn = 0; turn < 40 && (turn < 5 || best[1]! - best[2]! >= best[0]! / 4); turn++)
      best = kinds.map((kind, index) => Math.min(best[index]!, timed(kind)));
    const [own = 0, ours = 0, node = 0] = best.map(Math.round);
    console.log(`\nkustomize itself ${own} ms, the function ${ours} ms, of which Node starts for ${node} ms`);
    assert.ok(ours - node < own / 4, `${ours - node} ms is less than a quarter of ${own} ms`);
  });
});

test('a skipped function is caught although the sources carry the mark of an earlier build', () => {
  const files = {
    'kustomization.yaml': transformer,
    'routes.yaml': routes.replace(/^(metadata:\n)/m, '$1  annotations: {meshmend.dev/applied: shop}\n'),
    'meshmend.yaml': config('{disable-retries: {}}'),
  };
  assert.ok(files['routes.yaml'].includes('meshmend.dev/applied'));
  withFiles(files, (folder) => {
    const skipped = kustomize(folder, ['--enable-alpha-plugins']).stdout;
    const verified = meshmend(['verify-build', folder], { input: skipped });
    assert.is(verified.code, 1);
    assert.match(verified.stderr, /transformer shop .* was skipped: its mark is from the sources/);
    const built = kustomize(folder).stdout;
    assert.is(meshmend(['verify-build', folder], { input: built }).code, 0);
  });
});

test('a skipped function is caught', () => {
  const files = {
    'kustomization.yaml': transformer,
    'routes.yaml': routes,
    // kubectl's kustomize is older, and knows no args.
    'meshmend.yaml': config('{disable-retries: {}}', { function: 'exec: {path: ./fn.sh}' }),
    'fn.sh': `#!/bin/sh\nexec ${process.execPath} ${bundle} krm\n`,
  };
  withFiles(files, (folder) => {
    const skipped = [kustomize(folder, ['--enable-alpha-plugins'])];
    if (hasKubectl) skipped.push(run('kubectl', ['kustomize', '--enable-alpha-plugins', folder]));
    for (const outcome of skipped) {
      assert.is(outcome.code, 0, outcome.stderr);
      const verified = meshmend(['verify-build', '--print', folder], { input: outcome.stdout });
      assert.is(verified.code, 1);
      assert.is(verified.stdout, '');
      assert.match(verified.stderr, /transformer shop .* was skipped: .*--enable-exec/);
    }
    const built = kustomize(folder).stdout;
    assert.is(meshmend(['verify-build', '--print', folder], { input: built }).stdout, built);
  });
});

function pluginFiles(): Record<string, string> {
  return {
    'home/meshmend.dev/v1alpha1/meshremedies/MeshRemedies': `#!/bin/sh\nexec ${process.execPath} ${bundle} "$@"\n`,
    'app/kustomization.yaml': transformer,
    'app/routes.yaml': routes,
    'app/meshmend.yaml': config('{disable-retries: {}, support-http10: {}}').replace(
      / {2}annotations:[\s\S]*?(?=spec:)/,
      '',
    ),
  };
}

test('a legacy exec plugin, under kubectl too', () => {
  withFiles(pluginFiles(), (folder) => {
    const env = { KUSTOMIZE_PLUGIN_HOME: join(folder, 'home') };
    const app = join(folder, 'app');
    const outcomes = [kustomize(app, ['--enable-alpha-plugins'], { env })];
    if (hasKubectl) outcomes.push(run('kubectl', ['kustomize', '--enable-alpha-plugins', app], { env }));
    for (const outcome of outcomes) {
      const values = succeed(outcome);
      assert.is(values.length, 3);
      assert.ok(at(named(values, 'VirtualService'), 'spec', 'http', 0, 'retries'));
      assert.is(at(named(values, 'Deployment'), 'metadata', 'annotations', mark), 'shop');
      assert.is(meshmend(['verify-build', app], { input: outcome.stdout }).code, 0);
    }
  });
});

test('a check under transformers is stopped in every form, since its empty answer would delete everything', () => {
  const check = (text: string): string => text.replace('mode: rewrite', 'mode: check');
  const plugin: Record<string, string> = { ...pluginFiles(), 'app/routes.yaml': tcpRule };
  plugin['app/meshmend.yaml'] = check(plugin['app/meshmend.yaml']!);
  assert.match(plugin['app/meshmend.yaml'], 'mode: check');
  withFiles(plugin, (folder) => {
    const env = { KUSTOMIZE_PLUGIN_HOME: join(folder, 'home') };
    const { code, stderr } = kustomize(join(folder, 'app'), ['--enable-alpha-plugins'], { env });
    assert.is(code, 1);
    assert.match(stderr, 'list it under validators');
  });
  const exec = `exec: {path: ${process.execPath}, args: [${bundle}, krm]}`;
  const metadata = { name: 'shop', annotations: { 'config.kubernetes.io/function': exec } };
  const spec = { mode: 'check', intents: { 'disable-retries': {} } };
  const inline = JSON.stringify({ apiVersion: 'meshmend.dev/v1alpha1', kind: 'MeshRemedies', metadata, spec });
  const map = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shop\n  annotations:\n    config.k8s.io/function: '${exec}'\ndata: {mode: check, disable-retries: "true"}\n`;
  for (const entry of [`'${inline}'`, 'map.yaml'])
    withFiles(
      {
        'kustomization.yaml': `resources: [routes.yaml]\ntransformers: [${entry}]\n`,
        'map.yaml': map,
        'routes.yaml': tcpRule,
      },
      (folder) => {
        const { code, stderr } = kustomize(folder);
        assert.is(code, 1, stderr);
        assert.match(stderr, 'list it under validators');
      },
    );
});

/** What disable-retries has nothing to do for. */
const tcpRule = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec: {host: web, trafficPolicy: {loadBalancer: {simple: LEAST_REQUEST}}}
`;

test('command, function and plugin mean the same', () => {
  withFiles(pluginFiles(), (folder) => {
    const app = join(folder, 'app');
    const env = { KUSTOMIZE_PLUGIN_HOME: join(folder, 'home') };
    const byPlugin = succeed(kustomize(app, ['--enable-alpha-plugins'], { env }));
    const byCommand = succeed(meshmend(['rewrite', '-f', join(app, 'meshmend.yaml'), join(app, 'routes.yaml')]));
    withFiles(
      {
        'kustomization.yaml': transformer,
        'routes.yaml': routes,
        'meshmend.yaml': config('{disable-retries: {}, support-http10: {}}'),
      },
      (other) => assert.equal(unmarked(succeed(kustomize(other))), unmarked(byPlugin)),
    );
    assert.equal(unmarked(byCommand), unmarked(byPlugin));
  });
});

test('fn run edits in place and keeps comments and order', () => {
  const text = `# the reviews of the shop
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews # a name
spec:
  hosts: [reviews]
  http:
  # all of it
  - route:
    - destination: {host: reviews} # to v1
`;
  const files = {
    'package/routes.yaml': text,
    'package/unchanged.yaml': '# on\napiVersion: v1\nkind: Service\nmetadata: {name: a} # b\n',
    'fn.sh': `#!/bin/sh\nexec ${process.execPath} ${bundle} krm\n`,
    'results/keep': '',
  };
  withFiles(files, (folder) => {
    const args = ['fn', 'run', 'package', '--enable-exec', '--exec-path', './fn.sh', '--results-dir', './results'];
    const outcome = run(kustomizeBinary, [...args, '--', 'disable-retries=true'], { cwd: folder });
    assert.is(outcome.code, 0, outcome.stderr);
    const written = readFileSync(join(folder, 'package/routes.yaml'), 'utf8');
    assert.match(
      written,
      /^# the reviews of the shop\napiVersion[\s\S]*name: reviews # a name\n[\s\S]*# all of it[\s\S]*# to v1/,
    );
    assert.match(written, /attempts: 0/);
    assert.not.match(written, mark);
    assert.is(readFileSync(join(folder, 'package/unchanged.yaml'), 'utf8'), files['package/unchanged.yaml']);
    const [results] = valuesOf(readFileSync(join(folder, 'results/results-0.yaml'), 'utf8'));
    const [result] = (Array.isArray(results) ? results : listAt(results, 'items')) as JsonObject[];
    assert.is(at(result, 'file', 'path'), 'routes.yaml');
    assert.is(at(result, 'resourceRef', 'name'), 'reviews');
    assert.equal(at(result, 'field', 'proposedValue'), { attempts: 0 });
  });
});

test('a container, by a stand-in for docker that checks how it is called', () => {
  const entry = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[1] as string;
  const [, program, ...args] = JSON.parse(entry) as string[];
  const inImage = program?.replace('/meshmend/', root.endsWith('/') ? root : `${root}/`);
  const docker = `#!/bin/sh
echo "$*" > "$ARGV_FILE"
case "$*" in
"run --rm -i "*"--network none"*"--user nobody"*"--security-opt=no-new-privileges"*" example.com/meshmend:0.1.0") ;;
*) echo "unexpected: $*" >&2; exit 1 ;;
esac
cd / && exec env -i ${process.execPath} ${[inImage, ...args].join(' ')}
`;
  const files = {
    'bin/docker': docker,
    'app/kustomization.yaml': transformer,
    'app/routes.yaml': routes,
    'app/meshmend.yaml': config('{disable-retries: {}, support-http10: {}}', {
      function: 'container: {image: example.com/meshmend:0.1.0}',
    }),
  };
  withFiles(files, (folder) => {
    const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, ARGV_FILE: join(folder, 'argv') };
    const app = join(folder, 'app');
    const outcomes = [kustomize(app, ['--enable-alpha-plugins'], { env })];
    if (hasKubectl) outcomes.push(run('kubectl', ['kustomize', '--enable-alpha-plugins', app], { env }));
    for (const outcome of outcomes) {
      const values = succeed(outcome);
      assert.is(values.length, 3);
      assert.ok(at(named(values, 'VirtualService'), 'spec', 'http', 0, 'retries'));
      assert.is(meshmend(['verify-build', app], { input: outcome.stdout }).code, 0);
    }
    assert.ok(existsSync(join(folder, 'argv')));
  });
});

test('the example builds as it stands', () => {
  const names = [
    'meshmend.yaml',
    'check.yaml',
    'base/kustomization.yaml',
    'base/reviews.yaml',
    'overlay/kustomization.yaml',
  ];
  names.push('circuit-breaking/kustomization.yaml', 'circuit-breaking/meshmend.yaml');
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const files = Object.fromEntries(
    names.map((name) => [`examples/kustomize/${name}`, read(`examples/kustomize/${name}`)]),
  );
  files['kustomization.yaml'] = read('kustomization.example.yaml');
  withFiles(files, (folder) => {
    mkdirSync(dirname(join(folder, 'dist/x')), { recursive: true });
    run('ln', ['-s', bundle, join(folder, 'dist/meshmend.cjs')]);
    const outcome = kustomize(folder);
    const values = succeed(outcome);
    assert.is(values.length, 4);
    const rules = listAt(named(values, 'VirtualService'), 'spec', 'http');
    assert.equal(
      rules.map((rule) => stringAt(rule, 'match', 0, 'uri', 'prefix')),
      ['/api/v2', '/api'],
    );
    const pool = at(named(values, 'DestinationRule'), 'spec', 'trafficPolicy', 'connectionPool', 'http');
    assert.equal(pool, { http1MaxPendingRequests: 10 });
    assert.is(meshmend(['verify-build', folder], { input: outcome.stdout }).code, 0);
  });
});

const namedService = `apiVersion: v1
kind: Service
metadata: {name: reviews}
spec: {selector: {app: reviews}, ports: [{name: http, port: 80}]}
`;

/** Builds a kustomization with the function in its base, and verifies the build. */
function verifyOverlay(overlay: string, intents: string, more: Readonly<Record<string, string>> = {}): Outcome {
  const files = {
    'base/kustomization.yaml': 'resources: [service.yaml]\ntransformers: [meshmend.yaml]\nnamespace: shop\n',
    'base/service.yaml': namedService,
    'base/meshmend.yaml': config(intents, { name: 'base' }),
    'overlay/kustomization.yaml': `resources: [../base]\n${overlay}`,
    ...more,
  };
  return withFiles(files, (folder) => {
    const built = kustomize(join(folder, 'overlay'));
    assert.is(built.code, 0, built.stderr);
    return meshmend(['verify-build', join(folder, 'overlay')], { input: built.stdout });
  });
}

test('a host that a later prefix, suffix or namespace makes wrong is found', () => {
  for (const [field, now] of [
    ['namePrefix: blue-', 'shop/blue-reviews'],
    ['nameSuffix: -x', 'shop/reviews-x'],
    ['namespace: prod', 'prod/reviews'],
  ] as const)
    for (const intents of ['{disable-retries: {}}', '{strict-circuit-breaking: {hosts: [reviews], connections: 10}}']) {
      const { code, stderr } = verifyOverlay(`${field}\n`, intents);
      assert.is(code, 1, `${field} ${intents}`);
      assert.match(
        stderr,
        /transformer base .* ran before its resources were renamed: list it where the whole is built/,
      );
      const fault = `host reviews.shop.svc.cluster.local no longer fits: \`${field}\` made Service reviews ${now}\n`;
      assert.ok(stderr.includes(fault), stderr);
    }
  assert.is(verifyOverlay('', '{disable-retries: {}}').code, 0, 'nothing is renamed');
  assert.is(verifyOverlay('namespace: shop\n', '{disable-retries: {}}').code, 0, 'the same namespace again');
  const own = `${namedService}---\n${routes}`;
  const ofUser = verifyOverlay('namePrefix: blue-\n', '{hold-application: {}}', { 'base/service.yaml': own });
  assert.is(ofUser.code, 0, 'a host that the user wrote may be that of another build');
});

test('a component runs before the names of its kustomization', () => {
  const files = {
    'kustomization.yaml': 'resources: [service.yaml]\ncomponents: [component]\nnamePrefix: blue-\n',
    'service.yaml': namedService,
    'component/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ntransformers: [meshmend.yaml]\n',
    'component/meshmend.yaml': config('{disable-retries: {}}'),
  };
  withFiles(files, (folder) => {
    const verified = meshmend(['verify-build', folder], { input: kustomize(folder).stdout });
    assert.is(verified.code, 1);
    assert.match(
      verified.stderr,
      /host reviews no longer fits: `namePrefix: blue-` made Service reviews default\/blue-reviews/,
    );
  });
});

test('a mesh-wide resource that is moved or renamed is found', () => {
  const moved = verifyOverlay('namespace: prod\n', '{support-http10: {}, raise-header-limit: {}}');
  assert.is(moved.code, 1);
  assert.match(moved.stderr, /Deployment istio-system\/istiod is missing: `namespace: prod` made it prod\/istiod/);
  assert.match(moved.stderr, /EnvoyFilter istio-system\/meshmend-header-limit is missing/);
  assert.is(verifyOverlay('nameSuffix: -x\n', '{support-http10: {}}').code, 1, 'istiod-x');
  assert.is(verifyOverlay('nameSuffix: -x\n', '{raise-header-limit: {}}').code, 0, 'the name of a filter is free');
  const files = {
    'kustomization.yaml': 'resources: [service.yaml]\ngenerators: [meshmend.yaml]\nnamespace: prod\n',
    'service.yaml': namedService,
    'meshmend.yaml': config('{support-http10: {}}'),
  };
  withFiles(files, (folder) => {
    const verified = meshmend(['verify-build', folder], { input: kustomize(folder).stdout });
    assert.is(verified.code, 1, 'a generator runs before the namespace is set');
  });
});

test('a function whose work is undone or incomplete is caught, though it left its mark', () => {
  const undone = `patches:
- target: {kind: VirtualService, name: reviews}
  patch: '[{"op": "replace", "path": "/spec/http/0/retries/attempts", "value": 3}]'
`;
  const files = { 'base/service.yaml': routes };
  const intents = '{disable-retries: {explicit: disable}}';
  const patched = verifyOverlay(undone, intents, files);
  assert.is(patched.code, 1);
  assert.match(patched.stderr, /transformer base .* ran, but the build lacks 1 change: /);
  assert.match(patched.stderr, /^meshmend: {3}missing: VirtualService shop\/reviews: .*\[disable-retries\//m);
  const another = {
    ...files,
    'overlay/another.yaml': routes.replace(/reviews/g, 'ratings').replace('settings', 'more'),
  };
  const incomplete = verifyOverlay('', intents, {
    ...another,
    'overlay/kustomization.yaml': 'resources: [../base, another.yaml]\n',
  });
  assert.is(incomplete.code, 1);
  assert.match(incomplete.stderr, /lacks 1 change[\s\S]*VirtualService ratings/);
});

test('a config that is listed as a resource is a fault', () => {
  const files = { 'routes.yaml': routes, 'meshmend.yaml': config('{disable-retries: {}}') };
  for (const transformers of ['', 'transformers: [meshmend.yaml]\n']) {
    const kustomization = `resources: [routes.yaml, meshmend.yaml]\n${transformers}`;
    withFiles({ ...files, 'kustomization.yaml': kustomization }, (folder) => {
      const verified = meshmend(['verify-build', folder], { input: kustomize(folder).stdout });
      assert.is(verified.code, 1);
      assert.match(
        verified.stderr,
        /MeshRemedies shop is in the build, where it edits nothing: list it under transformers/,
      );
    });
  }
});

const routesOfWeb = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  gateways: [front]
  hosts: [web.example.test]
  http:
  - match: [{uri: {prefix: /books}}]
    route: [{destination: {host: books}}]
  - match: [{uri: {prefix: /books-admin}}]
    route: [{destination: {host: books}}]
`;

for (const [form, patch, file] of [
  [
    'inline',
    'patches:\n- target: {kind: VirtualService, name: web}\n  patch: |-\n    - {op: add, path: /spec/http/1/timeout, value: 3s}\n',
    {},
  ],
  [
    'in a file',
    'patches:\n- {target: {kind: VirtualService, name: web}, path: one.yaml}\n',
    { 'live/one.yaml': '- op: add\n  path: /spec/http/1/timeout\n  value: 3s\n' },
  ],
] as const)
  test(`an index of a patch ${form} goes along with what it points at`, () => {
    const files = {
      'base/kustomization.yaml': 'resources: [web.yaml]\n',
      'base/web.yaml': routesOfWeb,
      'live/kustomization.yaml': `namespace: library\nresources: [../base]\n${patch}`,
      ...file,
    };
    withFiles(files, (folder) => {
      const live = join(folder, 'live');
      const before = listAt(named(succeed(kustomize(live)), 'VirtualService'), 'spec', 'http');
      const rewritten = meshmend(['rewrite', '-i', folder, '--reorder-prefixes']);
      assert.is(rewritten.code, 0, rewritten.stderr);
      const after = listAt(named(succeed(kustomize(live)), 'VirtualService'), 'spec', 'http');
      assert.equal(after, [before[1], before[0]], 'each rule is as it was');
      assert.is(at(after[0], 'timeout'), '3s');
    });
  });

test('hosts that an overlay replaces stay as they are built', () => {
  const files = {
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    'base/web.yaml': routesOfWeb,
    'live/kustomization.yaml': 'namespace: library\nresources: [../base]\npatches: [{path: hosts.yaml}]\n',
    'live/hosts.yaml':
      'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web}\nspec: {hosts: [web.example.com]}\n',
  };
  withFiles(files, (folder) => {
    const live = join(folder, 'live');
    const before = succeed(kustomize(live));
    assert.is(meshmend(['rewrite', '-i', folder, '--reach-mesh']).code, 0);
    assert.equal(succeed(kustomize(live)), before);
  });
});

test.run();
