import { type Config, intentsOf } from '../config/config.ts';
import type { Mode } from './plan.ts';
import type { Request } from './remediate.ts';

/** What a config asks of the pipeline. */
export function requestFrom(config: Config, mode: Mode): Request {
  const { istioVersion, istioVersionSource, severities } = config;
  return {
    mode,
    intents: intentsOf(config),
    ...(istioVersion && { istioVersion }),
    ...(istioVersionSource !== undefined && { istioVersionSource }),
    ...(severities && { severities }),
  };
}
