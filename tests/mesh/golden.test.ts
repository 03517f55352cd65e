import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { formatVersion, parseVersion } from '../../src/mesh/version.ts';
import { remediate } from '../../src/run/remediate.ts';
import { diagnosePage, isFindingOf, type Page, pages, rewritePage } from '../faq/pages.ts';
import { streamOf } from '../golden-cases.ts';
import { newComplaints, type Rewrite } from './complaints.ts';
import { judgeOf, root, usedIstios } from './versions.ts';

interface Golden extends Rewrite {
  readonly version: string;
}

interface Settings {
  readonly istioVersion?: string;
  /** Parts of what Istio may complain of in this case, where that is the price of what was asked for. */
  readonly accepts?: readonly string[];
}

function settingsOf(folder: string): Settings {
  const file = join(folder, 'case.yaml');
  return existsSync(file) ? ((parse(readFileSync(file, 'utf8')) as Settings | null) ?? {}) : {};
}

/** The version that the case was rewritten for: its own, or what meshmend finds in its manifests. */
function versionOf(settings: Settings, input: string): string {
  const istioVersion = parseVersion(settings.istioVersion ?? '');
  // As a file of a folder: what cannot be read passes through, and tells nothing.
  const files = [{ path: 'input.yaml', text: input, named: false }];
  const request = { mode: 'diagnose', intents: new Map(), ...(istioVersion ? { istioVersion } : {}) } as const;
  return formatVersion(remediate(files, request).version);
}

function goldensIn(folder: string): readonly Golden[] {
  const files = readdirSync(folder);
  const from = files.find((file) => file.startsWith('input.') || file === 'before.yaml');
  const to = files.find((file) => file === 'expected.yaml' || file === 'after.yaml');
  if (from === undefined || to === undefined) return [];
  const input = readFileSync(join(folder, from), 'utf8');
  const output = readFileSync(join(folder, to), 'utf8');
  const settings = settingsOf(folder);
  const name = folder.slice(root.length);
  return [{ name, input, output, accepts: settings.accepts ?? [], version: versionOf(settings, input) }];
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries.map(({ name }) => join(folder, name)).sort();
}

function pageOfFaq(page: Page): Golden {
  const { title, problem = '', manifests, istioVersion } = page;
  const { findings } = diagnosePage(page, manifests);
  const rewritten = rewritePage(page, manifests, findings.find(isFindingOf(page)));
  return { name: `${title} ${problem}`, input: manifests, output: streamOf(rewritten), version: istioVersion };
}

const folders = [...foldersIn(join(root, 'tests/remedies')).flatMap(foldersIn), ...foldersIn(join(root, 'examples'))];
const goldens = [...folders.flatMap(goldensIn), ...pages.filter(({ mended }) => mended).map(pageOfFaq)];

const golden = suite('golden outputs');
for (const istio of usedIstios()) {
  const judged = goldens.filter(({ version }) => judgeOf(version) === istio);
  golden(`Istio ${istio.minor}: ${judged.length} of ${goldens.length} outputs`, async () => {
    assert.equal(await newComplaints(istio, judged), []);
  });
}
golden.run();
