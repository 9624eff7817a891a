// @vitest-environment jsdom
import { nothing, render, type TemplateResult } from "lit-html";
import { describe, expect, it } from "vitest";
import { type ContextValue, details, lineBefore, pill } from "./context";

const SPENT = { input_tokens: 1200, output_tokens: 300, cost_usd: "0.00040000", is_estimated: false, unpriced: 0 };
const VALUE: ContextValue = {
  model: "demo/parley",
  used: 4_000,
  budget: 20_000,
  window: null,
  sent: 6,
  summarised: 0,
  left_out: 0,
  starts_at: "a",
  summary: null,
  thread: SPENT,
  month: { ...SPENT, name: "November" },
};
const SUMMARY = { up_to: "b", text: "They <b>spoke</b>.", messages: 12, model: "Demo", created_at: "" };

function text(template: TemplateResult | typeof nothing | null): string {
  const root = document.createElement("div");
  render(template ?? nothing, root);
  return (root.textContent ?? "").replace(/\s+/g, " ").trim();
}

describe("the gauge", () => {
  it("keeps quiet while there is nothing to say", () => {
    expect(pill(VALUE, () => undefined)).toBe(nothing);
  });

  it.each([
    [{ used: 10_000 }, "50%"],
    [{ summarised: 12 }, "20%"],
    [{ left_out: 3 }, "20%"],
  ])("shows with %o", (change, percent) => {
    expect(text(pill({ ...VALUE, ...change }, () => undefined))).toBe(percent);
  });
});

describe("a line in the thread", () => {
  it("stands behind the message that the summary reaches", () => {
    const value = { ...VALUE, summarised: 12, summary: SUMMARY };

    expect(lineBefore(value, "b", "a")).toBeNull();
    expect(text(lineBefore(value, "c", "b"))).toContain("12 earlier messages above are summarised for the model");
    expect(text(lineBefore(value, "c", "b"))).toContain("They <b>spoke</b>.");
  });

  it("says how many messages are not sent where there is no summary", () => {
    const value = { ...VALUE, left_out: 1 };

    expect(text(lineBefore(value, "a", undefined))).toContain("1 earlier message above is not sent to the model.");
    expect(lineBefore(value, "b", "a")).toBeNull();
  });
});

describe("the numbers", () => {
  it("say what goes along and what it cost", () => {
    const said = text(details({ ...VALUE, summarised: 12, left_out: 2, window: 8_000 }));

    expect(said).toContain("4K of 20K tokens, about 20%");
    expect(said).toContain("6 messages go along in full, 12 earlier messages summarised, 2 earlier messages left out.");
    expect(said).toContain("This model can read 8K tokens");
    expect(said).toContain("1.2K in, 300 out · $0.0004");
  });

  it("are flagged when estimated or unknown", () => {
    const estimated = { ...SPENT, is_estimated: true };
    const unknown = { ...SPENT, cost_usd: "0E-8", unpriced: 4 };

    expect(text(details({ ...VALUE, thread: estimated }))).toContain("about $0.0004");
    expect(text(details({ ...VALUE, thread: unknown }))).toContain("cost unknown");
  });
});
