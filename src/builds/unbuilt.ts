import { isObject, type Json } from '../manifest/node.ts';
import { at, objectAt, stringAt } from '../mesh/read.ts';

/**
 * True for a document that by itself is not a resource: it says that it is a patch, or lacks what its kind cannot be without.
 * Judged as a resource it would be found faulty, and edited it would override what it patches.
 *
 * @param mayHaveDirectives - false where the text of the file has no `$patch`, which saves the search
 */
export function isUnlistedPatch(value: Json, mayHaveDirectives: boolean): boolean {
  return (mayHaveDirectives && hasDirective(value)) || isIncomplete(value);
}

/** @see https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/ directives of merge patches */
function hasDirective(value: Json): boolean {
  if (Array.isArray(value)) return value.some(hasDirective);
  return isObject(value) && (Object.hasOwn(value, '$patch') || Object.values(value).some(hasDirective));
}

/** Kinds that nobody writes without these fields unless as a patch. */
function isIncomplete(value: Json): boolean {
  const group = (stringAt(value, 'apiVersion') ?? '').split('/')[0];
  const kind = stringAt(value, 'kind') ?? '';
  if (!isObject(at(value, 'spec'))) return false;
  const spec = objectAt(value, 'spec');
  if (group === 'apps' && ['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind))
    return !Object.hasOwn(spec, 'template');
  if (group !== 'networking.istio.io') return false;
  if (kind === 'DestinationRule') return !Object.hasOwn(spec, 'host');
  return kind === 'VirtualService' && !['hosts', 'http', 'tls', 'tcp'].some((field) => Object.hasOwn(spec, field));
}

/**
 * True for a file that ytt makes a manifest of: its comments hold values and conditions.
 *
 * @see https://carvel.dev/ytt/docs/latest/syntax/
 */
export function isYttTemplate(text: string): boolean {
  return text.includes('#@') && /(^|\s)#@(\s|[a-z-]+\/)/m.test(text);
}
