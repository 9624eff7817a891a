import { expect, it } from "vitest";
import { filled, gapsOf } from "./prompts";

it("finds each gap once, in its order", () => {
  expect(gapsOf("Dear {{ name }}, about {{topic}}: {{name}} {{}} { {x} }")).toEqual(["name", "topic"]);
});

it("fills every place of a gap and leaves one that nothing is said of", () => {
  expect(filled("{{a}} and {{ a }} and {{b}}", { a: "x" })).toBe("x and x and {{b}}");
});

it("takes what is typed as it is, also where it looks like a gap or a pattern", () => {
  expect(filled("{{a}} {{b}}", { a: "{{b}}", b: "$&" })).toBe("{{b}} $&");
});
