import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatVersion, parseVersion } from '../../src/mesh/version.ts';
import { remedies } from '../../src/remedies/index.ts';
import { remediate } from '../../src/run/remediate.ts';
import { diagnosePage, isFindingOf, type Page, pages, rewritePage } from '../faq/pages.ts';
import { type Case, casesOf, expectedOf, streamOf } from '../golden-cases.ts';
import { newComplaints, type Rewrite } from './complaints.ts';
import { judgeOf, usedIstios } from './versions.ts';

interface Golden extends Rewrite {
  readonly version: string;
}

/** The version that the case was rewritten for: its own, or what meshmend finds in its manifests. */
function versionOf({ settings, input }: Case): string {
  const istioVersion = parseVersion(settings.istioVersion ?? '');
  // As a file of a folder: what cannot be read passes through, and tells nothing.
  const files = [{ path: 'input.yaml', text: input, named: false }];
  const request = { mode: 'diagnose', intents: new Map(), ...(istioVersion ? { istioVersion } : {}) } as const;
  return formatVersion(remediate(files, request).version);
}

function goldenOf(each: Case): Golden {
  const { remedy, name, input, settings } = each;
  const accepts = settings.accepts ?? [];
  return { name: `${remedy}/${name}`, input, output: expectedOf(each), accepts, version: versionOf(each) };
}

function pageOfFaq(page: Page): Golden {
  const { title, problem = '', manifests, istioVersion } = page;
  const { findings } = diagnosePage(page, manifests);
  const rewritten = rewritePage(page, manifests, findings.find(isFindingOf(page)));
  return { name: `${title} ${problem}`, input: manifests, output: streamOf(rewritten), version: istioVersion };
}

const cases = remedies.flatMap(({ id }) => casesOf(id));
const goldens = [...cases.map(goldenOf), ...pages.filter(({ mended }) => mended).map(pageOfFaq)];

const golden = suite('golden outputs');
for (const istio of usedIstios()) {
  const judged = goldens.filter(({ version }) => judgeOf(version) === istio);
  golden(`Istio ${istio.minor}: ${judged.length} of ${goldens.length} outputs`, async () => {
    assert.equal(await newComplaints(istio, judged), []);
  });
}
golden.run();
