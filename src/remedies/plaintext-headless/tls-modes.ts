import { isObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import { at, stringAt } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { policyLevelsOf, portLevelFor } from '../../mesh/traffic-policy.ts';

type Path = readonly (string | number)[];

/** A TLS mode that a DestinationRule sets, and where. */
export interface TlsMode {
  readonly path: Path;
  readonly mode: string;
}

/** All TLS modes of a rule: top level, ports, subsets. */
export function tlsModesOf(rule: Resource): TlsMode[] {
  return policyLevelsOf(rule).flatMap(({ path, value }) => {
    const tls = value['tls'];
    if (!isObject(tls)) return [];
    return [{ path: [...path, 'tls'], mode: stringAt(tls, 'mode') ?? 'DISABLE' }]; // DISABLE is the enum's zero
  });
}

/** The TLS mode of connections to one port, subsets aside; a port's settings replace those above as a whole. */
export function tlsModeFor(rule: Resource, port: number): string | undefined {
  const policy = at(rule.value, 'spec', 'trafficPolicy');
  const tls = at(portLevelFor(policy, port) ?? policy, 'tls');
  return isObject(tls) ? (stringAt(tls, 'mode') ?? 'DISABLE') : undefined;
}

/**
 * The operations that switch TLS off wherever a rule does not set it. Up to 1.6 the policy of a subset, and the
 * settings of a port, inherit no TLS mode from above: without one of their own they get that of auto mTLS.
 *
 * @see https://github.com/istio/istio/blob/1.6.0/pilot/pkg/networking/core/v1alpha3/cluster_builder.go `applyDestinationRule`
 */
export function plaintextOperations(rule: Resource): Operation[] {
  const tls = { mode: 'DISABLE' };
  const spec = at(rule.value, 'spec');
  if (!isObject(spec)) return [];
  const operations: Operation[] = [];
  if (!isObject(spec['trafficPolicy'])) {
    const op = 'trafficPolicy' in spec ? 'replace' : 'add';
    operations.push({ op, path: pointer('spec', 'trafficPolicy'), value: { tls } });
  }
  for (const { path, value } of policyLevelsOf(rule)) {
    if (isObject(value['tls'])) continue;
    operations.push({ op: 'tls' in value ? 'replace' : 'add', path: pointer(...path, 'tls'), value: tls });
  }
  return operations;
}
