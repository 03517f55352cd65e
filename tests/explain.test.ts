// `meshmend explain`: what people type, paste or read in the FAQ leads to the page that tells of it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain, nearestSymptoms, stem } from '../src/cli/answer.ts';
import { type CatalogueEntry, catalogue } from '../src/remedies/catalogue.ts';
import { defineFaults } from '../src/remedies/fault.ts';
import { answerMarkdown, answerText, symptomsMarkdown, symptomsText } from '../src/report/explain.ts';
import { remediesMarkdown } from '../src/report/remedies.ts';
import { wrap } from '../src/report/wrap.ts';
import { growth } from './growth.ts';

/** What people say, by the remedies whose pages must be among those that answer; page by page of the FAQ. */
const questions: readonly (readonly [ids: readonly string[], questions: readonly string[]])[] = [
  // How to Add Mesh Permissions to a Cluster; Cluster Management by Sub-account Fails
  [
    ['grant-cluster-access'],
    [
      'sub-account',
      'subaccount',
      'insufficient permission',
      'insufficient permissions',
      'no cluster permission',
      'permission denied',
      'RBAC',
      'RBAC policy generator',
      'ClusterRoleBinding',
      'fail to associate a cluster',
      'cluster admin role',
      'authorization',
      'tke:admin',
    ],
  ],
  // Pod Startup Fails Because the Envoy Sidecar Is Unready
  [
    ['hold-application'],
    [
      'holdApplicationUntilProxyStarts',
      'hold application until proxy starts',
      'sidecar unready',
      'Envoy is unready',
      'sidecar not ready',
      'pod startup fails',
      'pods keep restarting',
      'restarting at start',
      'postStart',
      'pilot-agent wait',
      'configuration center',
      'startup order',
      'connection refused at start',
    ],
  ],
  // Envoy Status Code 431 "Request Header Fields Too Large" Is Returned
  [
    ['raise-header-limit'],
    [
      '431',
      'HTTP/1.1 431 Request Header Fields Too Large',
      'Request Header Fields Too Large',
      'headers too large',
      'header size',
      'max_request_headers_kb',
      'max header',
      '60 KiB',
      'large cookie',
    ],
  ],
  // Envoy Converts Headers to Lowercase
  [
    ['preserve-header-case'],
    [
      'lowercase',
      'lower case',
      'lower-case headers',
      'Lowercased',
      'header case',
      'case-sensitive headers',
      'case sensitivity',
      'uppercase',
      'capitalization',
      'Content-Length',
      'proper_case_words',
      'RFC 2616',
      'header',
    ],
  ],
  // Headless Service-related FAQs: 404 for calls through the registry
  [
    ['headless-passthrough'],
    [
      '404 registry',
      'Spring Cloud',
      'spring cloud 404',
      'registry',
      'service discovery of its own',
      'Eureka',
      'Nacos',
      'Host header pod IP 404',
    ],
  ],
  // Headless Service-related FAQs: load balancing policy does not take effect
  [
    ['balance-headless'],
    [
      'ORIGINAL_DST',
      'consistentHash',
      'consistent hash',
      'session persistence',
      'sticky sessions',
      'load balancing policy headless',
      'trafficPolicy.loadBalancer',
      'localityLbSetting headless',
      'headless load balancing',
    ],
  ],
  // Headless Service-related FAQs: without a sidecar
  [
    ['plaintext-headless'],
    ['UF,URX', 'UF, URX', 'URX,UF', 'uf urx', 'headless without a sidecar', 'redis headless', 'mTLS headless redis'],
  ],
  [['plaintext-headless'], ['"GET / HTTP/1.1" 503 UF,URX "-" 0 91 100 - "-" "curl/7.64.0"', 'response_flags UF,URX']],
  // Headless Service-related FAQs: a rebuilt pod
  [
    ['upgrade-istio'],
    [
      'rebuilt pod',
      'UF,URX after the pod was rebuilt',
      'old pod IP',
      'long connection',
      'upgrade Istio',
      'headless pod rebuilt',
    ],
  ],
  [['plaintext-headless', 'upgrade-istio'], ['UF,URX headless service']],
  // Istio-init Crashes
  [
    ['protect-init-containers'],
    [
      'Init:CrashLoopBackOff',
      'init crashloopbackoff',
      'CrashLoopBackOff',
      'istio-init',
      'istio-init crashes',
      'iptables-restore: line 2 failed',
      'iptables-restore',
      'iptables',
      'docker system prune',
      'docker container prune',
      'docker container rm',
      'crontab',
      'reentrant',
      'panic: exit status 1',
      'wk-sys-acl-v1-0-5-7cf7f79d6c-d9qcr 0/2 Init:CrashLoopBackOff',
    ],
  ],
  // VirtualService Does Not Take Effect: mesh is not in gateways
  [
    ['reach-mesh'],
    [
      'VirtualService does not take effect',
      'virtual service not effective',
      'VirtualService ignored inside the cluster',
      'mesh gateway missing',
      'intra-cluster access',
      'gateways mesh',
    ],
  ],
  // VirtualService Does Not Take Effect: hosts of the gateway
  [
    ['match-gateway-hosts'],
    [
      '404 Not Found gateway',
      '404 from the ingress gateway',
      'gateway hosts',
      'hosts do not match',
      'ingress gateway 404',
    ],
  ],
  // Inappropriate VirtualService Route Matching Order
  [
    ['reorder-prefixes'],
    [
      'route matching order',
      'matching order',
      'route order',
      'longest prefix',
      'prefix match',
      'prefixes',
      'wrong service',
      'never matched',
      'IST0130',
    ],
  ],
  // Failed to Access an Ingress Gateway from the Public Network
  [
    ['expose-gateway'],
    [
      'NodePort',
      'security group',
      'CLB',
      'public network',
      'ingress gateway not reachable from the public network',
      'CLB-to-pod direct access',
      'direct access',
      'VPC-CNI',
      '30000-32768',
    ],
  ],
  // Parsing Fails After Smart DNS Is Enabled
  [
    ['native-dns'],
    [
      'smart DNS',
      'DNS',
      'DNS resolution fails',
      'alpine',
      'musl',
      'musl libc',
      'glibc',
      'c-ares',
      'cares',
      'gRPC',
      'gRPC DNS',
      'GRPC_DNS_RESOLVER',
      'ISTIO_META_DNS_CAPTURE',
    ],
  ],
  // Locality Load Balancing Does Not Take Effect
  [
    ['locality-failover'],
    [
      'locality load balancing',
      'localityLbSetting',
      'outlierDetection',
      'outlier detection',
      'failover',
      'zone',
      'region',
      'consecutive5xxErrors',
      'locality does not take effect',
    ],
  ],
  // Client Status Code 426 "Upgrade Required" Is Returned
  [
    ['support-http10'],
    [
      '426',
      'HTTP/1.1 426 Upgrade Required',
      'Upgrade Required',
      'upgrade required 426',
      'HTTP/1.0',
      'http 1.0',
      'HTTP10',
      'nginx',
      'proxy_pass',
      'proxy_http_version',
      'ab',
      'ab stress test',
      'stress tests',
      'PILOT_HTTP10',
    ],
  ],
  // Sidecars Are Not Automatically Injected
  [
    ['inject-sidecars'],
    [
      'istio-injection',
      'istio-injection=enabled',
      'istio.io/rev',
      'istio.io/rev=1-8-1',
      'sidecar not injected',
      'sidecars are not injected',
      'auto-injection',
      'automatic injection',
      'namespace label',
      'kubectl label namespace xxx istio-injection=enabled',
      'canary upgrade',
      'revision',
      'no sidecar',
    ],
  ],
  // Circuit Breaking Does Not Take Effect
  [
    ['strict-circuit-breaking'],
    [
      'circuit breaking',
      'circuit breaker',
      'circuit breakers do not open',
      'http1MaxPendingRequests',
      'http1 max pending requests',
      'maxConnections',
      'connection pool',
      'connectionPool',
      'low QPS',
      '503',
      'UO',
      'requests are queued',
    ],
  ],
  // 404 Is Returned During Access to a StatefulSet's Pod IP Address
  [
    ['headless-passthrough'],
    ['StatefulSet', 'StatefulSet 404', 'pod IP', 'pod IP address 404', "404 StatefulSet's pod IP", 'headless 404'],
  ],
  [['headless-passthrough', 'match-gateway-hosts'], ['404']],
  // Service Is Abnormal Due to a Retry Policy
  [
    ['disable-retries'],
    [
      'retry',
      'retries',
      'retried',
      'retry policy',
      'idempotent',
      'not idempotent',
      'connect-failure',
      'refused-stream',
      'retriable-status-codes',
      'cancelled',
      'duplicate requests',
      'requests are repeated',
      'booked twice',
    ],
  ],
  // Incomplete Call Tracing Information
  [
    ['keep-trace-headers'],
    [
      'incomplete tracing',
      'incomplete traces',
      'tracing',
      'trace',
      'call tracing information incomplete',
      'x-b3-traceid',
      'traceparent',
      'x-request-id',
      'Jaeger',
      'Zipkin',
      'span',
    ],
  ],
  // Beyond the FAQ
  [
    ['modernize-envoy-filters'],
    [
      'EnvoyFilter has no effect',
      'envoy.http_connection_manager',
      'deprecated filter name',
      'EnvoyFilter v2',
      'IST0152',
    ],
  ],
];

const asking = suite('questions of the FAQ');

asking('every remedy that solves a page of the FAQ is asked for', () => {
  const asked = new Set(questions.flatMap(([expected]) => expected));
  assert.equal(
    catalogue.filter(({ id, faq }) => faq.length > 0 && !asked.has(id)).map(({ id }) => id),
    [],
  );
});

for (const [expected, asked] of questions) {
  for (const question of asked)
    asking(question, () => {
      for (const variant of [question, question.toUpperCase(), question.toLowerCase()]) {
        const found = explain([variant])?.pages.map(({ id }) => id) ?? [];
        for (const id of expected)
          assert.ok(found.includes(id), `"${variant}" gives ${found.join(', ') || 'nothing'}, not ${id}`);
      }
    });
}

asking('every symptom of every remedy leads to it', () => {
  for (const { id, symptoms } of catalogue)
    for (const symptom of symptoms) {
      const answer = explain([symptom]);
      const found = [...(answer?.pages ?? []), ...(answer?.related ?? [])].map((remedy) => remedy.id);
      assert.ok(found.includes(id), `"${symptom}" gives ${found.join(', ') || 'nothing'}, not ${id}`);
    }
});

asking('every title, of a remedy and of the FAQ, leads to its page', () => {
  for (const { id, title, faq } of catalogue)
    for (const question of [id, `--${id}`, id.replace(/-/g, ' '), id.toUpperCase(), title, ...faq])
      assert.ok(
        explain([question])?.pages.some((remedy) => remedy.id === id),
        question,
      );
});

asking.run();

/** A remedy that says nothing but this. */
function page(id: string, symptoms: readonly string[], words = ''): CatalogueEntry {
  return {
    id,
    title: `About ${id}`,
    summary: '',
    faq: [],
    source: 'https://istio.io/',
    symptoms,
    symptom: words,
    cause: '',
    change: '',
    versions: '',
    caution: '',
    check: '',
    findings: {},
    faults: defineFaults({}),
    parameters: {},
  };
}

const finding = suite('finding');

/** Ids of the pages, and of those named beside them. */
function answer(all: readonly CatalogueEntry[], ...asked: string[]): [pages: string[], related: string[]] | undefined {
  const found = explain(asked, all);
  return found && [found.pages.map(({ id }) => id), found.related.map(({ id }) => id)];
}

finding('codes count as a whole, flags in any order', () => {
  const all = [page('limit', ['431']), page('flags', ['UF,URX']), page('retry', ['URX']), page('ab', ['ab'])];
  assert.equal(answer(all, '431'), [['limit'], []]);
  for (const other of ['43', '4310', '4 31', 'a b']) assert.is(answer(all, other), undefined, other);
  for (const flags of ['UF,URX', 'URX,UF', 'uf, urx', 'UF|URX', 'flags: URX and UF'])
    assert.equal(answer(all, flags)?.[0], ['flags'], flags);
  assert.equal(answer(all, 'URX')?.[0], ['retry']);
});

finding('one clear winner is alone, equals come together, and the rest is named', () => {
  const all = ['a', 'b', 'c', 'd', 'e'].map((id) => page(`on-${id}`, ['503', `only ${id}x`]));
  assert.equal(answer(all, '503'), [
    ['on-a', 'on-b', 'on-c'],
    ['on-d', 'on-e'],
  ]);
  assert.equal(answer(all, 'only cx')?.[0], ['on-c']);
});

finding('several words are one question, ids are pages', () => {
  const all = [page('raise-limit', ['headers too large']), page('keep-case', ['header', 'lowercase'])];
  assert.equal(answer(all, 'headers', 'too', 'large')?.[0], ['raise-limit']);
  assert.equal(answer(all, 'header')?.[0], ['keep-case']);
  assert.equal(answer(all, 'keep-case', 'raise-limit'), [['keep-case', 'raise-limit'], []]);
  assert.equal(answer(all, 'Keep', 'Case'), [['keep-case'], []]);
});

finding('words that stand only in the text count where no symptom is named', () => {
  const all = [page('one', ['1111'], 'a payment is booked twice'), page('two', ['2222'], 'a payment')];
  assert.equal(answer(all, 'payment booked twice'), undefined);
  assert.equal(answer([page('one', ['booked'], '')], 'payment booked twice')?.[0], ['one']);
});

finding('nothing found: what is nearest', () => {
  const all = [page('keep-case', ['lowercase', '426']), page('limit', ['431'])];
  assert.is(nearestSymptoms(['43'], all), 'known codes: 426, 431');
  assert.is(nearestSymptoms(['lowrcase'], all), 'did you mean lowercase?');
  assert.is(nearestSymptoms(['qqqqqqqqqqqq'], all), 'meshmend explain, without a question, lists all symptoms');
  for (const odd of ['', '   ', '-', '"', '\u0000', '💥', '*', '\\', '(', '__proto__', 'constructor'])
    assert.is(explain([odd], all), undefined, odd);
});

finding('forms of a word are one, other words are others', () => {
  for (const forms of [
    'retry retries retried retrying',
    'crash crashes crashed crashing',
    'header headers',
    'cancel cancels cancelled canceled cancelling',
    'inject injected injection injecting',
    'prefix prefixes',
    'resolve resolves resolved resolving',
    'balance balanced balancing',
    'queue queues queued queuing',
    'fail fails failed failing failure',
    'configure configures configured',
    'proxy proxies',
    'trace traces traced tracing',
    'class classes',
    'access accesses accessed',
    'service services',
    'setting settings',
  ]) {
    const stems = new Set(forms.split(' ').map(stem));
    assert.is(stems.size, 1, `${forms}: ${[...stems].join(', ')}`);
  }
  const others =
    'server service head header port pod pool policy queue query route router probe prune region revision mesh mess';
  assert.is(new Set(others.split(' ').map(stem)).size, others.split(' ').length);
  for (const word of ['ares', '503', '1.9.2', 'dns', 'status', 'redis', 'tls']) assert.is(stem(word), word);
});

finding('a long question takes time in proportion to its words, of which no more than the first 2000 count', () => {
  const line = 'time="2021-04-13T02:08:07Z" level=info msg="-A ISTIO_INBOUND -p tcp --dport 15090 -j RETURN" ';
  const ratio = growth(16, (lines) => {
    const log = line.repeat(lines);
    return () => explain([log]);
  });
  assert.ok(ratio < 8, `${ratio} times for four times as many words`);
  const log = line.repeat(150);
  assert.is.not(explain([`431 ${log}`])?.pages[0], explain([log])?.pages[0]);
  assert.is(explain([`${log} 431`])?.pages[0], explain([log])?.pages[0]);
});

finding.run();

const printing = suite('printing');

printing('text keeps to the width, and has all that a page tells', () => {
  for (const remedy of catalogue) {
    const text = answerText({ pages: [remedy], related: catalogue.filter((other) => other !== remedy) }, false);
    for (const line of text.split('\n'))
      assert.ok(line.length <= 100 || line.includes('https://') || !/ .* .* /.test(line), line);
    const flat = text.replace(/\s+/g, ' ');
    const { id, title, source, faq, symptom, cause, change, versions, caution, check, findings } = remedy;
    for (const part of [
      title,
      source,
      ...faq,
      `--${id}`,
      symptom,
      cause,
      change,
      versions,
      caution,
      check,
      ...Object.values(findings),
    ])
      assert.ok(flat.includes(part), part);
    assert.not.match(text, '\u001b');
    assert.match(answerText({ pages: [remedy], related: [] }, true), `\u001b[1m${remedy.id}\u001b[0m`);
  }
});

printing('the list of symptoms has every one', () => {
  const text = symptomsText(catalogue, false).replace(/\s+/g, ' ');
  const table = symptomsMarkdown(catalogue);
  for (const { id, symptoms } of catalogue)
    for (const symptom of [id, ...symptoms]) {
      assert.ok(text.includes(symptom), symptom);
      assert.ok(table.includes(`\`${symptom.replace(/\|/g, '\\|')}\``), symptom);
    }
});

printing('Markdown: the same chapters as the catalogue', () => {
  const [first, second] = catalogue as [CatalogueEntry, CatalogueEntry];
  const text = answerMarkdown({ pages: [first], related: [second] });
  assert.ok(text.startsWith(remediesMarkdown([first])));
  assert.ok(text.endsWith(`\nSee also:\n\n- \`${second.id}\`: ${second.title}\n`));
  const bare = remediesMarkdown([page('bare', ['x'])]);
  assert.not.match(bare, '| parameter |');
});

printing('lines break between words, not inside code', () => {
  assert.equal(wrap('one two three', 7), ['one two', 'three']);
  assert.equal(wrap('see `a b c` there', 9), ['see', '`a b c`', 'there']);
  assert.equal(wrap('`a b c d e f`', 5), ['`a b', 'c d e', 'f`']);
  assert.equal(wrap('an odd ` mark', 20), ['an odd ` mark']);
  assert.equal(wrap('', 5), ['']);
});

printing.run();

const command = suite('explain');

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function meshmend(...args: string[]): { code: number | null; out: string; err: string } {
  const run = [process.execPath, '--import', 'tsx', main, 'explain', ...args] as const;
  const { status, stdout, stderr } = spawnSync(run[0], run.slice(1), { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

command('a page on stdout, in each format', () => {
  const text = meshmend('HTTP/1.1', '426', 'Upgrade', 'Required');
  assert.is(text.code, 0);
  assert.is(text.err, '');
  assert.match(text.out, /^support-http10: HTTP\/1\.0 requests get 426 Upgrade Required\n\n {2}Symptom {3}/);
  assert.match(text.out, '\n  Command   meshmend rewrite PATH… --support-http10 --diff\n');
  const [json] = JSON.parse(meshmend('426', '--format', 'json').out);
  assert.equal(Object.keys(json), [
    'id',
    'title',
    'summary',
    'faq',
    'source',
    'symptoms',
    'symptom',
    'cause',
    'change',
    'versions',
    'caution',
    'check',
    'findings',
    'parameters',
  ]);
  assert.match(meshmend('426', '--format=markdown').out, /^## `support-http10`\n\n[^\n]+\n\n\*\*Symptom\.\*\* /);
});

command('no question lists all', () => {
  assert.match(meshmend().out, /^support-http10: .*\n {2}426, /m);
  assert.is(JSON.parse(meshmend('--format', 'json').out).length, catalogue.length);
  assert.match(meshmend('--format', 'markdown').out, /^\| symptoms \| remedy \|\n/);
});

command('nothing found, or a format that is none', () => {
  const nothing = meshmend('43');
  assert.is(nothing.code, 2);
  assert.is(nothing.out, '');
  assert.match(nothing.err, /^no entry for "43"\nhint: known codes: (\d+, )*426, /);
  const format = meshmend('426', '--format', 'xml');
  assert.is(format.code, 2);
  assert.match(format.err, '--format must be text, json or markdown, not xml');
});

command('the code of a finding finds its page, which explains it', () => {
  const { code, out } = meshmend('disable-retries/default-retries');
  assert.is(code, 0);
  assert.match(out, /^disable-retries: /);
  assert.match(out, '\n  Findings  disable-retries/default-retries: ');
  assert.match(remediesMarkdown(catalogue), '\n**Findings.**\n\n- `disable-retries/default-retries`: ');
});

command('a slip of an id finds its page, and plain words stay plain words', () => {
  const first = (...asked: string[]): string | undefined => explain(asked)?.pages[0]?.id;
  assert.is(first('disable-retires'), 'disable-retries');
  assert.is(first('match-gateway-host'), 'match-gateway-hosts');
  assert.is(first('reach-msh'), 'reach-mesh');
  assert.is(first('lower-case'), 'preserve-header-case');
  assert.is(first('reset reason: overflow'), 'strict-circuit-breaking');
  assert.not.match(nearestSymptoms(['429']), '8192');
});

command.run();
