import { type Event, parseEvents } from 'js-yaml';
import { composeDocuments, type RawDocument } from './compose.ts';
import { isMarker } from './trivia.ts';
import { depthLimit } from './yaml-fault.ts';

/**
 * Reads YAML by js-yaml's event parser, which is many times as fast as a document parser. Its events lack some
 * ends (of collections, of block scalars' headers); those are found by a walk over the trivia between tokens.
 *
 * @throws YamlFault, or js-yaml's own exception
 */
export function readByEvents(text: string): RawDocument[] {
  return composeDocuments(text, parseEvents(text, { maxDepth: depthLimit }));
}

/** How many characters may be read again and again on behalf of under-indented lines: each such line costs a parse. */
const rereadLimit = 12_000_000;
/** How far such a line is moved in: further than the keys of manifests are. */
const padding = ' '.repeat(100);

/**
 * Reads YAML whose flow collections and quoted scalars go on in lines that are indented too little, which js-yaml
 * refuses and go-yaml does not mind (inside of brackets and quotes its scanner asks for no indentation). Such lines are
 * moved in for the parser, and the offsets of its events moved back.
 *
 * @throws js-yaml's own exception when that does not help, or takes too long
 */
export function readPaddingLines(text: string): RawDocument[] {
  const lineStarts: number[] = [];
  let padded = text;
  for (let reread = 0; ; ) {
    try {
      const events = parseEvents(padded, { maxDepth: depthLimit });
      return composeDocuments(
        text,
        events.map((event) => unpadded(event, lineStarts)),
      );
    } catch (error) {
      const { reason, mark } = error as { reason?: string; mark?: { position: number } };
      if (reason !== 'deficient indentation' || !mark) throw error;
      const lineStart = padded.lastIndexOf('\n', mark.position - 1) + 1;
      reread += mark.position;
      const isHopeless = padded.startsWith(padding, lineStart) || isDocumentBoundary(padded, lineStart);
      if (isHopeless || reread > rereadLimit) throw error;
      // Faults come in the order of the text, so all lines that are moved already are before this one.
      lineStarts.push(lineStart - lineStarts.length * padding.length);
      padded = padded.slice(0, lineStart) + padding + padded.slice(lineStart);
    }
  }
}

const offsets = ['start', 'valueStart', 'valueEnd', 'anchorStart', 'anchorEnd', 'tagStart', 'tagEnd'] as const;

/** An event as it would be had no lines been moved in. */
function unpadded(event: Event, lineStarts: readonly number[]): Event {
  const moved: Event & { [Name in (typeof offsets)[number]]?: number } = { ...event };
  for (const name of offsets) {
    let offset = moved[name];
    if (offset === undefined) continue;
    for (const lineStart of lineStarts) {
      if (offset <= lineStart) break;
      offset = Math.max(offset - padding.length, lineStart);
    }
    moved[name] = offset;
  }
  return moved;
}

/** True for a `---` or `...`, which ends a document even inside of brackets and quotes. */
function isDocumentBoundary(text: string, offset: number): boolean {
  return isMarker(text, offset, '---') || isMarker(text, offset, '...');
}
