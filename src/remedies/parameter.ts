import { longestGlob } from '../glob.ts';

/**
 * The declaration of a remedy's parameters. It yields the flags' help, the config's validation, the JSON Schema,
 * the Argo CD announcements and the documentation, so each fact about a parameter stands once.
 */
export type Parameter = { readonly help: string } & (
  | { readonly type: 'enum'; readonly values: readonly string[]; readonly default?: string }
  | { readonly type: 'string'; readonly default?: string; readonly pattern?: string }
  | { readonly type: 'boolean'; readonly default?: boolean }
  | { readonly type: 'integer'; readonly minimum: number; readonly maximum: number; readonly default?: number }
  /** A duration as Kubernetes and Istio write it: `30s`, `1m30s`, `100ms`. */
  | { readonly type: 'duration'; readonly default?: string }
  /** A list of strings of at most `maxLength` characters; a single string stands for a list of one. */
  | { readonly type: 'strings'; readonly default?: readonly string[]; readonly maxLength?: number }
  | { readonly type: 'labels' }
  /** A list of objects, each with these parameters; `short` names the field that a bare string stands for. */
  | {
      readonly type: 'objects';
      readonly fields: Parameters;
      readonly required?: readonly string[];
      readonly short?: string;
    }
);

export type Parameters = { readonly [name: string]: Parameter };

type ValueOf<P extends Parameter> = P extends { type: 'enum'; values: readonly (infer V)[] }
  ? V
  : P extends { type: 'boolean' }
    ? boolean
    : P extends { type: 'integer' }
      ? number
      : P extends { type: 'strings' }
        ? readonly string[]
        : P extends { type: 'labels' }
          ? { readonly [key: string]: string }
          : P extends { type: 'objects'; fields: infer F extends Parameters }
            ? readonly ParameterValues<F>[]
            : string;

/** The values that `plan` receives: a parameter with a default is always there. */
export type ParameterValues<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends { default: unknown } ? ValueOf<P[K]> : ValueOf<P[K]> | undefined;
};

/** The two parameters of every remedy that edits resources: exact names, or globs with `*`. */
export const selection = {
  namespaces: {
    type: 'strings',
    maxLength: longestGlob,
    help: 'only resources in these namespaces; exact names or * globs',
  },
  names: { type: 'strings', maxLength: longestGlob, help: 'only resources of these names; exact names or * globs' },
} as const satisfies Parameters;
