import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { kustomizationNames } from '../builds/kustomization.ts';
import { InputError } from '../errors.ts';
import { guarded } from '../files/guarded.ts';
import { configName, foreignFolders, isInside, readInput, readManifest, realPath } from '../files/input.ts';
import { stdinPath } from '../files/stdin.ts';
import type { InputFile } from '../run/remediate.ts';
import type { PluginValues } from './parameters.ts';
import { runTool, type Tool } from './tool.ts';

/** The manifests of an application. */
export interface Source {
  readonly files: readonly InputFile[];
  /** True for a folder, in which other YAML may lie about; in a stream every document is a manifest. */
  readonly isFolder: boolean;
  /** Said of it when it holds nothing. */
  readonly name: string;
  /** Notes for people on how it was read. */
  readonly notes: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The MeshRemedies of the current folder; undefined when there is none.
 *
 * @throws InputError when it is a link out of the repository: what an error quotes of it would be shown to whoever made the link
 */
export function readConfig(env: Environment): InputFile | undefined {
  if (!lstatSync(configName, { throwIfNoEntry: false })) return undefined;
  if (leadsOut(configName, repositoryOf(env)))
    throw new InputError('is a link out of the repository', { place: { file: configName } });
  return readManifest(configName, true);
}

/**
 * Reads the manifests of the application whose folder is the current one: a stream, what kustomize or helm make of the
 * folder, or the folder's files.
 *
 * @param argument - `-` for a stream on standard input
 * @throws InputError when the files cannot be read or rendered
 */
export async function readSource(
  argument: string | undefined,
  { plugin, exclude }: { readonly plugin: PluginValues; readonly exclude?: readonly string[] | undefined },
  env: Environment,
): Promise<Source> {
  if (argument === stdinPath) {
    const { files } = readInput([stdinPath]);
    const named = files.map((file) => ({ ...file, path: 'stdin' }));
    return { files: named, isFolder: false, name: 'standard input', notes: [] };
  }
  const tool = toolFor(plugin, env);
  if (tool) {
    const { output, warnings } = await runTool(tool, milliseconds(plugin.timeout));
    const path = `${tool.command} ${tool.args[0]}`;
    const notes = warnings.trim() === '' ? [] : `${path}: ${warnings.trim()}`.split('\n');
    return { files: [{ path, text: output, named: true }], isFolder: false, name: `the output of ${path}`, notes };
  }
  const { files, skipped } = readInput(['.'], { exclude, ignored: foreignFolders });
  // Left out, its resources would be pruned from the cluster.
  for (const { fault } of files) if (fault) throw fault;
  for (const { path, why, isNoted } of skipped)
    if (isNoted)
      throw new InputError(why, { place: { file: path }, hint: 'remove the link, or have it lead into the folder' });
  const name = `folder ${env['ARGOCD_APP_SOURCE_PATH'] || '.'}`;
  // What is printed here is not written back into files that a program writes.
  const editable = files.map((file) => ({ ...file, isGenerated: false }));
  return { files: editable, isFolder: true, name, notes: skipped.map(({ path, why }) => `${path}: left out: ${why}`) };
}

/** What renders the current folder. A kustomization wins over a chart: it may inflate it. */
function toolFor(plugin: PluginValues, env: Environment): Tool | undefined {
  const kustomization = kustomizationNames.find((name) => existsSync(name));
  if (kustomization !== undefined) return { command: 'kustomize', args: ['build', '.'], because: kustomization };
  if (!existsSync('Chart.yaml')) return undefined;
  refuseLinksOut('.', repositoryOf(env));
  return { command: 'helm', args: helmArgs(plugin, env), because: 'Chart.yaml' };
}

/** Helm follows links and renders what they lead to; kustomize refuses that itself. */
function refuseLinksOut(folder: string, root: string): void {
  for (const entry of guarded(folder, () => readdirSync(folder, { withFileTypes: true }))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== '.git') refuseLinksOut(path, root);
    else if (entry.isSymbolicLink() && leadsOut(path, root))
      throw new InputError('is a link out of the repository, which helm would follow', { place: { file: path } });
  }
}

/**
 * The arguments of `helm template`, as Argo CD itself calls it for charts.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/helm/
 */
export function helmArgs(plugin: PluginValues, env: Environment): readonly string[] {
  const namespace = plugin.namespace ?? env['ARGOCD_APP_NAMESPACE'];
  const apiVersions = (env['KUBE_API_VERSIONS'] ?? '').split(',').filter((version) => version !== '');
  return [
    'template',
    plugin['release-name'] ?? releaseOf(env['ARGOCD_APP_NAME']),
    '.',
    '--include-crds',
    ...(namespace ? [`--namespace=${namespace}`] : []),
    ...(env['KUBE_VERSION'] ? [`--kube-version=${env['KUBE_VERSION']}`] : []),
    ...apiVersions.map((version) => `--api-versions=${version}`),
    ...(plugin['values-files'] ?? []).map((path) => `--values=${valuesPath(path, env)}`),
  ];
}

/** An application outside of Argo CD's own namespace is called `namespace_name`; no release name has a `_`. */
function releaseOf(application: string | undefined): string {
  const name = application?.slice(application.lastIndexOf('_') + 1);
  if (name) return name;
  throw new InputError('Chart.yaml needs a release name', { hint: 'set the plugin parameter release-name' });
}

/**
 * A values file must be in the repository: an Application's author may not read the sidecar's files.
 *
 * Helm takes one argument for a list in CSV: a comma in it would begin another path, which nobody has checked.
 */
function valuesPath(path: string, env: Environment): string {
  const place = { place: { file: path } };
  const root = repositoryOf(env);
  if (isAbsolute(path) || !isInside(resolve(path), root)) throw outside(place);
  const argument = `./${relative('.', resolve(path))}`;
  if (/[^\p{L}\p{M}\p{N}_@%+=:./~ -]/u.test(argument))
    throw new InputError('path of a values file has characters that helm divides or unquotes', {
      ...place,
      hint: 'rename the file: letters, digits and _@%+=:.~- are safe',
    });
  const real = realPath(path);
  if (real === undefined) throw new InputError('no such values file', place);
  if (!isInside(real, root)) throw outside(place);
  if (!lstatSync(real).isFile()) throw new InputError('values file is not a regular file', place);
  return argument;
}

function outside(place: { readonly place: { readonly file: string } }): InputError {
  return new InputError('values file outside of the repository', place);
}

/** True for a path that really is outside of a folder. */
function leadsOut(path: string, root: string): boolean {
  const real = realPath(path);
  return real !== undefined && !isInside(real, root);
}

/** Where the repository of the application really is. */
function repositoryOf(env: Environment): string {
  return realPath(repositoryRoot(env['ARGOCD_APP_SOURCE_PATH'] ?? '')) ?? process.cwd();
}

/** Where the repository begins, seen from the application's folder: Argo CD says how deep that is. */
function repositoryRoot(sourcePath: string): string {
  const depth = join(sourcePath, '.')
    .split('/')
    .filter((name) => name !== '.' && name !== '').length;
  const root = resolve('../'.repeat(depth) || '.');
  return resolve(root, sourcePath) === process.cwd() ? root : '.';
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** The milliseconds of a duration such as `1m30s`. */
function milliseconds(duration: string): number {
  let sum = 0;
  for (const [, count, unit] of duration.matchAll(/([\d.]+)(ms|[hms])/g))
    sum += Number(count) * (unitMs[unit ?? ''] ?? 0);
  return sum;
}
