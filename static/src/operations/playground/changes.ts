// What differs between two texts, word by word: the shortest way from one to the other, after Myers.

export interface Piece {
  kind: "same" | "added" | "removed";
  text: string;
}

/** Beyond so many differing words the way is not looked for: all of one is removed, all of the other added. */
const MOST_STEPS = 800;

export function changes(before: string, after: string): Piece[] {
  const from = words(before);
  const to = words(after);
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start += 1;
  let end = 0;
  while (end < from.length - start && end < to.length - start && from.at(-1 - end) === to.at(-1 - end)) end += 1;
  const middle = between(from.slice(start, from.length - end), to.slice(start, to.length - end));
  return joined([
    ...from.slice(0, start).map((text): Piece => ({ kind: "same", text })),
    ...middle,
    ...from.slice(from.length - end).map((text): Piece => ({ kind: "same", text })),
  ]);
}

function words(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

function between(from: string[], to: string[]): Piece[] {
  const trace = way(from, to);
  if (!trace) return [...all("removed", from), ...all("added", to)];
  const pieces: Piece[] = [];
  let x = from.length;
  let y = to.length;
  for (let step = trace.length - 1; step >= 0; step -= 1) {
    const furthest = trace[step] as Map<number, number>;
    const line = x - y;
    const goesDown = line === -step || (line !== step && at(furthest, line - 1) < at(furthest, line + 1));
    const lineBefore = goesDown ? line + 1 : line - 1;
    const xBefore = step === 0 ? 0 : at(furthest, lineBefore);
    const yBefore = step === 0 ? 0 : xBefore - lineBefore;
    while (x > xBefore && y > yBefore) {
      x -= 1;
      y -= 1;
      pieces.push({ kind: "same", text: from[x] as string });
    }
    if (step === 0) break;
    if (goesDown) {
      y -= 1;
      pieces.push({ kind: "added", text: to[y] as string });
    } else {
      x -= 1;
      pieces.push({ kind: "removed", text: from[x] as string });
    }
  }
  return pieces.reverse();
}

/** For each number of steps, how far each diagonal had come before it; null where that takes too many. */
function way(from: string[], to: string[]): Map<number, number>[] | null {
  const trace: Map<number, number>[] = [];
  const furthest = new Map<number, number>([[1, 0]]);
  for (let step = 0; step <= Math.min(MOST_STEPS, from.length + to.length); step += 1) {
    trace.push(new Map(furthest));
    for (let line = -step; line <= step; line += 2) {
      const goesDown = line === -step || (line !== step && at(furthest, line - 1) < at(furthest, line + 1));
      let x = goesDown ? at(furthest, line + 1) : at(furthest, line - 1) + 1;
      while (x < from.length && x - line < to.length && from[x] === to[x - line]) x += 1;
      furthest.set(line, x);
      if (x >= from.length && x - line >= to.length) return trace;
    }
  }
  return null;
}

function at(furthest: Map<number, number>, line: number): number {
  return furthest.get(line) ?? 0;
}

function all(kind: Piece["kind"], texts: string[]): Piece[] {
  return texts.map((text) => ({ kind, text }));
}

function joined(pieces: Piece[]): Piece[] {
  const found: Piece[] = [];
  for (const piece of pieces) {
    const last = found.at(-1);
    if (last?.kind === piece.kind) last.text += piece.text;
    else found.push({ ...piece });
  }
  return found;
}
