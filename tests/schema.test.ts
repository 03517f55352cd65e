// What the golden cases and examples come to passes Istio's own schemas, unless their input did not either.
import { createRequire } from 'node:module';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isObject, type Json, type JsonObject } from '../src/manifest/node.ts';
import { readDocuments } from '../src/manifest/read.ts';
import { remedies } from '../src/remedies/index.ts';
import { casesOf, expectedOf } from './golden-cases.ts';

// The package has CommonJS and bundler builds, and no `exports`, so Node cannot import its classes by name.
const load = createRequire(import.meta.url);

interface Model {
  /** Throws where the object breaks the schema. */
  validate(): void;
}
type ModelClass = new (data: JsonObject) => Model;

/** The schemas' version; v1 has those of v1beta1, which is one API under two names. */
const schemaVersions: Readonly<Record<string, string>> = {
  'networking.istio.io/v1': 'networking.istio.io/v1beta1',
  'security.istio.io/v1': 'security.istio.io/v1beta1',
};

/** The class of Istio's schema for a resource; undefined when it is not Istio's, or the package has none. */
function modelOf({ apiVersion, kind }: JsonObject): ModelClass | undefined {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !/^\w+\.istio\.io\//.test(apiVersion)) return;
  const version = schemaVersions[apiVersion] ?? apiVersion;
  try {
    return load(`@kubernetes-models/istio/${version}/${kind}`)[kind];
  } catch {
    return undefined;
  }
}

/** Why a resource breaks its schema; undefined when it keeps it. */
function faultOf(resource: JsonObject, Model: ModelClass): string | undefined {
  const { apiVersion: _, ...data } = resource;
  try {
    new Model(data).validate();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** All resources of a text, those in lists too. */
function resourcesIn(text: string): JsonObject[] {
  const flat = (value: Json): JsonObject[] => {
    if (!isObject(value)) return [];
    return Array.isArray(value['items']) ? value['items'].flatMap(flat) : [value];
  };
  return readDocuments({ path: 'input.yaml', text }).flatMap(({ value }) => flat(value));
}

function identityOf({ kind, metadata }: JsonObject): string {
  const { namespace = '', name = '' } = isObject(metadata) ? metadata : {};
  return `${kind} ${namespace}/${name}`;
}

const schema = suite("Istio's schemas");
let held = 0;

for (const each of remedies.flatMap(({ id }) => casesOf(id))) {
  schema(`${each.remedy}/${each.name}`, () => {
    const inputs = new Map(resourcesIn(each.input).map((resource) => [identityOf(resource), resource]));
    for (const resource of resourcesIn(expectedOf(each))) {
      const Model = modelOf(resource);
      if (!Model) continue;
      const input = inputs.get(identityOf(resource));
      if (input && faultOf(input, Model) !== undefined) continue;
      held++;
      assert.is(faultOf(resource, Model), undefined, identityOf(resource));
    }
  });
}

schema('the schemas can fail', () => {
  const route = { route: [{ destination: { host: 'a' } }], retries: { attempts: '0' } };
  const broken: JsonObject[] = [
    { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', spec: { hosts: ['a'], http: [route] } },
    {
      apiVersion: 'networking.istio.io/v1beta1',
      kind: 'DestinationRule',
      spec: { host: 'a', trafficPolicy: { connectionPool: { http: { http1MaxPendingRequests: 'x' } } } },
    },
    {
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'EnvoyFilter',
      spec: { configPatches: [{ applyTo: 'NOTHING' }] },
    },
  ];
  for (const resource of broken) {
    const Model = modelOf(resource);
    assert.ok(Model, `${resource['kind']} has a schema`);
    assert.type(faultOf(resource, Model), 'string', `${resource['kind']} is refused`);
  }
});

schema('many resources are held against them', () => {
  assert.ok(held > 150, `${held} are`);
});

schema.run();
