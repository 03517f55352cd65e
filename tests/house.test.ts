// The order of the rooms in src/, and what no room may hold.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const src = fileURLToPath(new URL('../src/', import.meta.url));

/** Rooms and single files of src/, each of which may import what comes before it. Those of one line import none of each other. */
const order = [
  ['errors.ts', 'nearest.ts', 'group-by.ts', 'glob.ts'],
  ['manifest'],
  ['finding.ts', 'patch.ts', 'operations.ts'],
  ['mesh'],
  ['builds'],
  ['step.ts'],
  ['remedies'],
  ['config'],
  ['run'],
  ['files', 'report'],
  ['command'],
  ['cli', 'krm', 'argocd', 'api.ts'],
  ['library.ts'],
  ['main.ts', 'start.ts'],
];

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
const imports = files.flatMap(importsOf);

function importsOf(from: string): Import[] {
  const text = readFileSync(join(src, from), 'utf8');
  const found = text.matchAll(/(?:from |import\()'(\.[^']+)'/g);
  return [...found].map(([, target]) => ({ from, to: normalize(join(dirname(from), target as string)) }));
}

function roomOf(path: string): string {
  return path.split('/')[0] as string;
}

function rankOf(path: string): number {
  return order.findIndex((rooms) => rooms.includes(roomOf(path)));
}

/** The folder of a remedy that a file is of. */
function remedyOf(path: string): string | undefined {
  const [room, remedy, ...rest] = path.split('/');
  return room === 'remedies' && rest.length > 0 && remedy !== 'mechanisms' ? remedy : undefined;
}

const house = suite('house');

house('every file is in a room that has its place in the order', () => {
  assert.equal(
    files.filter((path) => rankOf(path) === -1),
    [],
  );
});

house('no room imports a later one', () => {
  const back = imports.filter(({ from, to }) => roomOf(from) !== roomOf(to) && rankOf(from) <= rankOf(to));
  assert.equal(back, []);
});

house('no remedy imports another', () => {
  const crossing = imports.filter(({ from, to }) => {
    const [own, other] = [remedyOf(from), remedyOf(to)];
    return own !== other && other !== undefined && from !== 'remedies/index.ts';
  });
  assert.equal(crossing, []);
});

house('no remedy asks whether anybody asked for it', () => {
  const asking = files
    .filter((path) => roomOf(path) === 'remedies')
    .filter((path) => /\brequested\b/.test(textOf(path)));
  assert.equal(asking, []);
});

house('files are named after what they hold', () => {
  assert.equal(
    files.filter((path) => /(^|[/-])(util|helper|manager|common|misc)s?\b/.test(path)),
    [],
  );
});

house.run();

function textOf(path: string): string {
  return readFileSync(join(src, path), 'utf8');
}
