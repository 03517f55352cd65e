import { isObject, type Json, type JsonObject } from '../../manifest/node.ts';
import { pointer } from '../../manifest/pointer.ts';
import { parseText } from '../../manifest/read.ts';
import { derived } from '../derived.ts';
import { isMeshConfigMap, type Mesh } from '../mesh.ts';
import { at, listAt, objectAt, stringAt } from '../read.ts';
import type { Resource } from '../resource.ts';
import type { FactName } from '../since.ts';

/** A place in a surface, inside the resource or inside a text of it, that holds settings by name. */
export interface Place {
  /** Pointer to the text of the resource that the place is in. */
  readonly within?: string;
  /** The resource, or the meaning of its text. */
  readonly root: Json;
  /** Keys from `root` to the settings. */
  readonly path: readonly (string | number)[];
  /**
   * - `map`: keys with values
   * - `list`: items with `name` and `value`, as a container's environment
   * - `parameters`: Argo CD's Helm parameters, whose names are the dotted paths of Helm values
   */
  readonly shape: 'map' | 'list' | 'parameters';
  /** For `parameters`: what precedes the setting's own name. */
  readonly prefix?: string;
  /** True where a value that is not a string is printed as one, as Istio's chart does; elsewhere it is rejected. */
  readonly lenient?: boolean;
  /** True for the place of a surface where something new goes when none of its places is there. */
  readonly usual?: boolean;
  /** What must hold for a version to read this place. */
  readonly needs?: FactName;
}

/** An install resource: the settings of a control plane go into it. */
export interface Surface {
  readonly form: 'deployment' | 'config-map' | 'istio-operator' | 'sail' | 'flux' | 'argo-cd' | 'helm-values';
  readonly resource: Resource;
  /** The revision of the control plane; empty for the default one. */
  readonly revision: string;
  /** Places of istiod's environment, the strongest first; none when the surface has no environment. */
  readonly env: readonly Place[];
  /** Places of the mesh config, the strongest first; none when the surface has no mesh config. */
  readonly meshConfig: readonly Place[];
  /** Places of the istiod chart's values, the strongest first; none when the chart does not read the surface. */
  readonly values: readonly Place[];
}

/**
 * The install resources of a mesh, what is written by hand before what is rendered from it.
 *
 * A Deployment or ConfigMap is left out when a resource that renders it is there: its next reconciliation would
 * undo the edit.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/customize-installation/
 */
export const surfacesOf = derived((mesh): readonly Surface[] => {
  const sources = mesh.resources.flatMap(sourceSurfaces);
  const rendered = mesh.resources.flatMap(renderedSurfaces);
  const configured = [...rendered, ...sharedConfigMaps(mesh, rendered)];
  return [...sources, ...configured.filter(({ revision }) => !sources.some((source) => source.revision === revision))];
});

/** Documents of the input that look like values of Istio's charts. */
export function helmValuesSurfaces(mesh: Mesh): readonly Surface[] {
  return mesh.values.filter(isIstiodValues).map((resource) => ({
    form: 'helm-values',
    resource,
    revision: revisionOf(stringAt(resource.value, 'revision')),
    ...valuesPlaces({ root: resource.value, path: [] }),
  }));
}

function isIstiodValues({ value }: Resource): boolean {
  const isPilot = isObject(value['pilot']) || isObject(value['meshConfig']);
  return isPilot || stringAt(value, 'global', 'istioNamespace') !== undefined;
}

function sourceSurfaces(resource: Resource): Surface[] {
  switch (resource.kind) {
    case 'IstioOperator':
      return installsPilot(resource) ? [istioOperator(resource)] : [];
    case 'Istio':
      return resource.group === 'sailoperator.io' ? [sail(resource)] : [];
    case 'HelmRelease':
      return isIstiodChart(fluxChart(resource)) ? [flux(resource)] : [];
    case 'Application':
      return resource.group === 'argoproj.io' ? argo(resource, ['spec']) : [];
    case 'ApplicationSet':
      return resource.group === 'argoproj.io' ? argo(resource, ['spec', 'template', 'spec']) : [];
    default:
      return [];
  }
}

function renderedSurfaces(resource: Resource): Surface[] {
  if (isMeshConfigMap(resource)) return [configMap(resource, revisionOf(resource.name.slice('istio-'.length)))];
  if (resource.kind !== 'Deployment' || !/^istiod(-|$)/.test(resource.name)) return [];
  const discovery = discoveryIndex(resource);
  if (discovery === -1) return [];
  const path = [...containersPath, discovery, 'env'];
  return [
    {
      form: 'deployment',
      resource,
      revision: revisionOf(
        stringAt(resource.value, 'metadata', 'labels', 'istio.io/rev') ?? resource.name.slice('istiod-'.length),
      ),
      env: [{ root: resource.value, path, shape: 'list', usual: true }],
      meshConfig: [],
      values: [],
    },
  ];
}

const containersPath = ['spec', 'template', 'spec', 'containers'];

function discoveryIndex({ value }: Resource): number {
  return listAt(value, ...containersPath).findIndex((container) => at(container, 'name') === 'discovery');
}

function configMap(resource: Resource, revision: string): Surface {
  const root = parseText(stringAt(resource.value, 'data', 'mesh') ?? '');
  const place: Place = { within: pointer('data', 'mesh'), root, path: [], shape: 'map', usual: true };
  return { form: 'config-map', resource, revision, env: [], meshConfig: [place], values: [] };
}

/**
 * ConfigMaps that istiod reads beside its own because its environment says so. The mesh's own ConfigMap wins over
 * them field by field, so they count only where that is not in the input.
 *
 * @see https://github.com/istio/istio/blob/master/pilot/pkg/bootstrap/mesh.go `SHARED_MESH_CONFIG`
 */
function sharedConfigMaps(mesh: Mesh, rendered: readonly Surface[]): Surface[] {
  const named = new Map([[sharedConfigMapName, '']]);
  for (const { resource, revision, env } of rendered) {
    const shared = listAt(resource.value, ...(env[0]?.path ?? [])).findLast(
      (item) => at(item, 'name') === sharedMeshConfig,
    );
    const name = at(shared, 'value');
    if (typeof name === 'string') named.set(name, revision);
  }
  return mesh.ofKind('ConfigMap').flatMap((config) => {
    const revision = named.get(config.name);
    if (revision === undefined || isMeshConfigMap(config)) return [];
    const hidden = rendered.some((surface) => surface.form === 'config-map' && surface.revision === revision);
    return hidden ? [] : [configMap(config, revision)];
  });
}

/** The environment variable of istiod that names a second ConfigMap with mesh config; Istio 1.10 and later. */
export const sharedMeshConfig = 'SHARED_MESH_CONFIG';

/** The ConfigMap of that kind that meshmend emits. */
export const sharedConfigMapName = 'meshmend-mesh-config';

/** Profiles that leave out istiod: for gateways of their own, and for clusters whose istiod is elsewhere. */
const profilesWithoutPilot: readonly (string | undefined)[] = ['empty', 'remote', 'external'];

/** False for an IstioOperator that installs no istiod. */
function installsPilot({ value }: Resource): boolean {
  const enabled = at(value, 'spec', 'components', 'pilot', 'enabled') ?? undefined;
  return enabled === undefined ? !profilesWithoutPilot.includes(stringAt(value, 'spec', 'profile')) : enabled === true;
}

/**
 * `components.pilot.k8s.env` is laid over what the chart renders, and `values.meshConfig` over `meshConfig`.
 * A list replaces that of another `-f` file, so what is new goes into the map.
 *
 * @see https://github.com/istio/istio/blob/master/operator/pkg/render/manifest.go
 */
function istioOperator(resource: Resource): Surface {
  const root = resource.value;
  const values = valuesPlaces({ root, path: ['spec', 'values'] });
  return {
    form: 'istio-operator',
    resource,
    revision: revisionOf(stringAt(root, 'spec', 'revision') ?? stringAt(root, 'spec', 'values', 'revision')),
    env: [{ root, path: ['spec', 'components', 'pilot', 'k8s', 'env'], shape: 'list' }, ...values.env],
    meshConfig: [
      ...values.meshConfig.map((place) => ({ ...place, usual: false })),
      { root, path: ['spec', 'meshConfig'], shape: 'map', usual: true },
    ],
    values: values.values,
  };
}

/** @see https://github.com/istio-ecosystem/sail-operator/blob/main/docs/api-reference/sailoperator.io.md */
function sail(resource: Resource): Surface {
  const places = valuesPlaces({ root: resource.value, path: ['spec', 'values'] });
  return {
    form: 'sail',
    resource,
    revision: revisionOf(stringAt(resource.value, 'spec', 'values', 'revision') ?? resource.name),
    env: places.env.filter(({ needs }) => !needs).map((place) => ({ ...place, lenient: false })),
    meshConfig: places.meshConfig,
    values: places.values,
  };
}

function flux(resource: Resource): Surface {
  const revision = revisionOf(stringAt(resource.value, 'spec', 'values', 'revision'));
  return { form: 'flux', resource, revision, ...valuesPlaces({ root: resource.value, path: ['spec', 'values'] }) };
}

/** The chart of a HelmRelease; with `chartRef` only the name of the referenced source says it. */
export function fluxChart({ value }: Resource): string {
  return stringAt(value, 'spec', 'chart', 'spec', 'chart') ?? stringAt(value, 'spec', 'chartRef', 'name') ?? '';
}

/** One surface for each source of an Application that is the istiod chart. */
function argo(resource: Resource, spec: readonly string[]): Surface[] {
  return argoSources(resource, spec).flatMap((path) => {
    const source = objectAt(resource.value, ...path);
    if (!isIstiodChart(stringAt(source, 'chart') ?? stringAt(source, 'path') ?? '')) return [];
    const helm = objectAt(source, 'helm');
    const values = argoValues(resource.value, helm, [...path, 'helm']);
    const parameters = { root: resource.value, path: [...path, 'helm', 'parameters'], shape: 'parameters' } as const;
    const places = valuesPlaces(values);
    const revision = listAt(helm, 'parameters').find((item) => at(item, 'name') === 'revision');
    return [
      {
        form: 'argo-cd',
        resource,
        revision: revisionOf(stringAt(revision, 'value') ?? stringAt(at(values.root, ...values.path), 'revision')),
        env: [{ ...parameters, prefix: 'pilot.env.', lenient: true }, ...places.env],
        meshConfig: [{ ...parameters, prefix: 'meshConfig.', lenient: true }, ...places.meshConfig],
        values: [{ ...parameters, prefix: '', lenient: true }, ...places.values],
      },
    ];
  });
}

/** Paths of an Application's sources: `source`, or each of `sources`, which wins. */
export function argoSources({ value }: Resource, spec: readonly string[]): (string | number)[][] {
  const sources = listAt(value, ...spec, 'sources');
  if (sources.length > 0) return sources.map((_, index) => [...spec, 'sources', index]);
  return isObject(at(value, ...spec, 'source')) ? [[...spec, 'source']] : [];
}

/** `valuesObject` makes Argo CD ignore `values`. */
export function argoValues(root: JsonObject, helm: JsonObject, path: readonly (string | number)[]): ValuesRoot {
  const text = stringAt(helm, 'values');
  if (isObject(helm['valuesObject']) || text === undefined || text.trim() === '')
    return { root, path: [...path, 'valuesObject'] };
  return { within: pointer(...path, 'values'), root: parseText(text), path: [] };
}

/** True for Istio's control plane chart, by its name, address or folder. */
function isIstiodChart(chart: string): boolean {
  const name = chart.replace(/\/+$/, '').split('/').at(-1);
  return name === 'istiod' || name === 'istio-discovery' || name === 'istio-istiod';
}

/** Where a resource has Helm values. */
export interface ValuesRoot extends Pick<Place, 'within' | 'root' | 'path'> {}

/**
 * The places in values of the istiod chart. `pilot.env` works in every version and wins over `env`, which counts
 * from 1.24.
 *
 * @see https://github.com/istio/istio/blob/master/manifests/charts/istio-control/istio-discovery/templates/zzy_descope_legacy.yaml
 */
function valuesPlaces(values: ValuesRoot): Pick<Surface, 'env' | 'meshConfig' | 'values'> {
  const { path } = values;
  const env = { ...values, shape: 'map', lenient: true } as const;
  return {
    env: [
      { ...env, path: [...path, 'pilot', 'env'], usual: true },
      { ...env, path: [...path, 'env'], needs: 'topLevelChartEnv' },
    ],
    meshConfig: [{ ...values, path: [...path, 'meshConfig'], shape: 'map', usual: true }],
    values: [{ ...values, shape: 'map', usual: true }],
  };
}

function revisionOf(name: string | undefined): string {
  return name === undefined || name === 'default' ? '' : name;
}
