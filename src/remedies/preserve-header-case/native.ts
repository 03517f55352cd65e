import { isObject } from '../../manifest/node.ts';
import type { Operation } from '../../manifest/operation.ts';
import { configPatchesOf, connectionManagerSettings, envoyFilters } from '../../mesh/envoy-filter.ts';
import {
  acceptsHttp10,
  acceptsHttp10MeshWide,
  headerCaseUndoesHttp10,
  preservesCase,
  preservesCaseMeshWide,
} from '../../mesh/http1.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import { facts, has, lastWithout } from '../../mesh/since.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import type { Version } from '../../mesh/version.ts';
import { type PodTemplate, proxyConfigOf, proxyConfigPointer, workloadsOf } from '../../mesh/workload.ts';
import { unreachedBy } from '../mechanisms/audience.ts';
import { clashNote, http10FilterStep } from '../mechanisms/http10-filter.ts';
import { type EmittedSurface, planMeshConfig } from '../mechanisms/mesh-setting.ts';
import { editProxyConfig, repeatedFields, unreadableProxyConfig } from '../mechanisms/proxy-config.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { ambientSteps } from './filter-steps.ts';
import { formatOf, protocolOptions } from './filters.ts';

const field = 'preserveHttp1HeaderCase';
const why = 'Proxies write HTTP/1 header names in lower case';
const effect = 'proxies follow when their pods restart, gateways too';

/** The whole mesh by its own field, Istio 1.25 and later. */
export function* nativeForMesh(mesh: Mesh, surface: EmittedSurface, version: Version): Iterable<Step> {
  const isNew = !preservesCaseMeshWide(mesh);
  yield* planMeshConfig(mesh, ['defaultConfig', 'proxyHeaders', field], true, {
    version,
    surface,
    severity: 'warning',
    why: `${why}, which Istio ${facts.nativeHeaderCase.since} and later can leave as they were`,
    effect,
  });
  for (const workload of workloadsOf(mesh)) yield* mendedAnnotation(mesh, workload);
  yield* filtersInTheWay(mesh, version);
  yield* ambientSteps(mesh, true);
  if (!has(version, 'nativeHeaderCaseOverUpgrade')) yield* upgradedRules(mesh);
  if (acceptsHttp10MeshWide(mesh, version)) yield* clashSteps(mesh, version, undefined);
  if (isNew && !has(version, 'nativeHeaderCaseInPassthrough')) {
    const message = `Requests to hosts that no Service or ServiceEntry tells of keep lower case names: ${field} reaches those from Istio ${facts.nativeHeaderCaseInPassthrough.since}`;
    yield { severity: 'info', outcome: 'advise', message };
  }
}

/** Until 1.27 an upgrade to HTTP/2 wins over the field, and names are lower case there. */
function* upgradedRules(mesh: Mesh): Iterable<Step> {
  const what = `h2UpgradePolicy UPGRADE sends requests by HTTP/2, where names are lower case (until Istio ${lastWithout('nativeHeaderCaseOverUpgrade')} it wins)`;
  if (at(meshConfigOf(mesh), 'h2UpgradePolicy') === 'UPGRADE') {
    yield { severity: 'warning', outcome: 'advise', message: `${what}: remove it from the mesh config` };
  }
  for (const rule of mesh.ofKind('DestinationRule', 'networking.istio.io')) {
    if (!JSON.stringify(rule.value['spec'] ?? null).includes('"h2UpgradePolicy":"UPGRADE"')) continue;
    yield {
      severity: 'warning',
      outcome: 'advise',
      message: `${what}: remove it from DestinationRule ${rule.name}`,
      resource: rule,
    };
  }
}

/**
 * An annotation that sets any proxyHeaders replaces those of the mesh config.
 *
 * @see https://github.com/istio/istio/blob/master/pkg/config/mesh/mesh.go `MergeProxyConfig`
 */
export function* mendedAnnotation(mesh: Mesh, workload: PodTemplate): Iterable<Step> {
  const headers = at(proxyConfigOf(workload), 'proxyHeaders');
  if (!isObject(headers) || headers[field] === true) return;
  if (unreachedBy(mesh, workload)) return;
  const { resource } = workload;
  const path = proxyConfigPointer(workload);
  if (headers[field] === false) {
    const message = `${resource.kind} ${resource.name} switches ${field} off in its own annotation, which is left so`;
    yield { severity: 'info', outcome: 'keep', message, resource, path };
    return;
  }
  const edit = editProxyConfig(workload, ['proxyHeaders', field], true);
  if (edit.outcome !== 'change') return;
  yield {
    severity: 'warning',
    outcome: 'change',
    message: `The annotation of ${resource.kind} ${resource.name} sets proxyHeaders, which replaces those of the mesh. Repeats ${field} there; its pods restart`,
    resource,
    path,
    patch: edit.patch,
  };
}

/** One workload's proxies by their annotation, Istio 1.25 and later. */
export function* nativeForWorkload(mesh: Mesh, workload: PodTemplate, version: Version): Iterable<Step> {
  const { resource } = workload;
  const path = proxyConfigPointer(workload);
  const edit = editProxyConfig(workload, ['proxyHeaders', field], true);
  if (edit.outcome === 'cannot') {
    const message = unreadableProxyConfig.message({ workload, field });
    yield { severity: 'error', outcome: 'refuse', message, resource, path };
    return;
  }
  if (edit.outcome === 'change') {
    const carried = carriedHeaders(mesh, workload);
    const repeats = carried.length > 0 ? ', and repeats the mesh-wide proxyHeaders that the annotation replaces' : '';
    yield {
      severity: 'warning',
      outcome: 'change',
      message: `${why}. Sets ${field} for ${resource.kind} ${resource.name} (Istio ${facts.nativeHeaderCase.since} and later)${repeats}: every other proxy on the way needs it too; its pods restart`,
      resource,
      path,
      patch: { ...edit.patch, operations: [...edit.patch.operations, ...carried] },
    };
  }
  if (acceptsHttp10(workload) || acceptsHttp10MeshWide(mesh, version)) yield* clashSteps(mesh, version, workload);
}

/** Fields that istiod itself takes over from the mesh config into an annotation's proxyHeaders. */
const keptByIstiod = new Set(['forwardedClientCert', 'requestId', 'attemptCount', 'server', 'envoyDebugHeaders']);

function carriedHeaders(mesh: Mesh, workload: PodTemplate): Operation[] {
  if (isObject(at(proxyConfigOf(workload), 'proxyHeaders'))) return [];
  return repeatedFields(mesh, 'proxyHeaders', (key) => key === field || keptByIstiod.has(key));
}

function* clashSteps(mesh: Mesh, version: Version, workload: PodTemplate | undefined): Iterable<Step> {
  if (!headerCaseUndoesHttp10(version)) return;
  const resource = workload?.resource;
  const message = `${clashNote}: upgrade, until then an EnvoyFilter puts it back`;
  yield { severity: 'warning', outcome: 'advise', message, ...(resource ? { resource } : {}) };
  const step = http10FilterStep(mesh, version, undefined, workload, `${field} switches HTTP/1.0 off at this version`);
  if (step) yield step;
}

/** Filters are applied after the field, so one of the older way wins over it or is no longer needed. */
function* filtersInTheWay(mesh: Mesh, version: Version): Iterable<Step> {
  for (const filter of envoyFilters(mesh)) {
    const formats = configPatchesOf(filter).map(
      (patch) =>
        formatOf(connectionManagerSettings(patch, version)) ??
        formatOf(protocolOptions(patch)?.['explicit_http_config']),
    );
    if (formats.includes('proper_case_words')) {
      const message = `EnvoyFilter ${filter.name} sets proper_case_words, which wins over ${field}. Delete that part of it`;
      yield { severity: 'warning', outcome: 'advise', message, resource: filter };
    } else if (formats.includes('stateful_formatter')) {
      const message = `EnvoyFilter ${filter.name} does what ${field} does from Istio ${facts.nativeHeaderCase.since}. Delete it once all proxies have restarted`;
      yield { severity: 'info', outcome: 'advise', message, resource: filter };
    }
  }
}

/** True when a workload loses the mesh-wide setting through an annotation of its own. */
export function losesMeshSetting(mesh: Mesh, workload: PodTemplate): boolean {
  const headers = at(proxyConfigOf(workload), 'proxyHeaders');
  return preservesCaseMeshWide(mesh) && isObject(headers) && headers[field] === undefined && !preservesCase(workload);
}
