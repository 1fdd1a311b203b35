/** A YAML file that remembers where each of its values stands. */
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from "yaml";
import type { Finding, Path } from "./findings.ts";
import type { PolicyProblem } from "./policy.ts";

export interface YamlSource {
  /** The file's content; undefined when it is no YAML. */
  readonly value: unknown;
  /** What keeps it from being YAML. */
  readonly problems: readonly PolicyProblem[];
  /** The place of what was found. Where a path leads nowhere, its last part that exists is meant. */
  locate(finding: Finding): PolicyProblem;
}

/**
 * @param file the file's name in problems
 * @param text its content
 */
export function parseYaml(file: string, text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const problems = [
    ...[...document.errors, ...document.warnings].map(({ pos, message }) => ({ offset: pos[0], message })),
    ...danglingAliases(document),
  ].map(({ offset, message }) => ({ ...place(offset), message }));
  return {
    value: problems.length === 0 ? document.toJS() : undefined,
    problems,
    locate: ({ path, message, unknownKey = false }) => ({
      ...place(offsetOf(document.contents, path, unknownKey)),
      message,
    }),
  };
}

/** Aliases of anchors that are nowhere; a document with one has no value. */
function danglingAliases(document: Document): { offset: number; message: string }[] {
  const dangling: { offset: number; message: string }[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      dangling.push({ offset: alias.range?.[0] ?? 0, message: `*${alias.source} has no anchor &${alias.source}` });
    },
  });
  return dangling;
}

function offsetOf(root: Node | null, path: Path, keyItself: boolean): number {
  let offset = root?.range?.[0] ?? 0;
  let node: unknown = root;
  for (const [depth, key] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      const wantsKey = keyItself && depth === path.length - 1;
      node = pair?.value;
      offset = startOf(wantsKey ? pair?.key : node) ?? startOf(pair?.key) ?? offset;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = startOf(node) ?? offset;
    } else break;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  if (isMap(node) || isSeq(node) || isScalar(node)) return node.range?.[0];
  return undefined;
}
