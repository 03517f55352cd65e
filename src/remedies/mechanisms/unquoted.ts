import { at } from '../../mesh/read.ts';
import type { Resource } from '../../mesh/resource.ts';
import { type Change, edit, placeIn } from '../../step.ts';
import { error } from '../fault.ts';

/** A boolean or number where text must be. */
export interface Unquoted {
  /** What it is, to begin a sentence with: ``Label `istio.io/rev` of Deployment web``. */
  readonly what: string;
  readonly value: boolean | number;
  /** Who refuses it, and with it the whole resource: `the API server` unless given. */
  readonly refusedBy?: string;
}

/** The kind of fault for it. */
export const unquotedValue = error<Unquoted>(
  ({ what, value, refusedBy = 'the API server' }) => `${what} must be a string; ${refusedBy} rejects ${value}`,
);

/** Puts a value into quotes, or the text that it means. */
export function quote(resource: Resource, path: readonly (string | number)[], text: string): Change {
  const isSame = String(at(resource.value, ...path)) === text;
  const place = placeIn(resource, ...path);
  const operations = [{ op: 'replace', path: place.path, value: text }] as const;
  return edit(isSame ? 'quote it' : `set it to "${text}"`, { resource, operations }, place);
}
