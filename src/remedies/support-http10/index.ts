import type { Operation } from '../../manifest/operation.ts';
import { pointer } from '../../manifest/pointer.ts';
import {
  acceptsHttp10,
  acceptsHttp10MeshWide,
  headerCaseUndoesHttp10,
  preservesCase,
  preservesCaseMeshWide,
} from '../../mesh/http1.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { at, listAt, objectAt } from '../../mesh/read.ts';
import { portsOf } from '../../mesh/service.ts';
import { facts, has } from '../../mesh/since.ts';
import { isGoTrue } from '../../mesh/surface/env.ts';
import type { Version } from '../../mesh/version.ts';
import { type PodTemplate, proxyConfigOf, proxyConfigPointer, servicesOf, workloadsOf } from '../../mesh/workload.ts';
import { unreachedBy, unreachedFaults } from '../mechanisms/audience.ts';
import { clashNote, http10FilterStep } from '../mechanisms/http10-filter.ts';
import { planEnv, surfaceParameter } from '../mechanisms/mesh-setting.ts';
import { editProxyConfig, repeatedFields, unreadableProxyConfig } from '../mechanisms/proxy-config.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { faultsOfHttp10 } from './faults.ts';
import { nginxAdvice } from './nginx.ts';
import { named, why } from './wording.ts';

const parameters = {
  ...selection,
  scope: {
    type: 'enum',
    values: ['mesh', 'workload'],
    default: 'mesh',
    help: 'mesh: all proxies, by the environment of istiod; workload: the proxies of chosen workloads, by their metadata',
  },
  defaultHost: {
    type: 'string',
    pattern: '^[A-Za-z0-9.:*_-]+$',
    help: 'host for requests without a Host header, which HTTP/1.0 allows and Envoy refuses; written into an EnvoyFilter',
  },
  ...surfaceParameter,
} as const;

type Values = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'support-http10',
  source: 'https://istio.io/latest/docs/ops/common-problems/network-issues/#envoy-wont-connect-to-my-http10-service',
  parameters,

  *plan(mesh, values, { version, requested }) {
    if (!requested) {
      yield* faultsOfHttp10(mesh, version);
      return;
    }
    if (values.scope === 'workload') yield* forWorkloads(mesh, values, version);
    else yield* forMesh(mesh, values, version);
    yield* nginxAdvice(mesh, 'info');
  },
});

function* forMesh(mesh: Mesh, { namespaces, names, defaultHost, surface }: Values, version: Version): Iterable<Step> {
  if (namespaces || names) {
    yield {
      severity: 'error',
      outcome: 'refuse',
      message:
        'namespaces and names choose workloads, while scope mesh reaches every proxy. Set support-http10.scope to workload, or leave them out',
    };
    return;
  }
  // istiod reads the switch by strconv.ParseBool, so "1" is as good; "true" is what people understand.
  yield* planEnv(
    mesh,
    { name: 'PILOT_HTTP10', value: 'true', means: isGoTrue },
    { version, surface, severity: 'warning', why, effect: 'istiod restarts, proxies need not' },
  );
  const clash = headerCaseUndoesHttp10(version) && preservesCaseMeshWide(mesh);
  if (clash)
    yield {
      severity: 'warning',
      outcome: 'advise',
      message: `${clashNote}: upgrade, until then an EnvoyFilter puts it back`,
    };
  if (!clash && !defaultHost) return;
  const step = http10FilterStep(mesh, version, defaultHost, undefined, filterReason(defaultHost));
  if (step) yield step;
}

function filterReason(defaultHost: string | undefined): string {
  return defaultHost
    ? 'HTTP/1.0 requests without a Host header get 400 Bad Request'
    : 'preserveHttp1HeaderCase switches HTTP/1.0 off at this version';
}

function* forWorkloads(mesh: Mesh, values: Values, version: Version): Iterable<Step> {
  const chosen = workloadsOf(mesh).filter(({ resource }) => isSelected(resource, values));
  if (chosen.length === 0) {
    yield {
      severity: 'warning',
      outcome: 'advise',
      message: 'No workload of the chosen namespaces and names is in the input',
    };
  }
  for (const workload of chosen) yield* forWorkload(mesh, workload, values, version);
}

const unreachedKinds = unreachedFaults({
  ambient: ', so it has no sidecar to set: ztunnel passes HTTP/1.0 through, and a waypoint follows scope mesh',
  withoutSidecar: ', so there is nothing to set',
});

function* forWorkload(mesh: Mesh, workload: PodTemplate, values: Values, version: Version): Iterable<Step> {
  const { resource } = workload;
  const unreached = unreachedBy(mesh, workload);
  if (unreached) {
    const { severity, outcome, message } = unreachedKinds[unreached];
    yield { severity, outcome, message: message(workload), resource };
    return;
  }
  yield* metadataSteps(mesh, workload, version);
  yield* undetectedPorts(mesh, workload, version);
  const clash = headerCaseUndoesHttp10(version) && (preservesCaseMeshWide(mesh) || preservesCase(workload));
  if (clash)
    yield {
      severity: 'warning',
      outcome: 'advise',
      message: `${clashNote}: upgrade, until then an EnvoyFilter puts it back`,
      resource,
    };
  if (!clash && !values.defaultHost) return;
  const step = http10FilterStep(mesh, version, values.defaultHost, workload, filterReason(values.defaultHost));
  if (step) yield step;
}

/** Node metadata takes "1" only: `enableHTTP10` compares the text. */
function* metadataSteps(mesh: Mesh, workload: PodTemplate, version: Version): Iterable<Step> {
  const { resource } = workload;
  if (hasMetadataInEnvironment(workload) || acceptsHttp10(workload)) return;
  const edit = editProxyConfig(workload, ['proxyMetadata', 'ISTIO_META_HTTP10'], '1');
  if (edit.outcome === 'same') return;
  const path = proxyConfigPointer(workload);
  if (edit.outcome === 'cannot') {
    const message = unreadableProxyConfig.message({ workload, field: 'ISTIO_META_HTTP10' });
    yield { severity: 'error', outcome: 'refuse', message, resource, path };
    return;
  }
  yield {
    severity: 'warning',
    outcome: 'change',
    message: `${why}. Sets ISTIO_META_HTTP10: "1" for ${named(resource)}: its proxy takes HTTP/1.0 from its own application and from clients without a sidecar, once its pods restart`,
    resource,
    path,
    patch: { ...edit.patch, operations: [...edit.patch.operations, ...carriedMetadata(mesh, workload, version)] },
  };
}

/**
 * Before 1.11 an annotation's `proxyMetadata` replaces the mesh-wide one instead of being merged with it.
 *
 * @see https://github.com/istio/istio/blob/1.11.0/pkg/config/mesh/mesh.go `applyProxyConfig`
 */
function carriedMetadata(mesh: Mesh, workload: PodTemplate, version: Version): Operation[] {
  if (has(version, 'mergedProxyMetadata')) return [];
  const own = objectAt(proxyConfigOf(workload), 'proxyMetadata');
  if (Object.keys(own).length > 0) return [];
  return repeatedFields(mesh, 'proxyMetadata', (key) => key === 'ISTIO_META_HTTP10');
}

/** A gateway that is not injected has its metadata in its container's environment. */
function hasMetadataInEnvironment({ value }: PodTemplate): boolean {
  return listAt(value, 'spec', 'containers').some(
    (container) =>
      at(container, 'name') === 'istio-proxy' &&
      listAt(container, 'env').some((item) => at(item, 'name') === 'ISTIO_META_HTTP10' && at(item, 'value') === '1'),
  );
}

/**
 * Whether an undeclared port speaks HTTP/1.0 is looked at only where istiod's own switch is on.
 *
 * @see https://github.com/istio/istio/blob/1.13.0/pilot/pkg/networking/core/v1alpha3/listener.go `plaintextHTTPALPNs`
 */
function* undetectedPorts(mesh: Mesh, workload: PodTemplate, version: Version): Iterable<Step> {
  if (!has(version, 'http10DetectedBySwitch') || acceptsHttp10MeshWide(mesh, version)) return;
  for (const service of servicesOf(mesh, workload)) {
    for (const port of portsOf(service)) {
      if (port.protocol !== 'auto') continue;
      yield {
        severity: 'info',
        outcome: 'advise',
        message: `Port ${port.number} of Service ${service.name} declares no protocol, so HTTP/1.0 on it passes as opaque TCP without routing or retries (Istio ${facts.http10DetectedBySwitch.since} and later detect it only where istiod has PILOT_HTTP10). Set appProtocol: http`,
        resource: service,
        path: pointer('spec', 'ports', port.index),
      };
    }
  }
}
