import { describe, expect, it } from "vitest";
import type { Usage } from "../../shared/protocol";
import { speed } from "./details";

function usage(change: Partial<Usage>): Usage {
  return {
    input_tokens: 10,
    output_tokens: 100,
    cached_tokens: null,
    reasoning_tokens: null,
    cost_usd: null,
    cost_source: "unknown",
    usage_source: "exact",
    time_to_first_token_ms: 500,
    duration_ms: 2500,
    reasoning_ms: null,
    ...change,
  };
}

describe("the speed of a reply", () => {
  it("is counted from its first word", () => {
    expect(speed(usage({}))).toBe("50 tokens per second");
    expect(speed(usage({ output_tokens: 3 }))).toBe("1.5 tokens per second");
  });

  it("is not claimed where it was not measured", () => {
    expect(speed(usage({ duration_ms: null }))).toBeNull();
    expect(speed(usage({ output_tokens: null }))).toBeNull();
    expect(speed(usage({ duration_ms: 510 }))).toBeNull();
  });
});
