import type { Document } from '../manifest/node.ts';
import type { Operation } from '../manifest/operation.ts';
import { pointer, segmentsOf } from '../manifest/pointer.ts';
import { at } from '../mesh/read.ts';
import { patchText } from '../patch.ts';
import type { BuildPatch, PathText } from './build-patch.ts';

/** A path with a list index is one that an edit of the list can lead astray. */
export interface FollowedPaths {
  /** The patch that stays behind when these operations are made; undefined when all paths can go along. */
  leftBehind(patches: readonly BuildPatch[], operations: readonly Operation[]): BuildPatch | undefined;
  /** Lets the paths go where the operations move what they point at. */
  follow(patches: readonly BuildPatch[], operations: readonly Operation[]): void;
  /** The edits of the documents that hold the paths. */
  edits(): Map<Document, readonly Operation[]>;
}

export function followPaths(): FollowedPaths {
  const moved = new Map<PathText, string>();
  const current = (path: PathText): string => moved.get(path) ?? pointerOf(path);

  return {
    leftBehind: (patches, operations) =>
      patches.find((patch) =>
        patch.paths.some((path) => {
          const after = movedBy(current(path), operations);
          if (after === undefined) return true;
          // Its own operations change what later ones count from.
          return after !== current(path) && (changesLists(patch) || path.document.file.isOutside === true);
        }),
      ),
    follow(patches, operations) {
      for (const { paths } of patches)
        for (const path of paths) {
          const after = movedBy(current(path), operations);
          if (after !== undefined && after !== pointerOf(path)) moved.set(path, after);
          else moved.delete(path);
        }
    },
    edits() {
      const inline = new Map<string, { document: Document; pointer: string; operations: Operation[] }>();
      const edits = new Map<Document, Operation[]>();
      const editsOf = (document: Document): Operation[] =>
        edits.get(document) ?? edits.set(document, []).get(document)!;
      for (const [path, after] of moved) {
        const value = path.form === 'pointer' ? after : segmentsOf(after).map(dotted).join('.');
        if (path.inner === undefined) editsOf(path.document).push({ op: 'replace', path: path.pointer, value });
        else {
          const key = `${path.document.file.path} ${path.document.index} ${path.pointer}`;
          const text = inline.get(key) ?? { document: path.document, pointer: path.pointer, operations: [] };
          inline.set(key, text);
          text.operations.push({ op: 'replace', path: path.inner, value });
        }
      }
      for (const { document, pointer: where, operations } of inline.values()) {
        const text = at(document.value, ...segmentsOf(where).map((each) => (/^\d+$/.test(each) ? Number(each) : each)));
        editsOf(document).push({ op: 'replace', path: where, value: patchText(text as string, operations) });
      }
      return edits;
    },
  };
}

function pointerOf({ form, text }: PathText): string {
  return form === 'pointer' ? text : pointer(...splitDotted(text));
}

/** `metadata.annotations.a\.b` or `spec.http.[name=x].y` → its keys. */
function splitDotted(text: string): string[] {
  const found = text.match(/(?:\[[^\]]*\]|\\.|[^.\\])+/g) ?? [];
  return found.map((each) => each.replaceAll('\\.', '.'));
}

function dotted(segment: string): string {
  return segment.startsWith('[') ? segment : segment.replaceAll('.', '\\.');
}

/** True for RFC 6902 operations that add, remove or move items of lists. */
function changesLists({ body }: BuildPatch): boolean {
  if (!Array.isArray(body)) return false;
  return body.some((operation) => {
    const op = at(operation, 'op');
    const path = at(operation, 'path');
    return op === 'move' || op === 'copy' || ((op === 'add' || op === 'remove') && /\/\d+$/.test(String(path)));
  });
}

/** Where a path leads after operations; undefined when what it points at is gone, or not known. */
function movedBy(path: string, operations: readonly Operation[]): string | undefined {
  let current: string | undefined = path;
  for (const operation of operations) {
    if (current === undefined) return undefined;
    current = movedOnce(current, operation);
  }
  return current;
}

function movedOnce(path: string, operation: Operation): string | undefined {
  if (operation.op === 'move') {
    if (isAtOrBelow(path, operation.from)) return operation.path + path.slice(operation.from.length);
    return inserted(removed(path, operation.from) ?? path, operation.path);
  }
  if (operation.op === 'remove') return removed(path, operation.path);
  if (operation.op === 'add') return inserted(path, operation.path);
  // A list that is replaced as a whole may have other items at the same places.
  if (operation.op === 'replace' && Array.isArray(operation.value) && indexBelow(path, operation.path) !== undefined)
    return undefined;
  return path;
}

/** A path after an item of a list is gone; undefined when it led into the item. */
function removed(path: string, gone: string): string | undefined {
  const { list, index } = itemOf(gone);
  const own = indexBelow(path, list);
  if (index === undefined || own === undefined || own < index) return path;
  return own === index ? undefined : withIndex(path, list, own - 1);
}

/** A path after an item was put into a list. */
function inserted(path: string, added: string): string {
  const { list, index } = itemOf(added);
  const own = indexBelow(path, list);
  return index === undefined || own === undefined || own < index ? path : withIndex(path, list, own + 1);
}

function itemOf(path: string): { list: string; index: number | undefined } {
  const slash = path.lastIndexOf('/');
  const last = path.slice(slash + 1);
  return { list: path.slice(0, slash), index: /^\d+$/.test(last) ? Number(last) : undefined };
}

/** The index with which a path goes on below a list. */
function indexBelow(path: string, list: string): number | undefined {
  const next = path.startsWith(`${list}/`) ? path.slice(list.length + 1).split('/')[0] : undefined;
  return next !== undefined && /^\d+$/.test(next) ? Number(next) : undefined;
}

function withIndex(path: string, list: string, index: number): string {
  const rest = path.slice(list.length + 1);
  const slash = rest.indexOf('/');
  return `${list}/${index}${slash === -1 ? '' : rest.slice(slash)}`;
}

function isAtOrBelow(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}/`);
}
