import { pointer } from '../../manifest/pointer.ts';
import { balancesHeadless, headlessServicesOf } from '../../mesh/headless.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { at, objectAt } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import {
  isAmbientNamespace,
  isHttp,
  isHttp1,
  isHttp2,
  portsOf,
  type ServicePort,
  serviceHost,
} from '../../mesh/service.ts';
import { facts, has } from '../../mesh/since.ts';
import { istiodEnv } from '../../mesh/surface/env.ts';
import type { Version } from '../../mesh/version.ts';
import { servicesFor, servicesOf, workloadsBehind } from '../../mesh/workload.ts';
import { someOf } from '../mechanisms/wording.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step } from '../remedy.ts';
import { httpUserOf } from './http-users.ts';

const parameters = { ...selection } as const;

type Settings = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'headless-passthrough',
  source: 'https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/',
  parameters,

  *plan(mesh, settings, { version, requested }) {
    const services = headlessServicesOf(mesh).filter((service) => !isAmbientNamespace(mesh, namespaceOf(service)));
    if (!requested) {
      yield* noteSteps(services, version);
      return;
    }
    const obstacle = obstacleTo(mesh, version);
    for (const service of services.filter((each) => isSelected(each, settings))) {
      yield* planService(mesh, service, { version, obstacle });
    }
    yield* ambientSteps(mesh, settings);
  },
});

/** True for a port whose requests find their way by the Host header. */
function needsHost({ protocol }: ServicePort, version: Version): boolean {
  return protocol === 'auto' ? !has(version, 'headlessAutoAnyHost') : isHttp(protocol);
}

/** One note for all: only the clients know whether they call by address. */
function* noteSteps(services: readonly Resource[], version: Version): Iterable<Step> {
  const concerned = services.filter((service) => portsOf(service).some((port) => needsHost(port, version)));
  const [first, ...others] = concerned;
  if (!first) return;
  const names = someOf(concerned.map((service) => `${namespaceOf(service)}/${service.name}`));
  const which = others.length === 0 ? 'A headless Service has' : `${concerned.length} headless Services have`;
  const message = `${which} HTTP ports (${names}), where sidecars go by the Host header: a client that calls a pod by its IP must send the Service's name as Host, or --headless-passthrough makes the ports TCP`;
  yield { severity: 'info', outcome: 'advise', message };
}

/** Why TCP ports would not lead to the pod that was dialled; undefined where they do. */
function obstacleTo(mesh: Mesh, version: Version): string | undefined {
  if (balancesHeadless(mesh, version))
    return 'istiod has sidecars balance headless Services (PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES), so a TCP connection to one pod may end at another';
  const listeners = 'PILOT_ENABLE_HEADLESS_SERVICE_POD_LISTENERS';
  const isOff = has(version, listeners) && /^(0|f|false)$/i.test(istiodEnv(mesh, listeners, version) ?? '');
  return isOff ? `istiod makes no listeners for single pods (${listeners} is off)` : undefined;
}

interface Circumstances {
  readonly version: Version;
  readonly obstacle: string | undefined;
}

function* planService(mesh: Mesh, service: Resource, { version, obstacle }: Circumstances): Iterable<Step> {
  for (const port of portsOf(service)) {
    if (!isHttp(port.protocol)) continue;
    const path = pointer('spec', 'ports', port.index);
    const place = { resource: service, path, severity: 'info' } as const;
    if (!needsHost(port, version)) {
      const message = `${portName(port)} declares no protocol, and since Istio ${facts.headlessAutoAnyHost.since} such a port of a headless Service takes requests with any Host header`;
      yield { ...place, outcome: 'keep', message };
      continue;
    }
    const host = `let clients that call pods by IP send the Host header ${service.name}.${namespaceOf(service)}`;
    const user = httpUserOf(mesh, service, port);
    if (obstacle) {
      yield { ...place, outcome: 'advise', message: `${portName(port)} stays HTTP, because ${obstacle}: ${host}` };
    } else if (user) {
      const message = `${portName(port)} stays HTTP, because ${user.kind} ${user.name} works on its requests: ${host}`;
      yield { ...place, outcome: 'keep', message };
    } else {
      yield change(mesh, service, port, version);
    }
  }
}

function portName({ number, name }: ServicePort): string {
  return name === undefined ? `Port ${number}` : `Port ${number} (${name})`;
}

/** `appProtocol` wins over the port's name, which other resources may refer to. */
function change(mesh: Mesh, service: Resource, port: ServicePort, version: Version): Step {
  const path = pointer('spec', 'ports', port.index, 'appProtocol');
  const isThere = at(service.value, 'spec', 'ports', port.index, 'appProtocol') !== undefined;
  const beaten = port.appProtocol === undefined ? '' : ` in place of ${port.appProtocol}`;
  const sibling = sharesPort(mesh, service, port);
  const shared = sibling
    ? `; Service ${sibling.name} leads to the same port of the pods, and the older of the two decides whether their own sidecars still take it for HTTP`
    : '';
  return {
    severity: 'info',
    outcome: 'change',
    message: `${portName(port)} goes by the Host header, so ${effectOf(port, version)}. Sets appProtocol: tcp${beaten}, which wins over the port's name (Kubernetes 1.19 and later): HTTP routes, retries, timeouts, HTTP metrics and L7 authorization end on this port${shared}`,
    resource: service,
    path,
    patch: { resource: service, operations: [{ op: isThere ? 'replace' : 'add', path, value: 'tcp' }] },
  };
}

/** What becomes of a request whose Host is the address of a pod. */
function effectOf({ protocol }: ServicePort, version: Version): string {
  if (protocol === 'auto' && has(version, 'headlessAuto404'))
    return `a call by pod IP gets 404 (Istio ${facts.headlessAuto404.since} to ${facts.headlessAuto404.until})`;
  return 'a call by pod IP gets 502 under REGISTRY_ONLY, and else passes without mTLS';
}

/** Another Service that takes the same port of the same pods for HTTP; the pods need not be in the input. */
function sharesPort(mesh: Mesh, service: Resource, port: ServicePort): Resource | undefined {
  const target = port.targetPort ?? port.number;
  const selector = objectAt(service.value, 'spec', 'selector');
  const others = [
    ...workloadsBehind(mesh, service).flatMap((workload) => servicesOf(mesh, workload)),
    ...servicesFor(mesh, namespaceOf(service), selector),
  ];
  return others.find((other) => {
    const isOther = serviceHost(other) !== serviceHost(service);
    return (
      isOther && portsOf(other).some((each) => isHttp(each.protocol) && (each.targetPort ?? each.number) === target)
    );
  });
}

function* ambientSteps(mesh: Mesh, settings: Settings): Iterable<Step> {
  for (const service of headlessServicesOf(mesh)) {
    if (!isSelected(service, settings) || !isAmbientNamespace(mesh, namespaceOf(service))) continue;
    if (!portsOf(service).some(({ protocol }) => isHttp1(protocol) || isHttp2(protocol))) continue;
    const message = `Left as it is, because namespace ${namespaceOf(service)} is in ambient mode: ztunnel forwards connections to the pod that was dialled`;
    yield { severity: 'info', outcome: 'keep', message, resource: service };
  }
}
