import { destinationRuleNamed, rulesForAllClients } from '../../mesh/destination-rule.ts';
import { headlessServicesOf } from '../../mesh/headless.ts';
import { isSelected, type Mesh } from '../../mesh/mesh.ts';
import { mutualTlsOf } from '../../mesh/peer-authentication.ts';
import { at } from '../../mesh/read.ts';
import { namespaceOf, type Resource } from '../../mesh/resource.ts';
import { destinationHost, destinationRulesFor, portsOf, serviceHost } from '../../mesh/service.ts';
import { sidecarsBehind } from '../../mesh/sidecar.ts';
import { has, releasesWith } from '../../mesh/since.ts';
import { meshConfigOf } from '../../mesh/surface/mesh-config.ts';
import { formatVersion, type Version } from '../../mesh/version.ts';
import { type PodTemplate, workloadsBehind } from '../../mesh/workload.ts';
import { advise, edit, emit, keep, placeIn, type Step } from '../../step.ts';
import { forService } from '../mechanisms/for-service.ts';
import { type ParameterValues, selection } from '../parameter.ts';
import { defineRemedy } from '../remedy.ts';
import { plaintextFault } from './faults.ts';
import { findDowngrades } from './strict-servers.ts';
import { plaintextOperations, tlsModeFor, tlsModesOf } from './tls-modes.ts';

const parameters = { ...selection } as const;

type Settings = ParameterValues<typeof parameters>;

export default defineRemedy({
  id: 'plaintext-headless',
  source: 'https://github.com/istio/istio/issues/21964',
  parameters,
  faults: plaintextFault,

  *find({ mesh, version, parameters: settings }) {
    yield* findDowngrades(mesh, settings, version);
    const why = needlessBecause(mesh, version);
    if (why !== undefined) {
      yield* findNeedless(mesh, settings, why);
      return;
    }
    for (const service of headlessServicesOf(mesh)) {
      const isMeant = [service, ...ownRules(mesh, service)].some((resource) => isSelected(resource, settings));
      if (isMeant) yield* findInService(mesh, service, settings);
    }
  },

  fix: {
    'mtls-by-rule': ({ data: { rule } }) => {
      const operations = plaintextOperations(rule);
      const more = operations.length > 1 ? ', also in each subset and port with a policy' : '';
      return edit(`set \`tls.mode: DISABLE\`${more}`, { resource: rule, operations });
    },
    'mtls-by-default': ({ data }, { mesh, version }) => emitPlaintext(mesh, data, version),
    'strict-without-sidecar': () => keep('It keeps mTLS', { severity: 'warning' }),
  },
});

/** Why no Service needs plaintext to be set; undefined where some do. */
function needlessBecause(mesh: Mesh, version: Version): string | undefined {
  // Without a patch number it may be any patch of 1.6.
  if (has({ patch: 0, ...version }, 'headlessWithoutMtls'))
    return `Istio ${formatVersion(version)} does not use mTLS to pods without sidecars (fixed in ${releasesWith('headlessWithoutMtls')})`;
  const isOff = meshConfigOf(mesh)['enableAutoMtls'] === false;
  return isOff ? 'The mesh config has `enableAutoMtls: false`, so mTLS is only used where it is set' : undefined;
}

function* findNeedless(mesh: Mesh, settings: Settings, why: string) {
  const meant = headlessServicesOf(mesh).filter((service) => isSelected(service, settings));
  if (meant.length > 0) yield plaintextFault('needless-here', {}, why);
  for (const service of meant) {
    if (sidecarsBehind(mesh, service) !== 'no') continue;
    const plain = ownRules(mesh, service).filter((rule) => tlsModesOf(rule).some(({ mode }) => mode === 'DISABLE'));
    for (const rule of plain) {
      const where = { ...placeIn(rule, 'spec', 'trafficPolicy'), narrowedBy: service };
      yield plaintextFault('needless-rule', where, { service, why });
    }
  }
}

/** The DestinationRules for exactly a Service's host, in whatever namespace. */
function ownRules(mesh: Mesh, service: Resource): Resource[] {
  const host = serviceHost(service);
  return destinationRulesFor(mesh, host).filter((rule) => destinationHost(rule) === host);
}

const podCodes = { yes: 'pods-with-sidecars', mixed: 'mixed-pods', unknown: 'unknown-pods' } as const;

function* findInService(mesh: Mesh, service: Resource, settings: Settings) {
  const where = { resource: service, narrowedBy: null };
  const sidecars = sidecarsBehind(mesh, service);
  const isNamed = sidecars === 'unknown' && settings.names?.includes(service.name) === true;
  if (sidecars !== 'no' && !isNamed) {
    yield plaintextFault(podCodes[sidecars], where, service);
    return;
  }
  if (isNamed) yield plaintextFault('named-pods', where, service);
  const policy = strictPolicyFor(mesh, workloadsBehind(mesh, service));
  if (policy) yield plaintextFault('strict-without-sidecar', where, { service, policy });
  else {
    for (const rule of ownRules(mesh, service)) yield* findInRule(service, rule);
    yield* findUnruled(mesh, service);
  }
}

/** A policy that requires mTLS of these very workloads; one for a namespace or the mesh binds only pods with a sidecar. */
function strictPolicyFor(mesh: Mesh, workloads: readonly PodTemplate[]): Resource | undefined {
  const found = workloads.map((workload) => mutualTlsOf(mesh, workload, undefined));
  return found.find(({ mode, policy }) => mode === 'STRICT' && at(policy?.value, 'spec', 'selector') !== undefined)
    ?.policy;
}

function* findInRule(service: Resource, rule: Resource) {
  for (const { path, mode } of tlsModesOf(rule))
    if (mode !== 'DISABLE') yield plaintextFault('explicit-tls', { ...placeIn(rule, ...path), narrowedBy: null }, mode);
  if (plaintextOperations(rule).length === 0) return;
  const policy = at(rule.value, 'spec', 'trafficPolicy') === undefined ? [] : ['trafficPolicy'];
  yield plaintextFault('mtls-by-rule', { ...placeIn(rule, 'spec', ...policy), narrowedBy: null }, { service, rule });
}

/** A Service whose clients find no rule for its host: neither in its namespace nor in the root namespace. */
function* findUnruled(mesh: Mesh, service: Resource) {
  const host = serviceHost(service);
  const [rule] = rulesForAllClients(mesh, host, namespaceOf(service));
  if (!rule) yield plaintextFault('mtls-by-default', { resource: service }, service);
  else if (
    destinationHost(rule) !== host &&
    portsOf(service).some(({ number }) => tlsModeFor(rule, number) !== 'DISABLE')
  )
    yield plaintextFault(
      'mtls-by-wildcard-rule',
      { ...placeIn(rule, 'spec', 'host'), narrowedBy: service },
      { service, rule, host },
    );
}

function emitPlaintext(mesh: Mesh, service: Resource, version: Version): Step {
  const name = `${service.name}-plaintext`;
  if (destinationRuleNamed(mesh, namespaceOf(service), name))
    return advise(`A DestinationRule ${name} exists already, for another host, so none is added`);
  const values = forService(service, name, version);
  return emit(`add DestinationRule ${name} with \`tls.mode: DISABLE\``, {
    template: 'plaintext-headless/destination-rule',
    values,
  });
}
