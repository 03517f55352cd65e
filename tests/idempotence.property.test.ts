// A second run changes nothing: every intent alone and with every other, over the input of every golden case, at versions
// between which remedies choose other forms. `npm test` takes every 251st of these runs, chosen by a fixed stride;
// `IDEMPOTENCE_STRIDE=1` takes all 700,000 (a quarter of an hour).
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { configFromFlags, intentsOf } from '../src/config/config.ts';
import { parseVersion } from '../src/mesh/version.ts';
import { remedies } from '../src/remedies/index.ts';
import { type InputFile, type Remediation, remediate } from '../src/run/remediate.ts';
import { casesOf } from './golden-cases.ts';

const stride = Number(process.env['IDEMPOTENCE_STRIDE'] ?? 251);
const versions = ['1.6', '1.8', '1.11', '1.18', '1.24', '1.27', '1.32'];
// The two runs that did not settle once, whole: the label without quotes, and the annotation in an ambient namespace.
const oncePending = [
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: unquoted, namespace: joined}
spec:
  template:
    metadata: {labels: {app: unquoted, sidecar.istio.io/inject: false}}
    spec: {containers: [{name: c, image: c}]}
`,
  `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: shop}
spec:
  template:
    metadata:
      labels: {app: a}
      annotations: {sidecar.istio.io/inject: enabled}
    spec: {containers: [{name: c, image: c}]}
`,
];

const ids = remedies.map(({ id }) => id).filter((id) => id !== 'grant-cluster-access'); // which needs accounts
const alone = ids.map((id) => [id]);
const pairs = ids.flatMap((one, index) => ids.slice(index + 1).map((other) => [one, other]));
const intentSets = [...alone, ...pairs].map((intents) => ({
  name: intents.join(' + '),
  intents: intentsOf(configFromFlags({ intents, set: [], istioVersion: undefined })),
}));

/** What a run leaves: the files, and one more with what it adds. */
function filesOf({ files, emitted }: Remediation): InputFile[] {
  const left = files.map(({ file, text }) => ({ path: file.path, text, named: true }));
  if (emitted.length === 0) return left;
  const text = emitted.map((each) => each.text).join('---\n');
  return [...left, { path: 'meshmend-resources.yaml', text, named: true }];
}

function settles(input: string, version: string, { name, intents }: (typeof intentSets)[number], what: string): void {
  const request = { mode: 'rewrite', intents, istioVersion: parseVersion(version)! } as const;
  const once = filesOf(remediate([{ path: 'input.yaml', text: input, named: true }], request));
  const twice = filesOf(remediate(once, request));
  const textOf = (files: readonly InputFile[]): string => files.map(({ text }) => text).join('---\n');
  assert.is(textOf(twice), textOf(once), `${name} of Istio ${version} on ${what}`);
}

const idempotence = suite('a second run changes nothing');

idempotence('where it once did', () => {
  for (const input of oncePending)
    for (const version of versions) for (const set of intentSets) settles(input, version, set, input);
});

idempotence('over golden inputs, intents, pairs of intents and versions', () => {
  let count = 0;
  for (const { input, remedy, name } of remedies.flatMap(({ id }) => casesOf(id)))
    for (const version of versions)
      for (const set of intentSets) if (count++ % stride === 0) settles(input, version, set, `${remedy}/${name}`);
});

idempotence.run();
