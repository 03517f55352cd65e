// Adds a remedy: npm run new -- <id>. It works from the start; what is yours to write is marked TODO.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../src/errors.ts';
import { scaffold } from './scaffold.ts';

const root = new URL('../../', import.meta.url);

function add(id: string): void {
  for (const [path, text] of scaffold(id, (each) => existsSync(new URL(each, root)))) {
    const file = new URL(path, root);
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${path}`);
  }
  const generate = fileURLToPath(new URL('generate.ts', import.meta.url));
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', generate], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

const nextSteps = (id: string): string => `
Next:
  write faults.ts, index.ts and page.md in src/remedies/${id} (look for TODO)
  write examples/${id}/before.yaml and the cases in tests/remedies/${id}.md
  UPDATE_GOLDEN=1 npm test -- ${id}   writes what comes out; read the diff
  npm run generate                    after every edit of page.md, parameters or templates
  npm run check && npm test           says what is missing
`;

const [id = ''] = process.argv.slice(2);
try {
  add(id);
  console.log(nextSteps(id));
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  process.stderr.write(error.report());
  process.exitCode = 2;
}
