import { type ExitCode, MeshmendCommand, runCommand } from '../command/frontend.ts';
import { configApiVersion, configKind, configModes } from '../config/config.ts';
import { durationPattern } from '../config/parameter-values.ts';
import { chartFields, environmentFields, excludeParameter, severityLevels } from '../config/repository.ts';
import type { JsonObject } from '../manifest/node.ts';
import { type CatalogueEntry, catalogue } from '../remedies/catalogue.ts';
import type { Parameter, Parameters } from '../remedies/parameter.ts';
import { selectableNames } from '../run/codes.ts';

class SchemaCommand extends MeshmendCommand {
  static override paths = [['schema']];
  static override usage = {};

  async run(): Promise<ExitCode> {
    process.stdout.write(`${JSON.stringify(configSchema(catalogue), undefined, 2)}\n`);
    return 0;
  }
}

/**
 * The JSON Schema of MeshRemedies, made from the remedies' declarations.
 *
 * @see https://json-schema.org/draft/2020-12
 */
export function configSchema(all: readonly Pick<CatalogueEntry, 'id' | 'summary' | 'parameters'>[]): JsonObject {
  const intents = all.map(({ id, summary, parameters }): [string, JsonObject] => [
    id,
    { ...objectSchema(parameters), type: ['object', 'boolean', 'null'], description: summary },
  ]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: configKind,
    description: 'The intents that meshmend applies to manifests',
    type: 'object',
    required: ['apiVersion', 'kind'],
    additionalProperties: false,
    properties: {
      apiVersion: { const: configApiVersion },
      kind: { const: configKind },
      metadata: { type: 'object', description: 'as of every Kubernetes object' },
      spec: {
        type: ['object', 'null'],
        additionalProperties: false,
        properties: {
          istioVersion: versionSchema('the Istio version to write for; default: that of the manifests'),
          mode: {
            enum: [...configModes],
            default: 'rewrite',
            description: 'rewrite edits the manifests; check only reports, for a validator',
          },
          intents: {
            type: ['object', 'null'],
            additionalProperties: false,
            description: 'remedies by name, with their parameters; true and false switch them on and off',
            properties: Object.fromEntries(intents),
          },
          ...repositorySchemas(),
        },
      },
    },
  };
}

function versionSchema(description: string): JsonObject {
  return { type: 'string', pattern: '^v?1[.-][0-9]', description };
}

/** What a config says of the repository that it is in. */
function repositorySchemas(): JsonObject {
  const exclude = parameterSchema(excludeParameter);
  const { name, istioVersion } = environmentFields;
  const environment = {
    ...objectSchema({ name }, ['name', 'builds']),
    properties: {
      name: parameterSchema(name),
      builds: {
        type: 'array',
        minItems: 1,
        description: 'folders of kustomizations, as paths or globs, and charts',
        items: { anyOf: [{ type: 'string', minLength: 1 }, objectSchema(chartFields, ['chart'])] },
      },
      istioVersion: versionSchema(istioVersion.help),
    },
  };
  return {
    exclude: { ...exclude, anyOf: [...(exclude['anyOf'] as JsonObject[]), { type: 'null' }, { const: [] }] },
    severities: {
      type: ['object', 'null'],
      description: 'severities of findings by code or remedy; off reports nothing',
      propertyNames: { enum: [...selectableNames()] },
      // YAML 1.1 takes a bare off for false.
      additionalProperties: { enum: [...severityLevels, false] },
    },
    environments: {
      type: ['array', 'null'],
      description: 'builds that are deployed together; checked, but not used yet',
      items: environment,
    },
  };
}

function objectSchema(parameters: Parameters, required: readonly string[] = []): JsonObject {
  const properties = Object.entries(parameters).map(([name, parameter]) => [name, parameterSchema(parameter)]);
  return {
    type: 'object',
    additionalProperties: false,
    ...(required.length > 0 && { required: [...required] }),
    properties: Object.fromEntries(properties),
  };
}

function parameterSchema(parameter: Parameter): JsonObject {
  const { help: description } = parameter;
  const initial = 'default' in parameter ? parameter.default : undefined;
  return {
    description,
    ...shapeOf(parameter),
    ...(initial !== undefined && { default: typeof initial === 'object' ? [...initial] : initial }),
  };
}

function shapeOf(parameter: Parameter): JsonObject {
  switch (parameter.type) {
    case 'enum':
      return { enum: [...parameter.values] };
    case 'string':
      return { type: 'string', ...(parameter.pattern !== undefined && { pattern: parameter.pattern }) };
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
      return { type: 'integer', minimum: parameter.minimum, maximum: parameter.maximum };
    case 'duration':
      return { type: 'string', pattern: durationPattern.source };
    case 'strings': {
      const { maxLength } = parameter;
      const item = { type: 'string', minLength: 1, ...(maxLength !== undefined && { maxLength }) };
      return { anyOf: [item, { type: 'array', items: item, minItems: 1 }] };
    }
    case 'labels':
      return { type: 'object', additionalProperties: { type: 'string' } };
    case 'objects': {
      const { fields, required, short } = parameter;
      const object = objectSchema(fields, required);
      if (short === undefined) return { type: 'array', items: object, minItems: 1 };
      const bare = parameterSchema(fields[short] as Parameter);
      return { anyOf: [bare, { type: 'array', items: { anyOf: [bare, object] }, minItems: 1 }] };
    }
  }
}

/** The frontend `meshmend schema`. */
export function run(argv: readonly string[]): Promise<ExitCode> {
  const description = 'Prints the JSON Schema of the config (MeshRemedies), for editors.';
  return runCommand(SchemaCommand, { synopsis: 'schema', description }, argv);
}
