import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import type { ServicePort } from '../../mesh/service.ts';
import { facts, has } from '../../mesh/since.ts';
import type { Version } from '../../mesh/version.ts';
import { choice, defineFaults, note } from '../fault.ts';

/** A port of a headless Service whose requests are routed by their Host header. */
export interface HostRouted {
  readonly service: Resource;
  readonly port: ServicePort;
  readonly version: Version;
}

export const passthroughFault = defineFaults({
  'host-routed-port': choice(
    ({ service, port, version }: HostRouted) =>
      `Sidecars route requests to ${portName(port)} of headless Service ${service.name} by the Host header, so ${effectOf(port, version)}`,
  ),
  'no-pod-listeners': choice(
    ({ port, service, obstacle }: HostRouted & { obstacle: string }) =>
      `TCP on ${portName(port)} would not lead to the pod that the client calls, because ${obstacle}. ${sendHost(service)}`,
  ),
  'routed-requests': note(
    ({ port, service, user }: HostRouted & { user: Resource }) =>
      `Requests to ${portName(port)} are routed, limited or authorized by ${user.kind} ${user.name}, so the port stays HTTP. ${sendHost(service)}`,
  ),
  'any-host-accepted': note(
    (port: ServicePort) =>
      `${upperFirst(portName(port))} declares no protocol; since Istio ${facts.headlessAutoAnyHost.since} such a port of a headless Service takes requests with any Host header`,
  ),
  ambient: note(
    (service: Resource) =>
      `Namespace ${namespaceOf(service)} is in ambient mode: ztunnel forwards connections to the pod that the client calls`,
  ),
});

function portName({ number, name }: ServicePort): string {
  return name === undefined ? `port ${number}` : `port ${number} (${name})`;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sendHost(service: Resource): string {
  return `Let clients that call pods by IP send the Host header \`${service.name}.${namespaceOf(service)}\``;
}

/** What becomes of a request whose Host is the address of a pod. */
function effectOf({ protocol }: ServicePort, version: Version): string {
  if (protocol === 'auto' && has(version, 'headlessAuto404'))
    return `a call by pod IP gets 404 (Istio ${facts.headlessAuto404.since} to ${facts.headlessAuto404.until})`;
  return 'a call by pod IP gets 502 under `REGISTRY_ONLY`, and otherwise passes without mTLS';
}
