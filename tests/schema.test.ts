// What the golden cases and examples come to passes Istio's own schemas, unless their input did not either.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isObject, type Json, type JsonObject } from '../src/manifest/node.ts';
import { readDocuments } from '../src/manifest/read.ts';

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
function resourcesIn(path: string): JsonObject[] {
  const text = readFileSync(path, 'utf8');
  const flat = (value: Json): JsonObject[] => {
    if (!isObject(value)) return [];
    return Array.isArray(value['items']) ? value['items'].flatMap(flat) : [value];
  };
  return readDocuments({ path, text }).flatMap(({ value }) => flat(value));
}

function identityOf({ kind, metadata }: JsonObject): string {
  const { namespace = '', name = '' } = isObject(metadata) ? metadata : {};
  return `${kind} ${namespace}/${name}`;
}

const pairs = [
  ...foldersBelow('tests/remedies').flatMap((remedy) =>
    foldersBelow(remedy).map((folder) => {
      const input = readdirSync(folder).find((file) => file.startsWith('input.'));
      return { name: folder, before: `${folder}/${input}`, after: `${folder}/expected.yaml` };
    }),
  ),
  ...foldersBelow('examples').map((folder) => ({
    name: folder,
    before: `${folder}/before.yaml`,
    after: `${folder}/after.yaml`,
  })),
].filter(({ after }) => existsSync(after));

function foldersBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${folder}/${name}`);
}

const schema = suite("Istio's schemas");
let held = 0;

for (const { name, before, after } of pairs) {
  schema(name, () => {
    const inputs = new Map(resourcesIn(before).map((resource) => [identityOf(resource), resource]));
    for (const resource of resourcesIn(after)) {
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
