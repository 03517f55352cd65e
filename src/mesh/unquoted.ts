import type { Json } from '../manifest/node.ts';

/**
 * True for what YAML reads as a boolean or a number where Kubernetes and Istio take text only: labels, annotations, the
 * data of ConfigMaps, environment variables.
 */
export function isUnquoted(value: Json | undefined): value is boolean | number {
  return typeof value === 'boolean' || typeof value === 'number';
}

/** The text that was meant; undefined for a number with a point, which may have lost digits: `1.20` is read as 1.2. */
export function quotedText(value: boolean | number): string | undefined {
  return typeof value === 'boolean' || Number.isInteger(value) ? String(value) : undefined;
}
