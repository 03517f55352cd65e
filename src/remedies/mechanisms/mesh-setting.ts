import type { Json, JsonObject } from '../../manifest/node.ts';
import { defaultRevision, revisionsAskedFor } from '../../mesh/injection.ts';
import { isMeshConfigMap, type Mesh } from '../../mesh/mesh.ts';
import { listAt } from '../../mesh/read.ts';
import { istiodEnv, type SurfaceSetting, setEnv } from '../../mesh/surface/env.ts';
import { setHelmValue, setMeshConfig } from '../../mesh/surface/mesh-config.ts';
import {
  helmValuesSurfaces,
  type Surface,
  sharedConfigMapName,
  sharedMeshConfig,
  surfacesOf,
} from '../../mesh/surface/surface.ts';
import type { Version } from '../../mesh/version.ts';
import { edit, emit, refuse, type Step } from '../../step.ts';
import type { Parameters } from '../parameter.ts';

/** The parameter of every remedy that may change a setting of the whole mesh. */
export const surfaceParameter = {
  surface: {
    type: 'enum',
    values: ['deployment', 'istio-operator', 'sail', 'helm-values'],
    default: 'deployment',
    help: 'what to emit for a mesh-wide setting when no install resource of Istio is in the input',
  },
} as const satisfies Parameters;

export type EmittedSurface = (typeof surfaceParameter)['surface']['values'][number];

export interface SettingPlan {
  readonly version: Version;
  /** The remedy's parameter `surface`. */
  readonly surface: EmittedSurface;
  /** What must happen before running proxies follow, as a clause: `pods take it when they restart`. */
  readonly effect: string;
  /** Other fields of the mesh config that an emission sets too, since a second one of its name would replace it. */
  readonly beside?: JsonObject;
}

export interface EnvSetting {
  readonly name: string;
  readonly value: string;
  /** True for a value that is there already and means the same. */
  readonly means?: (found: string) => boolean;
}

/**
 * Steps that set an environment variable of istiod in every install resource of the input; with none, steps that
 * emit what `surface` names. No step when everything is so already.
 */
export function envSteps(mesh: Mesh, { name, value, means }: EnvSetting, plan: SettingPlan): Step[] {
  const surfaces = surfacesFor(mesh, plan.surface).filter(({ env }) => env.length > 0);
  if (surfaces.length === 0) {
    const values = { namespace: mesh.rootNamespace, name, value };
    if (plan.surface !== 'deployment') return [emission(plan, `surface/env-${plan.surface}`, values, name)];
    return deploymentsOfIstiod(mesh).map((deployment) => {
      const foreign = unlikeIstiod(mesh, deployment);
      if (foreign) return foreign;
      return emission(plan, 'surface/env-deployment', { ...values, deployment }, name, deployment);
    });
  }
  return surfaces.flatMap((surface) =>
    stepsFor(surface, setEnv(surface, name, value, plan.version, means), `${name}: "${value}"`, plan),
  );
}

/** The Deployments of the control planes that the input asks for. */
function deploymentsOfIstiod(mesh: Mesh): readonly string[] {
  // A ConfigMap of the mesh config is that of a control plane, whose Deployment is named alike.
  const configured = surfacesOf(mesh).flatMap(({ resource, revision }) =>
    isMeshConfigMap(resource) ? [revision || defaultRevision] : [],
  );
  const revisions = configured.length > 0 ? [...new Set(configured)] : revisionsAskedFor(mesh);
  return revisions.map((revision) => nameFor('istiod', revision));
}

/** What Istio's charts call a control plane's own: `istiod`, `istiod-1-24-2`. */
function nameFor(base: string, revision: string): string {
  return revision === defaultRevision ? base : `${base}-${revision}`;
}

/** A Deployment that the emitted one would be laid on, though it is not istiod's. */
function unlikeIstiod(mesh: Mesh, deployment: string): Step | undefined {
  const resource = mesh.ofKind('Deployment').find(({ name, value }) => {
    return name === deployment && listAt(value, 'spec', 'template', 'spec', 'containers').length > 0;
  });
  if (!resource) return undefined;
  return refuse(`Deployment ${deployment} has no container \`discovery\`, so its environment cannot be set`, {
    resource,
  });
}

/**
 * Steps that set a field of the mesh config in every install resource of the input, fields beside it untouched;
 * with none, steps that emit what `surface` names: for `deployment` a ConfigMap that istiod reads beside its own,
 * since a `data.mesh` that was not seen must not be replaced. No step when everything is so already.
 *
 * @param path - keys from the mesh config: `['defaultHttpRetryPolicy']`
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
 */
export function meshConfigSteps(mesh: Mesh, path: readonly string[], value: Json, plan: SettingPlan): Step[] {
  const surfaces = surfacesFor(mesh, plan.surface).filter(({ meshConfig }) => meshConfig.length > 0);
  if (surfaces.length > 0) {
    return surfaces.flatMap((surface) =>
      stepsFor(surface, setMeshConfig(surface, path, value), `${path.join('.')}: ${JSON.stringify(value)}`, plan),
    );
  }
  const field = path.join('.');
  const filled = { namespace: mesh.rootNamespace, ...nesting(path, value, plan.beside) };
  if (plan.surface !== 'deployment') return [emission(plan, `surface/mesh-config-${plan.surface}`, filled, field)];
  return sharedConfig(mesh, field, filled, plan);
}

/**
 * Steps that set a value of the istiod chart in every install resource of the input that takes one; undefined when
 * there is none.
 *
 * @param path - keys from the chart's values: `['global', 'proxy', 'logLevel']`
 */
export function helmValueSteps(
  mesh: Mesh,
  path: readonly string[],
  value: Json,
  plan: SettingPlan,
): Step[] | undefined {
  const surfaces = surfacesFor(mesh, plan.surface).filter(({ values }) => values.length > 0);
  if (surfaces.length === 0) return undefined;
  return surfaces.flatMap((surface) =>
    stepsFor(surface, setHelmValue(surface, path, value), `${path.join('.')}: ${JSON.stringify(value)}`, plan),
  );
}

/** What of a control plane's settings the input holds; what it does not hold is emitted. */
export function settingsInInput(mesh: Mesh, surface: EmittedSurface): Readonly<Record<'env' | 'meshConfig', boolean>> {
  const surfaces = surfacesFor(mesh, surface);
  return {
    env: surfaces.some(({ env }) => env.length > 0),
    meshConfig: surfaces.some(({ meshConfig }) => meshConfig.length > 0),
  };
}

/** The surfaces of the input; documents of Helm values count when the user says that the mesh is set by them. */
function surfacesFor(mesh: Mesh, surface: EmittedSurface): readonly Surface[] {
  return [...surfacesOf(mesh), ...(surface === 'helm-values' ? helmValuesSurfaces(mesh) : [])];
}

function stepsFor(surface: Surface, setting: SurfaceSetting, what: string, plan: SettingPlan): Step[] {
  const { resource } = surface;
  switch (setting.outcome) {
    case 'same':
      return [];
    case 'cannot':
      return [refuse(`${named(surface)} cannot take \`${what}\`: ${setting.reason}`, { resource })];
    case 'change': {
      const { operations, within } = setting;
      const patch = { resource, operations, ...(within === undefined ? {} : { within }) };
      const path = within ?? setting.path;
      const fix = `set \`${what}\` in ${named(surface)}${note(surface)}; ${plan.effect}`;
      return [edit(fix, patch, { resource, path })];
    }
  }
}

function named({ form, resource }: Surface): string {
  return form === 'helm-values' ? 'the values of the istiod chart' : `${resource.kind} ${resource.name}`;
}

/** What undoes an edit of a resource that Helm or istioctl renders. */
function note({ form, resource }: Surface): string {
  const isRendered = form === 'deployment' || (form === 'config-map' && resource.name !== sharedConfigMapName);
  return isRendered ? ' (the next upgrade by Helm or istioctl drops it)' : '';
}

/** The nesting of a path as a template prints it: parents on their own lines, then the last key, and fields beside the first. */
function nesting(path: readonly string[], value: Json, beside: JsonObject = {}): JsonObject {
  const rows = path.map((key, depth) => ({ indent: '  '.repeat(depth), key }));
  const others = Object.entries(beside).map(([key, other]) => ({ indent: '', key, value: other }));
  return { parents: rows.slice(0, -1), leaves: [{ ...rows.at(-1), value } as JsonObject, ...others] };
}

function howEmitted(surface: EmittedSurface, deployment: string): string {
  switch (surface) {
    case 'deployment':
      return `emit a server-side-apply patch of Deployment ${deployment}, which the next upgrade by Helm or istioctl drops`;
    case 'istio-operator':
      return 'emit an overlay for `istioctl install -f`, to be given after your own file and never applied';
    case 'sail':
      return 'emit a server-side-apply patch of the Istio resource `default`';
    case 'helm-values':
      return 'emit values for the istiod chart';
  }
}

function emission(plan: SettingPlan, template: string, values: JsonObject, what: string, deployment = ''): Step {
  const how = howEmitted(plan.surface, deployment);
  return emit(`${how}, with \`${what}\` (no install resource of Istio is in the input); ${plan.effect}`, {
    template,
    values,
  });
}

/**
 * A ConfigMap of our own, and the variable that makes istiod read it. The mesh's own ConfigMap wins over it, so
 * it only adds.
 *
 * @see https://github.com/istio/istio/blob/master/pilot/pkg/bootstrap/mesh.go
 */
function sharedConfig(mesh: Mesh, field: string, filled: JsonObject, plan: SettingPlan): Step[] {
  const taken = istiodEnv(mesh, sharedMeshConfig, plan.version);
  if (taken !== undefined && taken !== '' && taken !== sharedConfigMapName) {
    return [
      refuse(
        `istiod reads mesh config from ConfigMap ${taken}: add it to the PATHs, so that \`${field}\` can be set there`,
      ),
    ];
  }
  const [deployment] = surfacesOf(mesh).filter(({ form }) => form === 'deployment');
  const namespace = deployment?.resource.namespace ?? mesh.rootNamespace;
  const own = revisionsAskedFor(mesh)
    .map((revision) => nameFor('istio', revision))
    .join(' or ');
  const config = emit(
    `emit ConfigMap ${sharedConfigMapName}, which istiod reads beside its own, because no mesh config is in the input; where ConfigMap ${own} in the cluster sets \`${field}\`, that one wins, so set it there instead; ${plan.effect}`,
    { template: 'surface/mesh-config-deployment', values: { ...filled, namespace, name: sharedConfigMapName } },
  );
  const effect = 'istiod restarts';
  return [config, ...envSteps(mesh, { name: sharedMeshConfig, value: sharedConfigMapName }, { ...plan, effect })];
}
