import { pointer } from '../../manifest/pointer.ts';
import { destinationRuleNamed, rulesForAllClients } from '../../mesh/destination-rule.ts';
import { headlessServicesOf } from '../../mesh/headless.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { mutualTlsOf } from '../../mesh/peer-authentication.ts';
import { at } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { destinationHost, destinationRulesFor, portsOf, serviceHost } from '../../mesh/service.ts';
import { sidecarsBehind } from '../../mesh/sidecar.ts';
import { facts, has, releasesWith } from '../../mesh/since.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import { type PodTemplate, workloadsBehind } from '../../mesh/workload.ts';
import { forService } from '../mechanisms/for-service.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy, type LegacyStep as Step, type LegacyTarget as Target } from '../remedy.ts';
import { strictSteps } from './strict-servers.ts';
import { plaintextOperations, tlsModeFor, tlsModesOf } from './tls-modes.ts';

const parameters = { ...selection } as const;

type Settings = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'plaintext-headless',
  source: 'https://github.com/istio/istio/issues/21964',
  parameters,

  *plan(mesh, settings, { version, requested }) {
    yield* strictSteps(mesh, settings, version);
    const services = headlessServicesOf(mesh);
    const why = needlessBecause(mesh, version);
    if (why !== undefined) {
      if (requested) yield* keepSteps(mesh, services, settings, why);
      return;
    }
    for (const service of services) {
      const rules = ownRules(mesh, service);
      if (isSelected(service, settings) || rules.some((rule) => isSelected(rule, settings)))
        yield* planService(mesh, service, settings, { version, requested });
    }
  },
});

/** Why no Service needs plaintext to be set; undefined where some do. */
function needlessBecause(mesh: Mesh, version: Version): string | undefined {
  // Without a patch number it may be any patch of 1.6.
  if (has({ patch: 0, ...version }, 'headlessWithoutMtls'))
    return `Istio ${formatVersion(version)} starts no mTLS to pods without sidecars (mended in ${releasesWith('headlessWithoutMtls')})`;
  const isOff = meshConfigOf(mesh)['enableAutoMtls'] === false;
  return isOff ? 'The mesh config has enableAutoMtls: false, so no mTLS is started unasked' : undefined;
}

function* keepSteps(mesh: Mesh, services: readonly Resource[], settings: Settings, why: string): Iterable<Step> {
  const meant = services.filter((service) => isSelected(service, settings));
  if (meant.length > 0) {
    yield { severity: 'info', outcome: 'keep', message: `${why}: headless Services need no DestinationRule for that` };
  }
  for (const service of meant) {
    if (sidecarsBehind(mesh, service) !== 'no') continue;
    for (const rule of ownRules(mesh, service)) {
      if (!tlsModesOf(rule).some(({ mode }) => mode === 'DISABLE')) continue;
      const message = `tls.mode: DISABLE for headless Service ${service.name} does no harm, and may go: ${why}`;
      yield { severity: 'info', outcome: 'keep', message, resource: rule, path: pointer('spec', 'trafficPolicy') };
    }
  }
}

/** The DestinationRules for a Service's very host, in whatever namespace. */
function ownRules(mesh: Mesh, service: Resource): Resource[] {
  const host = serviceHost(service);
  return destinationRulesFor(mesh, host).filter((rule) => destinationHost(rule) === host);
}

function* planService(mesh: Mesh, service: Resource, settings: Settings, target: Target): Iterable<Step> {
  const { requested } = target;
  const sidecars = sidecarsBehind(mesh, service);
  const isOnWord = sidecars === 'unknown' && settings.names?.includes(service.name) === true;
  if (sidecars !== 'no' && !isOnWord) {
    if (requested) yield { severity: 'info', ...unsure(service, sidecars), resource: service };
    return;
  }
  if (isOnWord && requested) yield { severity: 'info', ...onWord(service), resource: service };
  const strict = strictPolicyFor(mesh, workloadsBehind(mesh, service));
  if (strict) {
    const message = `Left with mTLS: the pods of headless Service ${service.name} have no sidecar, and yet PeerAuthentication ${strict.name} selects them and is STRICT, so one of the two is a slip; plaintext breaks once they get sidecars`;
    yield { severity: 'warning', outcome: 'keep', message, resource: service };
    return;
  }
  for (const rule of ownRules(mesh, service)) yield* planRule(service, rule, target);
  if (isSelected(service, settings)) yield* planEmission(mesh, service, target);
}

/** A policy that asks these very workloads for mTLS; one for a namespace or the mesh binds only who has a sidecar. */
function strictPolicyFor(mesh: Mesh, workloads: readonly PodTemplate[]): Resource | undefined {
  const found = workloads.map((workload) => mutualTlsOf(mesh, workload, undefined));
  return found.find(({ mode, policy }) => mode === 'STRICT' && at(policy?.value, 'spec', 'selector') !== undefined)
    ?.policy;
}

function unsure({ name }: Resource, sidecars: 'yes' | 'mixed' | 'unknown'): Pick<Step, 'outcome' | 'message'> {
  switch (sidecars) {
    case 'yes':
      return {
        outcome: 'keep',
        message: `Left with mTLS, because the pods of headless Service ${name} have sidecars: plaintext would be reset where a PeerAuthentication is STRICT`,
      };
    case 'mixed':
      return {
        outcome: 'advise',
        message: `Some pods of headless Service ${name} have sidecars and some have none: give each kind a Service of its own, because tls.mode holds for a whole host`,
      };
    case 'unknown':
      return {
        outcome: 'advise',
        message: `The manifests do not say that the pods of headless Service ${name} have no sidecar: add those of its workload and Namespace to the PATHs, with sidecar.istio.io/inject: "false" on the pods if so; or name the Service itself by plaintext-headless.names`,
      };
  }
}

/** Pods that the input does not have, such as those of a chart, or addresses outside the cluster. */
function onWord({ name }: Resource): Pick<Step, 'outcome' | 'message'> {
  return {
    outcome: 'keep',
    message: `Takes the pods of headless Service ${name} to have no sidecar because it is named, which the manifests do not tell: where they have one, a STRICT PeerAuthentication makes it reset plaintext`,
  };
}

const fault = `Istio before ${facts.headlessWithoutMtls.backports[0]} starts mTLS to headless Services, and the pods of`;

function* planRule(service: Resource, rule: Resource, { requested }: Target): Iterable<Step> {
  const path = pointer('spec', ...(at(rule.value, 'spec', 'trafficPolicy') === undefined ? [] : ['trafficPolicy']));
  for (const { path: place, mode } of tlsModesOf(rule)) {
    if (mode === 'DISABLE' || !requested) continue;
    const message = `Stays with tls.mode: ${mode}, which this rule asks for itself`;
    yield { severity: 'info', outcome: 'keep', message, resource: rule, path: pointer(...place) };
  }
  const operations = plaintextOperations(rule);
  if (operations.length === 0) return;
  const more = operations.length > 1 ? ', in each subset and port with a policy too' : '';
  const message = `${fault} ${service.name} have no sidecar (UF,URX): sets tls.mode: DISABLE${more}`;
  yield {
    severity: 'warning',
    outcome: 'change',
    message,
    resource: rule,
    path,
    patch: { resource: rule, operations },
  };
}

/** Plans a rule for clients that find none: neither in the Service's namespace nor in the root namespace. */
function* planEmission(mesh: Mesh, service: Resource, { version }: Target): Iterable<Step> {
  const host = serviceHost(service);
  const [found] = rulesForAllClients(mesh, host, namespaceOf(service));
  if (found && destinationHost(found) === host) return;
  if (found) {
    if (portsOf(service).every(({ number }) => tlsModeFor(found, number) === 'DISABLE')) return;
    const message = `${fault} ${service.name} have no sidecar (UF,URX). DestinationRule ${found.name} (host ${destinationHost(found)}) rules it, and a new one would replace all of its traffic policy: write one for ${host} by hand, with tls.mode: DISABLE`;
    yield { severity: 'warning', outcome: 'advise', message, resource: found, path: pointer('spec', 'host') };
    return;
  }
  const name = `${service.name}-plaintext`;
  if (destinationRuleNamed(mesh, namespaceOf(service), name)) {
    const message = `${fault} ${service.name} have no sidecar (UF,URX). It gets no DestinationRule, because one called ${name} is there already, for another host`;
    yield { severity: 'warning', outcome: 'advise', message, resource: service };
    return;
  }
  yield {
    severity: 'warning',
    outcome: 'change',
    message: `${fault} ${service.name} have no sidecar (UF,URX): adds DestinationRule ${name} with tls.mode: DISABLE`,
    resource: service,
    emit: {
      template: 'plaintext-headless/destination-rule',
      values: forService(service, name, version),
    },
  };
}
