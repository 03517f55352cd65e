import { isObject } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at } from '../../mesh/read.ts';
import { namespaceOf } from '../../mesh/resource.ts';
import { facts, has } from '../../mesh/since.ts';
import {
  heldByMeshConfig,
  holdField,
  holdIn,
  isHeldByChart,
  isHookReplaced,
  nativeSidecar,
} from '../../mesh/start-order.ts';
import { type Surface, surfacesOf } from '../../mesh/surface/surface.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import { isGateway, type PodTemplate, proxyConfigKey, proxyConfigPointer, workloadsOf } from '../../mesh/workload.ts';
import { skipOf } from '../../run/skip.ts';
import { unreachedBy } from '../mechanisms/audience.ts';
import { someOf } from '../mechanisms/wording.ts';
import type { LegacyStep as Step } from '../remedy.ts';
import { holdPatch, meansTrue, misplacedIn, ownWordOf, slipIn } from './annotation.ts';
import { hookAdvice, named, notWaiting } from './messages.ts';

/** What is wrong in the manifests, and the choice that they leave open. */
export function* faults(mesh: Mesh, version: Version): Iterable<Step> {
  const proxied = workloadsOf(mesh).filter((workload) => !isGateway(workload) && !unreachedBy(mesh, workload));
  const waiting = new Set(proxied.filter((workload) => nativeSidecar(mesh, workload, version) !== 'yes'));
  for (const workload of proxied) {
    const fault =
      refusedPods(workload, version) ?? (waiting.has(workload) ? ignoredWord(mesh, workload, version) : undefined);
    if (fault) yield fault;
  }
  if (!has(version, 'holdInProxyConfig')) return;
  yield* misspeltInMeshConfig(mesh);

  const isHeld = isHeldByChart(mesh) || heldByMeshConfig(mesh) === true;
  if (isHookReplaced(mesh)) {
    const isVain = isHeld || [...waiting].some((workload) => ownWordOf(workload).value === true);
    if (isVain) yield { severity: 'warning', outcome: 'advise', message: hookAdvice };
  } else if (!isHeld) {
    const open = [...waiting].filter((workload) => isOpen(workload) && !skipOf(workload.resource, 'hold-application'));
    if (open.length > 0) yield choice(mesh, open, version);
  }
}

/** True for a workload that says nothing of waiting, rightly or wrongly. */
function isOpen(workload: PodTemplate): boolean {
  const { isReadable, value, slip } = ownWordOf(workload);
  const canHold = !Array.isArray(at(workload.value, 'metadata', 'annotations'));
  return isReadable && canHold && value === undefined && slip === undefined && !misplacedIn(workload);
}

/** What a workload says to no effect. */
function ignoredWord(mesh: Mesh, workload: PodTemplate, version: Version): Step | undefined {
  const isHeld = isHeldByChart(mesh);
  if (!has(version, 'holdInProxyConfig')) return isHeld ? undefined : tooOld(workload, version);
  if (isHeld) return vainNo(workload);
  return heldByMeshConfig(mesh) === true ? undefined : (misspelt(workload) ?? misplaced(workload));
}

/** The injector refuses a proxy config that it cannot read, and so no pod is created. */
function refusedPods(workload: PodTemplate, version: Version): Step | undefined {
  const { resource } = workload;
  const { isReadable, value } = ownWordOf(workload);
  const path = proxyConfigPointer(workload);
  if (!isReadable) {
    const isText = typeof at(workload.value, 'metadata', 'annotations', proxyConfigKey) === 'string';
    const refused = isText ? 'the injector refuses its pods' : 'Kubernetes refuses the resource';
    const message = `The annotation proxy.istio.io/config of ${named(workload)} is no text with a YAML mapping, so ${refused}. It wants fields such as "${holdField}: true"`;
    return { severity: 'error', outcome: 'advise', message, resource, path };
  }
  // Before 1.8 the field is none that Istio knows, and it ignores those whatever they hold.
  if (value === undefined || typeof value === 'boolean' || !has(version, 'holdInProxyConfig')) return undefined;
  const message = `${holdField}: ${JSON.stringify(value)} of ${named(workload)} is no boolean, so the injector refuses its pods`;
  if (!meansTrue(value)) return { severity: 'error', outcome: 'advise', message, resource, path };
  return { severity: 'error', outcome: 'change', message, resource, path, patch: holdPatch(workload) };
}

function tooOld(workload: PodTemplate, version: Version): Step | undefined {
  const { value } = ownWordOf(workload);
  if (value !== true && !meansTrue(value)) return undefined;
  const message = `Istio ${formatVersion(version)} ignores ${holdField} in annotations: ${named(workload)} does not wait for its proxy. ${has(version, 'holdValue') ? `Istio ${facts.holdValue.since} has only the value global.proxy.holdApplicationUntilProxyStarts of the istiod chart, for the whole mesh` : `Upgrade to ${facts.holdInProxyConfig.since} or later`}`;
  const { resource } = workload;
  return { severity: 'warning', outcome: 'advise', message, resource, path: proxyConfigPointer(workload) };
}

/** The template asks whether either says true. */
function vainNo(workload: PodTemplate): Step | undefined {
  if (ownWordOf(workload).value !== false) return undefined;
  const message = `${holdField}: false of ${named(workload)} is ignored, because the istiod chart sets global.proxy.${holdField}: true, which no annotation takes back. Set it in meshConfig.defaultConfig instead of the chart's value`;
  const { resource } = workload;
  return { severity: 'warning', outcome: 'advise', message, resource, path: proxyConfigPointer(workload) };
}

function misspelt(workload: PodTemplate): Step | undefined {
  const { value, slip } = ownWordOf(workload);
  if (slip === undefined || value === true) return undefined;
  const { resource } = workload;
  const message = `${named(workload)} does not wait for its proxy: ${slip} is no field of a proxy config, and unknown fields are ignored without a word. It must be ${holdField}`;
  const path = proxyConfigPointer(workload);
  if (value === false) return { severity: 'warning', outcome: 'advise', message, resource, path };
  return { severity: 'warning', outcome: 'change', message, resource, path, patch: holdPatch(workload) };
}

function misplaced(workload: PodTemplate): Step | undefined {
  const found = misplacedIn(workload);
  if (!found || ownWordOf(workload).value !== undefined) return undefined;
  const { resource } = workload;
  const message = `${named(workload)} does not wait for its proxy: its annotation proxy.istio.io/config stands on the ${resource.kind} itself (IST0107), and only the pod template's counts`;
  const patch = found.move ?? holdPatch(workload);
  return { severity: 'warning', outcome: 'change', message, resource, path: found.path, patch };
}

/** The same slip in the mesh config of an install resource. */
function* misspeltInMeshConfig(mesh: Mesh): Iterable<Step> {
  for (const { surface, path, slip, within, isSet } of slipsInMeshConfig(mesh)) {
    const { resource } = surface;
    const field = pointer(...path, holdField);
    yield {
      severity: 'warning',
      outcome: 'change',
      message: `${slip} in the defaultConfig of ${resource.kind} ${resource.name} is no field of a proxy config, and unknown fields are ignored without a word. It must be ${holdField}`,
      resource,
      path: within ?? pointer(...path, slip),
      parameters: { scope: 'mesh' },
      patch: {
        resource,
        operations: [
          { op: isSet ? 'replace' : 'add', path: field, value: true },
          { op: 'remove', path: pointer(...path, slip) },
        ],
        ...(within === undefined ? {} : { within }),
      },
    };
  }
}

interface MeshConfigSlip {
  readonly surface: Surface;
  readonly within: string | undefined;
  /** Keys to the defaultConfig. */
  readonly path: readonly (string | number)[];
  readonly slip: string;
  /** True when the right field stands beside it. */
  readonly isSet: boolean;
}

/** The misspelt fields in mesh configs, where the right one does not say true beside them. */
export function slipsInMeshConfig(mesh: Mesh): MeshConfigSlip[] {
  return surfacesOf(mesh).flatMap((surface) =>
    surface.meshConfig.flatMap(({ shape, root, path, within }) => {
      const config = shape === 'map' ? at(root, ...path, 'defaultConfig') : undefined;
      const slip = slipIn(config);
      if (slip === undefined || !isObject(config) || holdIn(config) === true) return [];
      return [{ surface, within, path: [...path, 'defaultConfig'], slip, isSet: Object.hasOwn(config, holdField) }];
    }),
  );
}

function choice(mesh: Mesh, open: readonly PodTemplate[], version: Version): Step {
  const native =
    nativeSidecar(mesh, undefined, version) === 'by-node'
      ? `, unless the nodes are Kubernetes 1.33 or later, where Istio ${formatVersion(version)} starts proxies first anyway`
      : '';
  const namespaces = new Set(open.map(({ resource }) => namespaceOf(resource))).size;
  const where = namespaces > 1 ? ` in ${namespaces} namespaces` : '';
  return {
    severity: 'info',
    outcome: 'change',
    message: `${notWaiting}: so it is with ${someOf(open.map(named))}${where}${native}. Applications that fail or exit when their first calls do can be made to wait`,
    parameters: {},
  };
}
