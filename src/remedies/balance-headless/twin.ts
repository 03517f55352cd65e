import { groupBy } from '../../group-by.ts';
import type { Json, JsonObject } from '../../manifest/node.ts';
import { isObject, isSame } from '../../manifest/node.ts';
import { derived } from '../../mesh/derived.ts';
import { fqdnOf } from '../../mesh/host.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { at, listAt, objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { isHeadless, portsOf, type ServicePort, serviceOf } from '../../mesh/service.ts';
import type { Emission } from '../../step.ts';

/** A Service with an address of its own for the pods of a headless one; or why there can be none. */
export type Twin =
  | {
      readonly name: string;
      readonly host: string;
      /** Undefined while it does not exist yet. */
      readonly service: Resource | undefined;
    }
  | {
      readonly problem: string;
      /** True where another name would do. */
      readonly isName: boolean;
    };

/** Finds the twin of a headless Service: one that is there already for the same pods, or the one to add. */
export function twinOf(mesh: Mesh, headless: Resource, suffix: string): Twin {
  const namespace = namespaceOf(headless);
  const name = headless.name + suffix;
  const host = fqdnOf(name, namespace);
  const taken = serviceOf(mesh, host);
  if (taken && isTwin(taken, headless)) return { name, host, service: taken };
  const sibling = siblingsOf(mesh, headless).find((service) => isTwin(service, headless));
  if (sibling) return { name: sibling.name, host: fqdnOf(sibling.name, namespace), service: sibling };
  if (taken)
    return {
      problem: `a Service ${name} exists already, for other pods or ports. Choose another \`balance-headless.suffix\``,
      isName: true,
    };
  if (Object.keys(objectAt(headless.value, 'spec', 'selector')).length === 0)
    return {
      problem: 'it has no selector, so the endpoints of a Service beside it would have to be written by hand',
      isName: false,
    };
  if (listAt(headless.value, 'spec', 'ports').length === 0)
    return { problem: 'it has no ports, which a Service with an address needs', isName: false };
  if (!/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))
    return {
      problem: `${name} is not a name for a Service (at most 63 small letters, digits and dashes). Choose another \`balance-headless.suffix\``,
      isName: true,
    };
  return { name, host, service: undefined };
}

/** The Services of a namespace that select by the same labels, in input order. */
function siblingsOf(mesh: Mesh, service: Resource): readonly Resource[] {
  return servicesBySelector(mesh).get(selectorKey(service)) ?? [];
}

const servicesBySelector = derived((mesh) => groupBy(mesh.ofKind('Service', ''), selectorKey));

function selectorKey(service: Resource): string {
  const labels = Object.entries(objectAt(service.value, 'spec', 'selector')).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespaceOf(service), labels]);
}

/** True for a Service with an address in front of the same pods, by the same ports at least. */
function isTwin(service: Resource, headless: Resource): boolean {
  const type = stringAt(service.value, 'spec', 'type') ?? 'ClusterIP';
  if (isHeadless(service) || type === 'ExternalName') return false;
  const selector = objectAt(headless.value, 'spec', 'selector');
  if (Object.keys(selector).length === 0 || !isSame(objectAt(service.value, 'spec', 'selector'), selector))
    return false;
  const ports = portsOf(service);
  const wanted = portsOf(headless);
  return wanted.length > 0 && wanted.every((port) => ports.some((found) => leadsTo(found, port)));
}

/** True unless two ports surely lead to different ones of the pods; the name of one may be any number. */
function leadsTo(found: ServicePort, wanted: ServicePort): boolean {
  const targets = [found, wanted].map(({ number, targetPort }) => targetPort ?? number);
  const isSure = targets.every((target) => typeof target === 'number');
  return found.number === wanted.number && !(isSure && targets[0] !== targets[1]);
}

const exportTo = 'networking.istio.io/exportTo';

/**
 * What adds the twin: the same pods by the same ports, for clients that Istio balances. `publishNotReadyAddresses`
 * is left out, since a client that does not choose its pod needs one that is ready.
 */
export function twinService(headless: Resource, name: string): Emission {
  const spec = objectAt(headless.value, 'spec');
  const kept = ['ipFamilyPolicy', 'ipFamilies', 'trafficDistribution', 'selector'].flatMap((key): [string, Json][] =>
    spec[key] === undefined || spec[key] === null ? [] : [[key, spec[key]]],
  );
  const visibility = stringAt(headless.value, 'metadata', 'annotations', exportTo);
  return {
    template: 'balance-headless/service',
    values: {
      name,
      namespace: headless.namespace ?? null,
      annotations: visibility === undefined ? null : { [exportTo]: visibility },
      spec: { ...Object.fromEntries(kept), ports: listAt(spec, 'ports').filter(isObject).map(plainPort) },
    },
  };
}

function plainPort(port: Json): JsonObject {
  const fields = ['name', 'protocol', 'appProtocol', 'port', 'targetPort'];
  return Object.fromEntries(fields.flatMap((key) => (at(port, key) == null ? [] : [[key, at(port, key)!]])));
}
