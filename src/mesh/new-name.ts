import { groupBy } from '../group-by.ts';

/** How long a DNS subdomain may be, which most names are. */
const nameLimit = 253;
/** How long a DNS label may be, which the name of a Service is. */
const labelLimit = 63;

/**
 * A name for a new resource made of a text: a DNS subdomain, the same in every run. `*` becomes `any`, and what a name
 * cannot hold a dash; a name that is too long ends in a hash of the whole.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
 */
export function dnsName(text: string, limit = nameLimit): string {
  const name = text
    .toLowerCase()
    .replace(/\*/g, 'any')
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  return name.length <= limit ? name : `${name.slice(0, limit - hashLength - 1)}-${hashOf(text)}`;
}

/** As `dnsName`, for what must be a DNS label: no dots, at most 63 characters. */
export function dnsLabel(text: string): string {
  return dnsName(text.replace(/\./g, '-'), labelLimit);
}

/** A resource that is to be added. */
export interface Candidate {
  /** What it is for, in full: the host, or kind, namespace and name of the workload. */
  readonly subject: string;
  readonly namespace: string;
  /** The name that it has unless another subject of its namespace would have it too. */
  readonly name: string;
}

/** The name for each subject: the candidate's own, with a hash of the subject behind it where two would share one. */
export function distinctNames(candidates: Iterable<Candidate>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const groups = groupBy(candidates, ({ namespace, name }) => `${namespace}/${name}`);
  for (const group of groups.values()) {
    const isShared = new Set(group.map(({ subject }) => subject)).size > 1;
    for (const { subject, name } of group) {
      names.set(subject, isShared ? dnsName(`${name}-${hashOf(subject)}`, limitOf(name)) : name);
    }
  }
  return names;
}

/** What was short enough for a label must stay so. */
function limitOf(name: string): number {
  return name.length <= labelLimit && !name.includes('.') ? labelLimit : nameLimit;
}

const hashLength = 8;

/** FNV-1a of 32 bits, in hexadecimal: what Kubernetes makes its own suffixes from. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(hashLength, '0');
}
