// Runs the tests and counts them. uvu alone exits 0 with no tests, with a forgotten run() and with a throwing hook,
// so its closing block is read: there must be tests, and all must have passed.
//
//   npm test                                all that needs nothing but Node
//   npm test -- disable-retries             the golden cases of a remedy
//   npm test -- disable-retries/delegates   one golden case
//   node --import tsx tests/run.ts FOLDER [IGNORE]   the tests of a folder, but for paths that match a pattern
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

const [what = 'tests', ignore = '^(mesh|kustomize|argocd|bench|corpus)/'] = process.argv.slice(2);
const isGolden = existsSync(`tests/remedies/${what.split('/')[0]}.md`);
if (!isGolden && !existsSync(what)) {
  console.error(`${what} is not a remedy with golden cases, and not a folder`);
  process.exit(2);
}
const [folder, files] = isGolden ? ['tests', '^remedies\\.test\\.ts$'] : [what, '\\.test\\.ts$'];
const args = ['--import', 'tsx', 'node_modules/uvu/bin.js', folder, files, '--no-color', '-i', ignore];
const env = { ...process.env, ...(isGolden && { GOLDEN_CASES: what }) };
const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
let output = '';
child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
  output += chunk;
  process.stdout.write(chunk);
});
child.on('close', (code) => {
  const closing = /\n {2}Total: {5}(\d+)\n {2}Passed: {4}(\d+)\n {2}Skipped: {3}(\d+)\n/.exec(output);
  const [total, passed] = closing ? [Number(closing[1]), Number(closing[2])] : [0, 0];
  const failed = Math.max(total - passed, total === 0 || (code !== 0 && total === passed) ? 1 : 0);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
});
