// @vitest-environment jsdom
import { render } from "lit-html";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ModelDetails, Rule } from "./models";
import { abilityWords, sizeAndPrice } from "./models";
import { faultOf, parameterFields } from "./settings_fields";

const TEMPERATURE: Rule = { label: "Temperature", least: 0, most: 2, whole: false };
const SEED: Rule = { label: "Seed", least: 0, most: 2_147_483_647, whole: true };
const EFFORT: Rule = { label: "Reasoning effort", options: ["low", "medium", "high"] };
const RULES = { temperature: TEMPERATURE, seed: SEED, reasoning_effort: EFFORT };
const MODEL: ModelDetails = {
  id: "openai/x",
  label: "X",
  provider: "OpenAI",
  abilities: {
    sees_images: true,
    reads_pdfs: false,
    uses_tools: true,
    reasons: false,
    context_window: 128_000,
    max_output: null,
    input_price: 0.15,
    output_price: 0.6,
  },
  parameters: ["temperature", "reasoning_effort"],
  note: "",
  efforts: ["low", "high"],
};

describe("what is typed for a parameter", () => {
  it.each([
    ["0", null],
    ["2", null],
    ["2.1", "Temperature is a number from 0 to 2."],
    ["hot", "Temperature is a number from 0 to 2."],
  ])("%s", (text, fault) => {
    expect(faultOf(TEMPERATURE, text)).toBe(fault);
  });

  it("is whole where it must be", () => {
    expect(faultOf(SEED, "1.5")).toBe("Seed is a whole number from 0 to 2,147,483,647.");
  });
});

describe("the fields", () => {
  const set = vi.fn();
  const wrong = vi.fn();
  const root = document.createElement("div");

  function draw(values: Record<string, string | number>, typed: Record<string, string> = {}): void {
    render(parameterFields(MODEL, RULES, { values, faults: {}, typed, set, wrong }), root);
  }

  beforeEach(() => {
    vi.clearAllMocks();
    document.body.replaceChildren(root);
  });

  function type(text: string): void {
    const field = root.querySelector<HTMLInputElement>("#setting-temperature") as HTMLInputElement;
    field.value = text;
    field.dispatchEvent(new Event("input"));
    field.dispatchEvent(new Event("change"));
  }

  it("are those the model takes", () => {
    draw({});

    expect([...root.querySelectorAll("label")].map((label) => label.textContent)).toEqual([
      "Temperature",
      "Reasoning effort",
    ]);
    expect([...root.querySelectorAll("option")].map((one) => one.value)).toEqual(["", "low", "high"]);
  });

  it("name what is set and not taken, and let go of it", () => {
    draw({ seed: 7 });

    expect(root.textContent).toContain("X does not take these, so they are left out");
    root.querySelector<HTMLButtonElement>(".settings-unused button")?.click();
    expect(set).toHaveBeenCalledWith("seed", null);
  });

  it("take a decimal comma, and nothing for the model's own", () => {
    draw({ temperature: 1 });

    type("0,5");
    type("");

    expect(set.mock.calls).toEqual([
      ["temperature", 0.5],
      ["temperature", null],
    ]);
  });

  it("keep what cannot stay, with a sentence", () => {
    draw({});

    type("9");

    expect(wrong).toHaveBeenCalledWith("temperature", "9", "Temperature is a number from 0 to 2.");
  });

  it("keep what is being typed when they are drawn anew", () => {
    const typed = {};
    draw({ temperature: 1 }, typed);
    const field = root.querySelector<HTMLInputElement>("#setting-temperature") as HTMLInputElement;
    field.value = "";
    field.dispatchEvent(new Event("input"));

    draw({ temperature: 1 }, typed);

    expect(field.value).toBe("");
  });
});

describe("a model in words", () => {
  it("says what it does, holds and costs", () => {
    expect(abilityWords(MODEL.abilities)).toEqual(["sees images", "uses tools"]);
    expect(sizeAndPrice(MODEL.abilities)).toEqual(["128K tokens", "$0.15 in, $0.60 out per million"]);
    expect(sizeAndPrice({ ...MODEL.abilities, context_window: null, input_price: 0, output_price: 0 })).toEqual([
      "free",
    ]);
  });
});
