import { configFromFile } from '../config/config.ts';
import { unusedSettings } from '../config/repository.ts';
import { InputError, printable } from '../errors.ts';
import type { Finding } from '../finding.ts';
import { plural, textReport } from '../report/text.ts';
import { type Remediation, remediate } from '../run/remediate.ts';
import { requestFrom } from '../run/request.ts';
import { manifestsOf } from './manifests.ts';
import { settingsFrom } from './parameters.ts';
import { type Environment, readConfig, readSource } from './source.ts';

/** What a run prints: the manifests, or why there are none. */
export interface Generated {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: 0 | 1;
}

/**
 * Makes the manifests of the application whose folder is the current one, with what its intents ask for.
 *
 * @param argument - `-` for a stream on standard input
 * @throws InputError for whatever the user can fix; nothing is printed then
 */
export async function generate(argument: string | undefined, env: Environment): Promise<Generated> {
  const file = readConfig(env);
  const { config, plugin } = settingsFrom(file ? configFromFile(file) : { intents: new Map() }, env);
  if (config.intents.size === 0)
    throw new InputError('no intent is set', {
      hint: 'name one in meshmend.yaml or as a plugin parameter, such as disable-retries: "true"',
    });
  const source = await readSource(argument, { plugin, exclude: config.exclude }, env);
  const remediation = remediate(source.files, requestFrom(config, 'rewrite'));
  const isCheck = config.mode === 'check';
  const failure = failureOf(remediation, isCheck);
  const report = textReport(remediation, { done: failure === undefined && !isCheck, verbose: false, colour: false });
  if (failure !== undefined) return { stdout: '', stderr: `${printable(failure)}\n${report}`, exitCode: 1 };

  const { own, added, leftOut } = manifestsOf(remediation, source.isFolder);
  // What a remedy adds does not count: the rest would be pruned all the same.
  if (own.length === 0 && !plugin['allow-empty'])
    throw new InputError(`no resources in ${source.name}: Argo CD would prune all that the application had`, {
      hint: 'plugin parameter allow-empty: "true" lets it through',
    });
  const unused = unusedSettings(config, { exclude: source.isFolder });
  const notes = [...source.notes, ...leftOut, ...unused].map((note) => `${printable(note)}\n`);
  return {
    stdout: [...own, ...added].map((text) => `---\n${text}`).join(''),
    stderr: report + notes.join(''),
    exitCode: 0,
  };
}

/** The reason not to print anything, on one line. */
function failureOf({ findings, emitted }: Remediation, isCheck: boolean): string | undefined {
  const refused = findings.find(({ outcome }) => outcome === 'refuse');
  if (refused) return `${refused.remedy} cannot be applied: ${lineOf(refused)}`;
  const changes = findings.filter(({ outcome }) => outcome === 'change');
  const [first] = changes;
  if (!isCheck || !first) return undefined;
  const count = Math.max(changes.length, emitted.length);
  return `mode check: ${plural(count, 'change')} to make, first ${first.remedy}: ${lineOf(first)}`;
}

function lineOf({ resource, message }: Finding): string {
  return resource ? `${resource.kind} ${resource.name}: ${message}` : message;
}
