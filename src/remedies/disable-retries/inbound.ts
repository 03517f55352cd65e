import type { JsonObject } from '../../manifest/node.ts';
import { inboundRetrySwitch, inboundRetryVariable, retriesInbound } from '../../mesh/retry-policy.ts';
import { facts, firstWithout } from '../../mesh/since.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import { keep, refuse, type Step } from '../../step.ts';
import { envSteps, meshConfigSteps, settingsInInput } from '../mechanisms/mesh-setting.ts';
import type { Target } from '../remedy.ts';
import type { RetryParameters } from './parameters.ts';

type RetryTarget = Target<RetryParameters>;

const field = 'defaultInboundHttpRetryPolicy';
const off = { attempts: 0 };

/** What becomes of the retries that sidecars make of requests to their own application. */
export function switchOffInbound(target: RetryTarget): Step | Step[] {
  const { version, parameters } = target;
  const place = inboundRetrySwitch(version);
  if (place === 'none')
    return parameters.inbound === 'keep' ? keep(noSwitch(version)) : refuse(noSwitch(version), { severity: 'error' });
  if (parameters.inbound === 'keep') return keep('`scope: mesh` with `inbound: disable` switches them off');
  if (parameters.scope === 'routes')
    return refuse('Routes do not control them. Use `scope: mesh`', { severity: 'error' });
  return place === 'environment' ? byEnvironment(target) : byMeshConfig(target);
}

function noSwitch(version: Version): string {
  return `Istio ${formatVersion(version)} cannot switch them off: \`${inboundRetryVariable}\` is gone since ${firstWithout(inboundRetryVariable)}, and \`${field}\` comes with ${facts[field].since}`;
}

function byEnvironment({ mesh, version, parameters: { surface } }: RetryTarget): Step | Step[] {
  const known = settingsInInput(mesh, surface);
  if (!known.env && !known.meshConfig)
    return refuse(
      `Add an install resource of Istio to the PATHs, so that \`${inboundRetryVariable}\` can be set there`,
      { severity: 'error' },
    );
  const effect = 'istiod restarts, proxies need not';
  return envSteps(mesh, { name: inboundRetryVariable, value: 'false' }, { version, surface, effect });
}

function byMeshConfig({ mesh, version, parameters: { surface } }: RetryTarget): Step | Step[] {
  if (!settingsInInput(mesh, surface).meshConfig)
    return { outcome: 'change', fix: `set \`${field}: {"attempts":0}\` beside \`defaultHttpRetryPolicy\`` };
  const effect = 'istiod gives it to running proxies without a restart';
  return meshConfigSteps(mesh, [field], off, { version, surface, effect });
}

/** What an emitted mesh config must set beside the policy for outbound requests. */
export function emittedBeside({ mesh, version, parameters }: RetryTarget): JsonObject {
  const isWanted = parameters.inbound === 'disable' && inboundRetrySwitch(version) === 'mesh-config';
  return isWanted && retriesInbound(mesh, version) ? { [field]: off } : {};
}
