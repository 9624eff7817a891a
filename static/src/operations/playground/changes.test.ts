import { describe, expect, it } from "vitest";
import { changes, type Piece } from "./changes";

function shown(before: string, after: string): string {
  const marks: Record<Piece["kind"], [string, string]> = { same: ["", ""], added: ["{+", "+}"], removed: ["[-", "-]"] };
  return changes(before, after)
    .map(({ kind, text }) => marks[kind].join(text))
    .join("");
}

function side(pieces: Piece[], without: Piece["kind"]): string {
  return pieces
    .filter(({ kind }) => kind !== without)
    .map(({ text }) => text)
    .join("");
}

describe("what differs between two answers", () => {
  it.each([
    ["", "", ""],
    ["the same", "the same", "the same"],
    ["", "new", "{+new+}"],
    ["old", "", "[-old-]"],
    ["the red house", "the blue house", "the [-red-]{+blue+} house"],
    ["one two three", "one three", "one [-two -]three"],
    ["It is 5 o'clock.", "It is 6 o'clock!", "It is [-5-]{+6+} o'clock[-.-]{+!+}"],
  ])("%j and %j", (before, after, expected) => {
    expect(shown(before, after)).toBe(expected);
  });

  it("leads from one to the other, whatever they are", () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    for (let round = 0; round < 300; round += 1) {
      const text = () => Array.from({ length: random(12) }, () => "abc"[random(3)]).join(" ");
      const [before, after] = [text(), text()];
      const pieces = changes(before, after);

      expect(side(pieces, "added")).toBe(before);
      expect(side(pieces, "removed")).toBe(after);
    }
  });

  it("is quick for long texts that have nothing in common", () => {
    const long = (word: string) => Array.from({ length: 20_000 }, (_, at) => `${word}${at}`).join(" ");
    const began = performance.now();

    const pieces = changes(long("a"), long("b"));

    expect(side(pieces, "added")).toBe(long("a"));
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
