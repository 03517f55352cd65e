// Objects of controllers are never edited.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newestKnown } from '../src/mesh/version.ts';
import { type Remediation, remediate } from '../src/run/remediate.ts';
import { intent, streamOf } from './golden-cases.ts';

const owners = suite('owners');

function virtualService(metadata: string): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: shop
  namespace: shop
${metadata}spec:
  hosts: [shop]
  http:
    - route: [{destination: {host: shop}}]
`;
}

function reference(apiVersion: string, kind: string, controller = true): string {
  return `  ownerReferences:
    - {apiVersion: ${apiVersion}, kind: ${kind}, name: web, uid: "1", controller: ${controller}}
`;
}

function run(text: string, mode: 'rewrite' | 'diagnose', remedy = 'disable-retries'): Remediation {
  const file = { path: 'shop.yaml', text, named: true };
  return remediate([file], { mode, intents: intent(remedy, {}), istioVersion: newestKnown });
}

owners('an object of a controller is not edited; the finding names the owner and its field', () => {
  const text = virtualService(reference('flagger.app/v1beta1', 'Canary'));
  const rewritten = run(text, 'rewrite');
  assert.is(streamOf(rewritten), text);
  const found = rewritten.findings.find(({ code }) => code === 'disable-retries/default-retries');
  assert.is(found?.outcome, 'advise');
  assert.match(found?.message ?? '', /Canary web owns it.*`spec\.service`/);
  assert.is(found?.fix, undefined);
  const diagnosed = run(text, 'diagnose').findings.find(({ code }) => code === 'disable-retries/default-retries');
  assert.is(diagnosed?.outcome, 'advise');
});

owners('an unknown controller is named as well', () => {
  const text = virtualService(reference('example.com/v1', 'Site'));
  const rewritten = run(text, 'rewrite');
  assert.is(streamOf(rewritten), text);
  assert.match(rewritten.findings.map(({ message }) => message).join('\n'), 'Change Site web instead');
});

owners('an owner that is not the controller does not matter', () => {
  const text = virtualService(reference('example.com/v1', 'Site', false));
  assert.is(streamOf(run(text, 'rewrite')), `${text}      retries:\n        attempts: 0\n`);
});

owners('what only accompanies an edit is not emitted either', () => {
  const rule = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: web
  namespace: shop
${reference('flagger.app/v1beta1', 'Canary')}spec:
  host: web
  trafficPolicy: {loadBalancer: {simple: LEAST_REQUEST}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: None, selector: {app: web}, ports: [{name: http, port: 80}]}
`;
  const rewritten = run(rule, 'rewrite', 'balance-headless');
  assert.is(streamOf(rewritten), rule);
  assert.equal(rewritten.emitted, []);
});

owners('an object of Helm is edited; read from a cluster, the fix says what undoes the edit', () => {
  const labels = '  labels: {app.kubernetes.io/managed-by: Helm}\n';
  const inFile = run(virtualService(labels), 'rewrite');
  assert.not.match(inFile.findings.map(({ fix }) => fix).join('\n'), 'Helm');
  const annotations = '  annotations: {meta.helm.sh/release-name: shop}\n  uid: "1"\n';
  const inCluster = run(virtualService(labels + annotations), 'rewrite');
  assert.match(streamOf(inCluster), 'attempts: 0');
  assert.match(inCluster.findings.map(({ fix }) => fix).join('\n'), 'Helm release shop');
});

owners.run();
