import { InputError } from '../errors.ts';
import { placeAt } from '../manifest/position.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes UTF-8 and nothing else: what is not UTF-8 would not come out as it went in. */
export function decoded(file: string, bytes: Uint8Array): string {
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    throw new InputError('not valid UTF-8', { place: firstInvalid(file, bytes), hint: 'save the file as UTF-8' });
  }
  const nul = text.indexOf('\0');
  if (nul === -1) return text;
  throw new InputError('NUL character: this is not text', { place: placeAt({ path: file, text }, nul) });
}

function firstInvalid(file: string, bytes: Uint8Array): { file: string; line: number; column: number } {
  const lossy = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const again = Buffer.from(lossy);
  let at = 0;
  while (at < bytes.length && bytes[at] === again[at]) at++;
  const before = Buffer.from(bytes.buffer, bytes.byteOffset, at);
  const line = before.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 1);
  const column = before.subarray(before.lastIndexOf(10) + 1).toString().length + 1;
  return { file, line, column };
}
