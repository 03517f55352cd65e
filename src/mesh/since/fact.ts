/** A version as the table writes it: a minor version means its first patch in `since`, its last in `until`. */
export type VersionText = `1.${number}` | `1.${number}.${number}`;

/** Something that holds for Istio from one version on, up to another one, or both. */
export interface Fact {
  /** What holds: a clause about Istio or its proxies, whoever asks. */
  readonly what: string;
  /** The first version in which it holds; absent when it holds in the oldest known one. */
  readonly since?: VersionText;
  /** The last version in which it holds; absent when it holds in the newest known one. */
  readonly until?: VersionText;
  /** The first patch releases of older minor versions in which it holds as well. */
  readonly backports?: readonly VersionText[];
  /** Where that is written: a release note, Istio's documentation, or its source code. */
  readonly source: string;
}

/** A release note of Istio by the name of its file. */
export function note(name: string): string {
  return `https://github.com/istio/istio/blob/master/releasenotes/notes/${name}.yaml`;
}

/** The change notes of a minor version: `announcement('1.25')`. */
export function announcement(version: `1.${number}`, kind: 'change' | 'upgrade' = 'change'): string {
  return `https://istio.io/latest/news/releases/${version}.x/announcing-${version}/${kind}-notes/`;
}

/** A file of Istio as of a tag or branch: `code('1.24.0', 'pilot/pkg/features/pilot.go')`. */
export function code(tag: string, path: string): string {
  return `https://github.com/istio/istio/blob/${tag}/${path}`;
}
