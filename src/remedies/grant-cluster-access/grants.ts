import { type IstioAccess, isNamespaced, istioRoleName, presetNames, presetOf } from './roles.ts';

/** An account as the parameter `accounts` gives it. */
export interface Account {
  readonly user: string | undefined;
  readonly uin: string | undefined;
  readonly role: string | undefined;
  readonly namespaces: readonly string[];
}

/** One role for one account, in a namespace or the whole cluster. */
export interface Grant {
  readonly user: string;
  readonly uin: string;
  readonly clusterRole: string;
  readonly namespace?: string;
  /** Set for the role that meshmend adds. */
  readonly istio?: IstioAccess;
}

/** The grants that give an account its role, or why that is impossible. */
export function grantsFor(account: Account): { readonly grants: Grant[] } | { readonly problem: string } {
  const { user = '', uin = '', role = '', namespaces } = account;
  const isEverywhere = namespaces.length === 1 && namespaces[0] === 'all';
  const preset = presetOf(role);
  const problem = isEverywhere ? clusterProblem(role) : namespaceProblem(account);
  if (problem !== undefined) return { problem };
  const clusterRole = (isEverywhere ? preset?.cluster : preset?.namespaced) ?? role;
  const places = isEverywhere ? [{}] : [...new Set(namespaces)].map((namespace) => ({ namespace }));
  return {
    grants: places.flatMap((place) => {
      const grant = { user, uin, clusterRole, ...place };
      if (!preset?.istio) return [grant];
      return [grant, { ...grant, clusterRole: istioRoleName(preset.istio), istio: preset.istio }];
    }),
  };
}

function clusterProblem(role: string): string | undefined {
  if (isNamespaced(role))
    return `${role} is a role for single namespaces. Name them, or use developer or read-only for all`;
  return unknownPreset(role);
}

function unknownPreset(role: string): string | undefined {
  if (!role.startsWith('tke:') || presetNames.includes(role)) return undefined;
  return `TKE has no role ${role}: it has ${presetNames.join(', ')}`;
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const namespacePattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

function namespaceProblem({ user, role = '', namespaces }: Account): string | undefined {
  if (namespaces.includes('all'))
    return `namespaces of ${user} has \`all\` beside others. Use \`all\` alone, or leave it out`;
  const wrong = namespaces.find((namespace) => !namespacePattern.test(namespace));
  if (wrong !== undefined) return `${JSON.stringify(wrong)} of ${user} is not a name of a namespace`;
  const preset = presetOf(role);
  if (preset && !preset.namespaced)
    return `TKE has ${role} for whole clusters only, and ${user} has namespaces. Use developer or read-only, a ClusterRole of your own, or \`namespaces: all\``;
  return unknownPreset(role);
}
