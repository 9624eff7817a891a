import { describe, expect, it } from "vitest";
import { duration, modelName, money, room, tokens } from "./format";

it("room for text is what is left, or by how much there is too little", () => {
  expect([2000, 0, -1000].map(room)).toEqual(["2,000 left", "0 left", "1,000 too many"]);
});

describe("money", () => {
  for (const [usd, words] of [
    ["0", "$0"],
    ["0.00041230", "$0.00041"],
    ["0.0004", "$0.0004"],
    ["0.041", "$0.041"],
    ["0.4", "$0.40"],
    ["12.345", "$12.35"],
    ["0.0000001", "less than $0.000001"],
  ] as const) {
    it(`${usd} reads ${words}`, () => expect(money(usd)).toBe(words));
  }
});

describe("numbers", () => {
  it("have units", () => {
    expect(tokens(1)).toBe("1 token");
    expect(tokens(1204)).toBe("1,204 tokens");
    expect([412, 5230, 42_000, 125_000].map(duration)).toEqual(["412 ms", "5.2 s", "42 s", "2 min 5 s"]);
  });
});

describe("models", () => {
  it("are called by their label, else by the end of their id", () => {
    expect(modelName("openai/gpt-5", [{ id: "openai/gpt-5", label: "GPT-5" }])).toBe("GPT-5");
    expect(modelName("openai/gpt-4", [])).toBe("gpt-4");
  });
});
