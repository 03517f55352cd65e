// Holds what is generated against what generates it: the README's table, examples/README.md, and the proof of every
// remedy that changes traffic. `--write` writes the two texts.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { remedies } from '../src/remedies/index.ts';
import { remediesMarkdown, remediesTable } from '../src/report/remedies.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const readme = readFileSync(fileOf('README.md'), 'utf8');
const [begin, end] = ['<!-- remedies: npm run check:catalogue -- --write -->\n', '<!-- end of remedies -->'];
const exampleHead = `# Remedies and their parameters

Of each there is an example beside this file: \`before.yaml\`, and \`after.yaml\`, which is what \`meshmend rewrite\` makes of it.
`;
const [head, rest = ''] = readme.split(begin);
const generated = new Map([
  ['README.md', `${head}${begin}${remediesTable(remedies)}${rest.slice(rest.indexOf(end))}`],
  ['examples/README.md', `${exampleHead}\n${remediesMarkdown(remedies)}`],
]);

const faults: string[] = [];
for (const [path, text] of generated) {
  if (process.argv.includes('--write')) writeFileSync(fileOf(path), text);
  else if (readFileSync(fileOf(path), 'utf8') !== text)
    faults.push(`${path} is stale: npm run check:catalogue -- --write`);
}
/** What no traffic and no injection can show, and why. */
const beyondTraffic: ReadonlyMap<string, string> = new Map([
  ['upgrade-istio', 'It changes nothing: it says which problems end with which version of Istio.'],
  ['expose-gateway', 'security groups and load balancers of a cloud are outside of what runs here'],
  ['protect-init-containers', 'it takes a kubelet that runs a removed init container again'],
  ['grant-cluster-access', 'RBAC decides who may change a mesh, and no request passes it'],
  [
    'native-dns',
    'the fault is in the DNS proxy of Istio 1.8 to 1.9.1, and shows in resolvers that applications are built with',
  ],
  ['plaintext-headless', 'what it mends ended with Istio 1.6.6, and 1.18 is the oldest Istio that is run'],
]);
const proof = readFileSync(fileOf('examples/PROOF.md'), 'utf8');
for (const { id } of remedies) {
  if (!beyondTraffic.has(id) && !proof.includes(`\n## ${id}\n`))
    faults.push(`examples/PROOF.md proves nothing of ${id}: npm run test:mesh`);
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
