import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json } from '../src/manifest/node.ts';
import { readDocuments } from '../src/manifest/read.ts';
import { type Mesh, meshOf } from '../src/mesh/mesh.ts';
import { resourcesOf } from '../src/mesh/resource.ts';
import { isGoTrue, istiodEnv, setEnv } from '../src/mesh/surface/env.ts';
import { meshConfigOf, setMeshConfig } from '../src/mesh/surface/mesh-config.ts';
import { surfacesOf } from '../src/mesh/surface/surface.ts';
import { operationsToSet } from '../src/operations.ts';
import { applyOperations, patchText } from '../src/patch.ts';
import { envSteps, meshConfigSteps } from '../src/remedies/mechanisms/mesh-setting.ts';
import type { Patch, Step } from '../src/step.ts';

const surfaces = suite('install surfaces');
const version = { minor: 27 };

function meshFrom(...documents: readonly string[]): Mesh {
  return meshOf(readDocuments({ path: 'mesh.yaml', text: documents.join('\n---\n') }).flatMap(resourcesOf));
}

function patchOf(step: Step): Patch | undefined {
  return step.outcome === 'change' ? step.patch : undefined;
}

/** The mesh after one patch; text inside text included. */
function patched(mesh: Mesh, patches: readonly (Patch | undefined)[]): Mesh {
  const resources = mesh.resources.map((resource) => {
    let { value } = resource;
    for (const patch of patches) {
      if (patch?.resource !== resource) continue;
      const { within, operations } = patch;
      if (within === undefined) value = applyOperations(value, operations) as typeof value;
      else {
        const keys = within.slice(1).split('/');
        const last = keys.pop()!;
        const copy = structuredClone(value);
        const holder = keys.reduce<Json>((found, key) => (found as Record<string, Json>)[key]!, copy) as Record<
          string,
          Json
        >;
        holder[last] = patchText(String(holder[last] ?? ''), operations);
        value = copy;
      }
    }
    return { ...resource, value };
  });
  return meshOf(resources, mesh.values);
}

const argo = (helm: string): string =>
  `{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: istiod}, spec: {source: {chart: istiod, helm: ${helm}}}}`;
const operator = (spec: string): string =>
  `{apiVersion: install.istio.io/v1alpha1, kind: IstioOperator, metadata: {name: o, namespace: istio-system}, spec: ${spec}}`;
const sail = (spec: string): string =>
  `{apiVersion: sailoperator.io/v1, kind: Istio, metadata: {name: default}, spec: ${spec}}`;
const flux = (spec: string): string =>
  `{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: istiod}, spec: {chart: {spec: {chart: istiod}}, ${spec}}}`;
const deployment = (env: string): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: istiod, namespace: istio-system}, spec: {template: {spec: {containers: [{name: log}, {name: discovery, ${env}}]}}}}`;

const envs: Readonly<Record<string, string>> = {
  'Deployment without env': deployment('image: pilot'),
  'Deployment with null env': deployment('env: null'),
  'Deployment with another value': deployment('env: [{name: PILOT_HTTP10, value: "false"}, {name: PILOT_HTTP10}]'),
  'Deployment with a number': deployment('env: [{name: PILOT_HTTP10, value: 1}]'),
  'Deployment with valueFrom': deployment('env: [{name: PILOT_HTTP10, valueFrom: {fieldRef: {fieldPath: a}}}]'),
  'IstioOperator, empty spec': operator('{}'),
  'IstioOperator, list': operator('{components: {pilot: {k8s: {env: []}}}}'),
  'IstioOperator, list wins': operator(
    '{components: {pilot: {k8s: {env: [{name: PILOT_HTTP10, value: "no"}]}}}, values: {pilot: {env: {PILOT_HTTP10: "true"}}}}',
  ),
  'Sail, null values': sail('{values: null}'),
  'Sail, boolean': sail('{values: {pilot: {env: {PILOT_HTTP10: true}}}}'),
  'Flux, no values': flux('interval: 1m'),
  'Argo CD, nothing': argo('{}'),
  'Argo CD, empty text': argo('{values: ""}'),
  'Argo CD, text': argo('{values: "pilot:\\n  cpu: 1\\n"}'),
  'Argo CD, object beside text': argo('{values: "a: 1", valuesObject: {b: 2}}'),
  'Argo CD, parameter': argo('{parameters: [{name: pilot.env.PILOT_HTTP10, value: "0"}]}'),
};

for (const [what, manifest] of Object.entries(envs)) {
  surfaces(`env: ${what}`, () => {
    const mesh = meshFrom(manifest);
    const plan = { version, surface: 'deployment', effect: 'effect' } as const;
    const setting = { name: 'PILOT_HTTP10', value: 'true', means: isGoTrue };
    const steps = envSteps(mesh, setting, plan);
    assert.equal(
      steps.map(({ outcome }) => outcome),
      ['change'],
    );
    const after = patched(mesh, steps.map(patchOf));
    assert.is(istiodEnv(after, 'PILOT_HTTP10', version), 'true');
    assert.equal(envSteps(after, setting, plan), [], 'a second run plans nothing');
  });
}

const path = ['defaultConfig', 'proxyHeaders', 'preserveHttp1HeaderCase'];
const configMap = (text: string): string =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data: {mesh: ${JSON.stringify(text)}}}`;

const configs: Readonly<Record<string, string>> = {
  'ConfigMap, empty text': configMap(''),
  'ConfigMap, comment only': configMap('# nothing yet\n'),
  'ConfigMap, flow': configMap('{defaultConfig: {concurrency: 2}}'),
  'ConfigMap, null parent': configMap('defaultConfig:\nrootNamespace: istio-system\n'),
  'IstioOperator, values win': operator(
    '{meshConfig: {defaultConfig: {proxyHeaders: {preserveHttp1HeaderCase: true}}}, values: {meshConfig: {defaultConfig: {proxyHeaders: {preserveHttp1HeaderCase: false}}}}}',
  ),
  'IstioOperator, nothing': operator('{profile: default}'),
  Sail: sail('{values: {meshConfig: {defaultConfig: null}}}'),
  Flux: flux('values: {}'),
  'Argo CD, text': argo('{values: "meshConfig:\\n  accessLogFile: /dev/stdout\\n"}'),
  'Argo CD, parameter': argo(
    '{parameters: [{name: meshConfig.defaultConfig.proxyHeaders.preserveHttp1HeaderCase, value: "false"}]}',
  ),
};

for (const [what, manifest] of Object.entries(configs)) {
  surfaces(`mesh config: ${what}`, () => {
    const mesh = meshFrom(manifest);
    const plan = { version, surface: 'deployment', effect: 'effect' } as const;
    const steps = meshConfigSteps(mesh, path, true, plan);
    assert.equal(
      steps.map(({ outcome }) => outcome),
      ['change'],
    );
    const after = patched(mesh, steps.map(patchOf));
    const config = meshConfigOf(after) as { defaultConfig: { proxyHeaders: Json } };
    assert.equal(config.defaultConfig.proxyHeaders, { preserveHttp1HeaderCase: true });
    assert.equal(meshConfigSteps(after, path, true, plan), [], 'a second run plans nothing');
  });
}

surfaces('what renders a resource is edited instead of it, for its own revision', () => {
  const canary =
    '{apiVersion: apps/v1, kind: Deployment, metadata: {name: istiod-canary, namespace: istio-system}, spec: {template: {spec: {containers: [{name: discovery}]}}}}';
  const found = surfacesOf(meshFrom(deployment('image: pilot'), canary, flux('values: {}')));
  assert.equal(
    found.map(({ form, revision }) => [form, revision]),
    [
      ['flux', ''],
      ['deployment', 'canary'],
    ],
  );
});

surfaces('a gateway-only IstioOperator is not a surface', () => {
  assert.equal(surfacesOf(meshFrom(operator('{profile: empty}'))), []);
  assert.equal(surfacesOf(meshFrom(operator('{components: {pilot: {enabled: false}}}'))), []);
});

surfaces('a text that is not a mapping is left alone, and the reason reported', () => {
  const [surface] = surfacesOf(meshFrom(configMap('- a list')));
  const setting = setMeshConfig(surface!, path, true);
  assert.is(setting.outcome, 'cannot');
  const list = deployment('env: {PILOT_HTTP10: "true"}');
  const [odd] = surfacesOf(meshFrom(list));
  assert.is(setEnv(odd!, 'PILOT_HTTP10', 'true', version).outcome, 'cannot');
});

surfaces('an object is set key by key', () => {
  const root = { defaultHttpRetryPolicy: { attempts: 3, perTryTimeout: '2s' }, other: 1 };
  const setting = operationsToSet(root, ['defaultHttpRetryPolicy'], { attempts: 0 });
  assert.equal(setting.outcome === 'change' && setting.operations, [
    { op: 'remove', path: '/defaultHttpRetryPolicy/perTryTimeout' },
    { op: 'replace', path: '/defaultHttpRetryPolicy/attempts', value: 0 },
  ]);
});

surfaces.run();
