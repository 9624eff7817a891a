import { expect, it } from "vitest";
import type { ToolCall } from "../../shared/protocol";
import { message } from "../samples";
import { ReplyView } from "./reply";

function shown(call: Partial<ToolCall>): HTMLElement {
  const its = { call_id: "1", name: "search", label: "", arguments: "{}", result: null, error: null, ...call };
  const element = document.createElement("div");
  new ReplyView(element).draw(message("a1", "q1", { tools: [its] }), false, null);
  return element;
}

const texts = (element: HTMLElement) => [...element.querySelectorAll("pre")].map(({ textContent }) => textContent);

it.each([
  ["a word of 5,000 characters", "x".repeat(5000)],
  ["100 kB that are no JSON", `{"half": ${"[1, ".repeat(25_000)}`],
  ["nesting no parser goes down", "[".repeat(100_000) + "]".repeat(100_000)],
  ["words from the right, and emoji", "مرحبا 🦦👩‍👩‍👧"],
  ["control characters", "a\u0000b\u001bc\u2028d"],
  ["markup", "<img src=x onerror=alert(1)><script>alert(1)</script>"],
])("a tool's answer is shown as it came: %s", (_name, result) => {
  const element = shown({ result });

  expect(texts(element)[1]).toBe(result);
  expect(element.querySelectorAll("img, script")).toHaveLength(0);
});

it("JSON has a line for each value, and is read from the left whatever it says", () => {
  const element = shown({ arguments: '{"مرحبا":{"deep":[1]}}', result: "مرحبا" });

  expect(texts(element)[0]).toBe('{\n  "مرحبا": {\n    "deep": [\n      1\n    ]\n  }\n}');
  expect([...element.querySelectorAll("pre")].map(({ dir }) => dir)).toEqual(["ltr", "auto"]);
});

it("a tool is called by its name where it has no label, and says that it failed", () => {
  const element = shown({ error: "The handbook could not be reached." });

  expect(element.querySelector("summary")?.textContent).toContain("search");
  expect(element.querySelector("summary")?.textContent).toContain("Failed");
  expect(texts(element)).toEqual(["{}", "The handbook could not be reached."]);
});
