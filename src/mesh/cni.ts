import type { Json } from '../manifest/node.ts';
import type { Mesh } from './mesh.ts';
import { at, listAt, objectAt, stringAt } from './read.ts';
import type { Resource } from './resource.ts';
import { argoSources, argoValues, fluxChart } from './surface/surface.ts';

/**
 * What in the input shows that Istio's CNI node agent sets up pods instead of the init container istio-init; ambient
 * mode has it always. Undefined when nothing does.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/cni/
 */
export function cniInstallOf(mesh: Mesh): Resource | undefined {
  return [...mesh.resources, ...mesh.values].find(tellsOfCni);
}

function tellsOfCni(resource: Resource): boolean {
  const { kind, group, value, name } = resource;
  switch (kind) {
    case '':
      return isInValues(value);
    case 'DaemonSet':
      return isNodeAgent(resource);
    case 'IstioCNI':
    case 'ZTunnel':
      return group === 'sailoperator.io';
    case 'Istio':
      return group === 'sailoperator.io' && isInValues(at(value, 'spec', 'values'));
    case 'IstioOperator': {
      const profile = stringAt(value, 'spec', 'profile') ?? '';
      const isOn = at(value, 'spec', 'components', 'cni', 'enabled') === true;
      return isOn || /^(ambient|openshift)/.test(profile) || isInValues(at(value, 'spec', 'values'));
    }
    case 'HelmRelease': {
      const repository = stringAt(value, 'spec', 'chart', 'spec', 'sourceRef', 'name') ?? name;
      return isCniChart(fluxChart(resource), repository) || isInValues(at(value, 'spec', 'values'));
    }
    case 'Application':
      return group === 'argoproj.io' && isInArgo(resource, ['spec']);
    case 'ApplicationSet':
      return group === 'argoproj.io' && isInArgo(resource, ['spec', 'template', 'spec']);
    default:
      return false;
  }
}

function isNodeAgent({ name, value }: Resource): boolean {
  const containers = listAt(value, 'spec', 'template', 'spec', 'containers');
  return /^(istio-cni-node|ztunnel)/.test(name) || containers.some((each) => at(each, 'name') === 'install-cni');
}

function isInArgo(resource: Resource, spec: readonly string[]): boolean {
  return argoSources(resource, spec).some((path) => {
    const source = objectAt(resource.value, ...path);
    const chart = stringAt(source, 'chart') ?? stringAt(source, 'path') ?? '';
    if (isCniChart(chart, stringAt(source, 'repoURL') ?? '')) return true;
    const values = argoValues(resource.value, objectAt(source, 'helm'), [...path, 'helm']);
    return isInValues(at(values.root, ...values.path));
  });
}

function isCniChart(chart: string, repository: string): boolean {
  const name = chart.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return name === 'istio-cni' || (name === 'cni' && /istio/.test(chart + repository));
}

/** The switch moved from `istio_cni` to `pilot.cni` with 1.24. */
function isInValues(values: Json | undefined): boolean {
  return at(values, 'pilot', 'cni', 'enabled') === true || at(values, 'istio_cni', 'enabled') === true;
}
