import type { ConfigPatch } from '../../mesh/envoy-filter.ts';
import { fqdnOf } from '../../mesh/host.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { listAt, objectAt, stringAt } from '../../mesh/read.ts';
import { namespaceOf } from '../../mesh/resource.ts';
import { facts, firstWithout } from '../../mesh/since.ts';
import { allHave, type Fault, pathIn, type Span, spanned } from './fault.ts';
import { isConnectionManager } from './rejected.ts';

/**
 * What istiod accepts and never does, without a word.
 *
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/envoyfilter/listener_patch.go
 * @see https://github.com/istio/istio/blob/1.31.0/pilot/pkg/networking/core/envoyfilter/rc_patch.go
 */
export function* ignoredPatches(mesh: Mesh, patch: ConfigPatch, span: Span): Iterable<Fault> {
  // Waypoints are matched in a way of their own.
  if (patch.context === 'WAYPOINT') return;
  const operation = ignoredOperation(patch, span);
  if (operation) yield { patch, severity: 'warning', message: operation, path: pathIn(patch, 'patch', 'operation') };
  yield* ignoredMatches(patch);
  yield* ignoredTransportSocket(patch, span);
  yield* shortService(mesh, patch);
}

function ignoredOperation({ applyTo, operation, match }: ConfigPatch, span: Span): string | undefined {
  const filter = objectAt(match, 'listener', 'filterChain', 'filter');
  const isRelative = operation === 'REPLACE' || operation === 'REMOVE';
  // Up to 1.18 a REMOVE without a match fits each filter.
  const outcome =
    operation === 'REMOVE' && allHave(span, 'removalWithoutName')
      ? `so it removes every filter there, which Istio ${firstWithout('removalWithoutName')} and later do not`
      : 'so it finds no filter and does nothing';
  switch (applyTo) {
    case 'ROUTE_CONFIGURATION':
      if (/^MERGE|^$/.test(operation)) return undefined;
      return `has the operation ${operation} for ROUTE_CONFIGURATION, where only MERGE does anything`;
    case 'LISTENER':
    case 'FILTER_CHAIN':
    case 'CLUSTER':
    case 'HTTP_ROUTE':
      if (operation !== 'REPLACE') return undefined;
      return `has the operation REPLACE for ${applyTo}, which does nothing: it is for filters and virtual hosts. MERGE changes a part; REMOVE and ADD, or INSERT_BEFORE, change the whole`;
    case 'NETWORK_FILTER':
      if (!isRelative || Object.hasOwn(filter, 'name')) return undefined;
      return `has the operation ${operation} without match.listener.filterChain.filter, ${outcome}`;
    case 'HTTP_FILTER':
      if (!isRelative || Object.hasOwn(filter, 'subFilter')) return undefined;
      return `has the operation ${operation} without match.listener.filterChain.filter.subFilter, ${outcome}`;
    case 'LISTENER_FILTER':
      if ((!isRelative && operation !== 'MERGE') || stringAt(match, 'listener', 'listenerFilter')) return undefined;
      return `has the operation ${operation} without match.listener.listenerFilter, so it finds no filter and does nothing`;
    default:
      return undefined;
  }
}

function* ignoredMatches(patch: ConfigPatch): Iterable<Fault> {
  const { applyTo, match } = patch;
  const keys = ['match', 'listener', 'filterChain', 'filter'];
  const filter = objectAt(match, ...keys.slice(1));
  const name = stringAt(filter, 'name');
  if (name !== undefined && (applyTo === 'LISTENER' || applyTo === 'FILTER_CHAIN')) {
    const message = `matches by the filter ${name}, which has no effect for ${applyTo}: the patch reaches more than those`;
    yield { patch, severity: 'warning', message, path: pathIn(patch, ...keys) };
  }
  if (
    name !== undefined &&
    applyTo === 'HTTP_FILTER' &&
    !isConnectionManager(name) &&
    !Object.hasOwn(filter, 'subFilter')
  ) {
    const message = `looks for HTTP filters in ${name}, while only the HTTP connection manager has such, so the patch does nothing. The name of an HTTP filter belongs to subFilter`;
    yield { patch, severity: 'warning', message, path: pathIn(patch, ...keys, 'name') };
  }
  if (stringAt(match, 'listener', 'portName')) {
    const message =
      'matches by listener.portName, which istiod ignores: the patch reaches listeners of other ports too. Use portNumber';
    yield { patch, severity: 'warning', message, path: pathIn(patch, 'match', 'listener', 'portName') };
  }
}

/** Older API servers drop the field, which they do not know. */
function* ignoredTransportSocket(patch: ConfigPatch, span: Span): Iterable<Fault> {
  const keys = ['listener', 'filterChain', 'transportSocket'];
  if (!stringAt(patch.match, ...keys) || allHave(span, 'transportSocketMatch')) return;
  const message = `matches by filterChain.transportSocket, which Istio knows since ${facts.transportSocketMatch.since}, and this is for ${spanned(span)}: the patch reaches filter chains with other transport sockets too`;
  yield { patch, severity: 'warning', message, path: pathIn(patch, 'match', ...keys) };
}

/** Clusters go by whole hosts: a short name is none, unless a ServiceEntry calls a host so. */
function* shortService(mesh: Mesh, patch: ConfigPatch): Iterable<Fault> {
  const { filter, applyTo, match } = patch;
  const service = stringAt(match, 'cluster', 'service');
  if (applyTo !== 'CLUSTER' || !service || service.includes('.') || stringAt(match, 'cluster', 'name')) return;
  if (mesh.ofKind('ServiceEntry').some(({ value }) => listAt(value, 'spec', 'hosts').includes(service))) return;
  const path = pathIn(patch, 'match', 'cluster', 'service');
  const why = `matches clusters of the service ${service}, but a short name matches none: istiod compares whole hosts`;
  const found = mesh.ofKind('Service', '').filter(({ name }) => name === service);
  const own =
    found.find((each) => namespaceOf(each) === namespaceOf(filter)) ?? (found.length === 1 ? found[0] : undefined);
  if (!own) {
    const message = `${why}. Write it as ${service}.NAMESPACE.svc.cluster.local`;
    yield { patch, severity: 'warning', message, path };
    return;
  }
  const host = fqdnOf(service, namespaceOf(own));
  const operations = [{ op: 'replace', path, value: host }] as const;
  yield { patch, severity: 'warning', message: `${why}. It becomes ${host}`, path, operations };
}
