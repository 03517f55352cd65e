import { gzipSync } from 'node:zlib';

/** Files of a repository: contents by path. */
export type Files = Readonly<Record<string, string>>;

/** A gzipped tar of regular files and the folders that they need, as the repo server streams a repository. */
export function tarOf(files: Files): Buffer {
  const blocks: Buffer[] = [];
  for (const folder of foldersOf(Object.keys(files))) blocks.push(header(`${folder}/`, 0, '5'));
  for (const [path, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    blocks.push(header(path, bytes.length, '0'), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function foldersOf(paths: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    const names = path.split('/').slice(0, -1);
    names.forEach((_, index) => {
      folders.add(names.slice(0, index + 1).join('/'));
    });
  }
  return [...folders].sort();
}

/** @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html ustar interchange format */
function header(name: string, size: number, type: '0' | '5'): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(name, 0, 100);
  block.write(octal(type === '5' ? 0o755 : 0o644, 7), 100);
  block.write(octal(0, 7) + octal(0, 7) + octal(size, 11) + octal(0, 11), 108);
  block.write(`        ${type}`, 148);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
