import { pointer } from '../../manifest/pointer.ts';
import { balancesHeadless, headlessServicesOf } from '../../mesh/headless.ts';
import type { Mesh } from '../../mesh/mesh.ts';
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
import { has } from '../../mesh/since.ts';
import { istiodEnv } from '../../mesh/surface/env.ts';
import type { Version } from '../../mesh/version.ts';
import { servicesFor, servicesOf, workloadsBehind } from '../../mesh/workload.ts';
import { type Change, edit, placeIn } from '../../step.ts';
import { selection } from '../parameter.ts';
import { defineRemedy } from '../remedy.ts';
import { type HostRouted, passthroughFault } from './faults.ts';
import { httpUserOf } from './http-users.ts';

export default defineRemedy({
  id: 'headless-passthrough',
  source: 'https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/',
  parameters: { ...selection },
  faults: passthroughFault,

  *find({ mesh, version }) {
    const obstacle = obstacleTo(mesh, version);
    const inAmbient: Resource[] = [];
    for (const service of headlessServicesOf(mesh)) {
      if (isAmbientNamespace(mesh, namespaceOf(service))) inAmbient.push(service);
      else for (const port of portsOf(service)) yield* findInPort(mesh, { service, port, version }, obstacle);
    }
    for (const service of inAmbient) {
      const hasHttp = portsOf(service).some(({ protocol }) => isHttp1(protocol) || isHttp2(protocol));
      if (hasHttp) yield passthroughFault('ambient', { resource: service }, service);
    }
  },

  fix: { 'host-routed-port': ({ data }, { mesh }) => declareTcp(mesh, data) },
});

/** Why TCP ports would not lead to the pod that the client calls; undefined where they do. */
function obstacleTo(mesh: Mesh, version: Version): string | undefined {
  if (balancesHeadless(mesh, version))
    return 'istiod gives sidecars the pods of headless Services to balance (`PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES`)';
  const listeners = 'PILOT_ENABLE_HEADLESS_SERVICE_POD_LISTENERS';
  const isOff = has(version, listeners) && /^(0|f|false)$/i.test(istiodEnv(mesh, listeners, version) ?? '');
  return isOff ? `istiod makes no listeners for single pods (\`${listeners}\` is off)` : undefined;
}

function* findInPort(mesh: Mesh, data: HostRouted, obstacle: string | undefined) {
  const { service, port, version } = data;
  if (!isHttp(port.protocol)) return;
  const where = placeIn(service, 'spec', 'ports', port.index);
  const user = obstacle === undefined ? httpUserOf(mesh, service, port) : undefined;
  if (port.protocol === 'auto' && has(version, 'headlessAutoAnyHost'))
    yield passthroughFault('any-host-accepted', where, port);
  else if (obstacle !== undefined) yield passthroughFault('no-pod-listeners', where, { ...data, obstacle });
  else if (user) yield passthroughFault('routed-requests', where, { ...data, user });
  else yield passthroughFault('host-routed-port', where, data);
}

/** `appProtocol` overrides the port's name, which other resources may refer to. */
function declareTcp(mesh: Mesh, { service, port }: HostRouted): Change {
  const path = pointer('spec', 'ports', port.index, 'appProtocol');
  const isThere = at(service.value, 'spec', 'ports', port.index, 'appProtocol') !== undefined;
  const replaced = port.appProtocol === undefined ? '' : ` instead of ${port.appProtocol}`;
  const sibling = sharesPort(mesh, service, port);
  const shared = sibling
    ? `. Service ${sibling.name} leads to the same port of the pods, and the older of the two decides whether their own sidecars still treat it as HTTP`
    : '';
  const loss = 'HTTP routes, retries, timeouts, HTTP metrics and L7 authorization no longer apply to this port';
  const fix = `set \`appProtocol: tcp\`${replaced} (Kubernetes 1.19 and later); ${loss}${shared}`;
  return edit(
    fix,
    { resource: service, operations: [{ op: isThere ? 'replace' : 'add', path, value: 'tcp' }] },
    { path },
  );
}

/** Another Service that treats the same port of the same pods as HTTP; the pods need not be in the input. */
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
