// `import { diagnose, remediate } from 'meshmend'`: the pipeline, without process and files.

import type * as api from './api.ts';
import { type Config, configApiVersion, configFromValue, configKind } from './config/config.ts';
import type { Json } from './manifest/node.ts';
import { formatVersion } from './mesh/version.ts';
import { remedies } from './remedies/index.ts';
import { codeFilter } from './run/codes.ts';
import { type InputFile, type Remediation, remediate as run } from './run/remediate.ts';
import { requestFrom } from './run/request.ts';

export { InputError } from './errors.ts';

export const remediate: typeof api.remediate = (manifests, { intents, istioVersion }) => {
  const config = configFrom(intents, istioVersion);
  const remediation = run(filesOf(manifests), requestFrom(config, 'rewrite'));
  return {
    ...diagnosisOf(remediation),
    manifests: remediation.files.map(({ file: { path }, text }) => ({ path, text })),
    emitted: remediation.emitted.map(({ text }) => text),
    refused: remediation.refused,
  };
};

export const diagnose: typeof api.diagnose = (manifests, options = {}) => {
  const { istioVersion, select = [], ignore = [] } = options;
  const config = configFrom(Object.fromEntries(remedies.map(({ id }) => [id, {}])), istioVersion);
  const reports = codeFilter(select, ignore);
  return diagnosisOf(run(filesOf(manifests), { ...requestFrom(config, 'diagnose'), reports }));
};

function configFrom(intents: Readonly<Record<string, unknown>>, istioVersion: string | undefined): Config {
  const spec = { intents, ...(istioVersion !== undefined && { istioVersion }) };
  return configFromValue({ apiVersion: configApiVersion, kind: configKind, spec: spec as Json });
}

function filesOf(manifests: readonly api.Manifest[]): InputFile[] {
  return manifests.map(({ path, text }) => ({ path, text, named: true }));
}

function diagnosisOf({ version, findings }: Remediation): api.Diagnosis {
  return { istioVersion: formatVersion(version), findings };
}
