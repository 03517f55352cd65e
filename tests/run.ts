// Runs the tests and counts them. uvu alone exits 0 with no tests, with a forgotten run() and with a throwing hook,
// so its closing block is read: there must be tests, and all must have passed.
import { spawn } from 'node:child_process';

const [folder = 'tests', ignore = '^(mesh|kustomize|argocd|bench|corpus)/'] = process.argv.slice(2);
const args = ['--import', 'tsx', 'node_modules/uvu/bin.js', folder, '\\.test\\.ts$', '--no-color', '-i', ignore];
const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
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
