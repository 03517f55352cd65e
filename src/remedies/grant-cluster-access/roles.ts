import type { JsonObject } from '../../manifest/node.ts';

/** What TKE calls its preset ClusterRoles: for all namespaces, and for chosen ones. */
interface Preset {
  readonly cluster: string;
  /** Undefined where TKE has none for a namespace. */
  readonly namespaced?: string;
  /** What the role may do with Istio's resources; undefined where the preset may do all already. */
  readonly istio?: IstioAccess;
}

export type IstioAccess = 'edit' | 'view';

/** @see https://www.tencentcloud.com/document/product/457/37368 Using Preset Identity Authorization */
const presets: ReadonlyMap<string, Preset> = new Map<string, Preset>([
  ['admin', { cluster: 'tke:admin' }],
  ['ops', { cluster: 'tke:ops', istio: 'edit' }],
  ['developer', { cluster: 'tke:dev', namespaced: 'tke:ns:dev', istio: 'edit' }],
  ['read-only', { cluster: 'tke:ro', namespaced: 'tke:ns:ro', istio: 'view' }],
]);

/** The ClusterRoles that TKE makes in a cluster. */
export const presetNames: readonly string[] = [...presets.values()].flatMap(({ cluster, namespaced }) =>
  namespaced === undefined ? [cluster] : [cluster, namespaced],
);

/** The preset that a role names by meshmend's word, or by TKE's own. */
export function presetOf(role: string): Preset | undefined {
  const named = [...presets.values()].find(({ cluster, namespaced }) => role === cluster || role === namespaced);
  return presets.get(role) ?? named;
}

/** The preset that a role probably means: `ReadOnly`, `read_only`, `dev`. */
export function presetLike(role: string): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[-_.]/g, '');
  const short = new Map([
    ['administrator', 'admin'],
    ['dev', 'developer'],
    ['ro', 'read-only'],
  ]);
  return short.get(plain(role)) ?? [...presets.keys()].find((word) => plain(word) === plain(role));
}

/** True for a preset that is made for a RoleBinding. */
export function isNamespaced(role: string): boolean {
  return role.startsWith('tke:ns:');
}

/** The groups of Istio's resources, without those of Gateway API. */
const istioGroups: readonly string[] = [
  'extensions.istio.io',
  'networking.istio.io',
  'security.istio.io',
  'telemetry.istio.io',
];

const view: readonly string[] = ['get', 'list', 'watch'];

const verbs: Readonly<Record<IstioAccess, readonly string[]>> = {
  edit: [...view, 'create', 'update', 'patch', 'delete'],
  view,
};

/** The ClusterRole for Istio's resources that presets lack in part, as its template takes it. */
export function istioRole(access: IstioAccess): { readonly name: string } & JsonObject {
  return { name: istioRoleName(access), groups: [...istioGroups], verbs: [...verbs[access]] };
}

export function istioRoleName(access: IstioAccess): string {
  return `meshmend-istio-${access}`;
}

export const istioRoleNames: readonly string[] = [istioRoleName('edit'), istioRoleName('view')];
