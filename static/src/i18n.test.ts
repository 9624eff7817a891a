import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { money } from "./chat/format";
import { number, speak, t, tn, tWith } from "./i18n";

afterEach(async () => {
  document.documentElement.lang = "";
  await speak("en");
});

describe("a page without a catalogue", () => {
  it("says what stands in the code", () => expect(t("Write a message")).toBe("Write a message"));

  it("puts values where they belong, as they are", () => {
    expect(t("Hello, %(name)s", { name: "%(name)s $& Ada" })).toBe("Hello, %(name)s $& Ada");
  });

  it("tells one from many, and writes numbers with their thousands", () => {
    expect(tn("%(n)s token", "%(n)s tokens", 1)).toBe("1 token");
    expect(tn("%(n)s token", "%(n)s tokens", 1234)).toBe("1,234 tokens");
  });

  it("keeps what is more than words", () => {
    const link = { href: "/" };
    expect(tWith("Read %(link)s first", { link })).toEqual(["Read ", link, " first"]);
  });

  it("is what a page in an unknown language is", async () => {
    await speak("fr");
    expect(t("Write a message")).toBe("Write a message");
  });
});

describe("a German page", () => {
  beforeEach(async () => {
    document.documentElement.lang = "de";
    await speak("de");
  });

  it("speaks German", () => expect(t("Write a message")).toBe("Nachricht schreiben"));

  it("tells one from many by its own rule", () => {
    expect(tn("%(n)s day", "%(n)s days", 1)).toBe("1 Tag");
    expect(tn("%(n)s day", "%(n)s days", 0)).toBe("0 Tage");
  });

  it("writes numbers and money as Germans do", () => {
    expect(number(1234.5)).toBe("1.234,5");
    expect(money("0.041").replace("\u00a0", " ")).toBe("0,041 $");
  });

  it("says in English what nobody has translated", () => expect(t("Never said")).toBe("Never said"));
});
