// @vitest-environment node
import { describe, expect, it } from "vitest";
import { extract, isSource } from "./extract";
import { catalogueModule, formatPo, type Message, parsePo, pluralRule, updatedPo } from "./po";

const FILES = import.meta.glob<string>("/static/src/**/*.ts", { query: "?raw", import: "default", eager: true });
const CATALOGUES = import.meta.glob<string>("/locale/*/LC_MESSAGES/djangojs.po", {
  query: "?raw",
  import: "default",
  eager: true,
});

const sources = Object.fromEntries(
  Object.entries(FILES)
    .map(([path, source]) => [path.slice(1), source] as const)
    .filter(([path]) => isSource(path)),
);
const said = extract(sources);
/** How a value begins in a template; written otherwise here, where no string is one. */
const HOLE = "$".concat("{");
const names = (text: string) => new Set(text.match(/%\(\w+\)s|\{\{\w+\}\}/g));

describe("the page's scripts", () => {
  it("show nothing that is not translated", () => expect(said.faults).toEqual([]));
});

describe.each(Object.entries(CATALOGUES))("%s", (_, text) => {
  const { entries } = parsePo(text);

  it("holds what the scripts say, and nothing else", () => {
    const keys = (messages: readonly Message[]) =>
      messages.map(({ id, plural }) => JSON.stringify([id, plural])).sort();
    expect(keys(entries)).toEqual(keys(said.messages));
  });

  it("leaves nothing in English", () => {
    const open = entries.filter(({ translations, isFuzzy }) => isFuzzy || !translations.every(Boolean));
    expect(open.map(({ id }) => id)).toEqual([]);
  });

  it("loses no placeholder and no space at an end", () => {
    const ends = (words: string) => [/^\s*/.exec(words)?.[0], /\s*$/.exec(words)?.[0]];
    for (const { id, plural, translations } of entries) {
      for (const [form, words] of translations.entries()) {
        const original = form === 0 ? id : (plural ?? id);
        expect([names(words), ends(words)], id).toEqual([names(original), ends(original)]);
      }
    }
  });
});

describe("looking for words", () => {
  const faults = (source: string) => extract({ "a.ts": source.replaceAll("#{", HOLE) }).faults;

  it.each([
    "html`<p>Some words</p>`",
    "html`<p>#{name} said</p>`",
    'html`<button aria-label="Close"></button>`',
    'html`<img alt="A picture of #{name}">`',
    'html`<p title=#{isOld ? "An old one" : nothing}></p>`',
    'function f() { say("This could not be done."); }',
    "function f() { say(`At most #{n} conversations`); }",
    'row("Wrote", value)',
    "t(words)",
    't("Hello " + name)',
  ])("finds %s", (source) => expect(faults(source)).toHaveLength(1));

  it.each([
    'html`<p class="truncate">#{t("Some words")}</p>`',
    'html`<button aria-label=#{t("Close")} data-kind="A B"></button>`',
    "html`<a href=#{address}>#{name}</a> · #{size} MB`",
    'import { Some } from "A file"; throw new Error("The page has no place for it.");',
    'if (key === "Enter") form.classList.add("is-sent now");',
  ])("lets %s be", (source) => expect(faults(source)).toEqual([]));
});

describe("a catalogue", () => {
  const german = { Language: "de", "Plural-Forms": "nplurals=2; plural=(n != 1);" };
  const entry = { id: 'Say "so"\n', places: ["a.ts"], comments: [], isFuzzy: false, translations: ["Sag „so“\n"] };
  const days = { ...entry, id: "%(n)s day", plural: "%(n)s days", translations: ["%(n)s Tag", "%(n)s Tage"] };

  it("is read as it was written", () => {
    const po = { header: german, entries: [entry, days] };
    expect(parsePo(formatPo(po))).toMatchObject(po);
  });

  it("reads a long text that stands in several lines", () => {
    expect(parsePo('msgid ""\n"One "\n"two"\nmsgstr "Eins "\n"zwei"\n').entries).toMatchObject([
      { id: "One two", translations: ["Eins zwei"] },
    ]);
  });

  it("keeps translations, forgets what is said no more and leaves room for what is new", () => {
    const fresh = updatedPo({ header: german, entries: [entry, days] }, [days, { id: "New", places: [] }]);
    expect(fresh.entries.map(({ id, translations }) => [id, translations])).toEqual([
      ["%(n)s day", ["%(n)s Tag", "%(n)s Tage"]],
      ["New", [""]],
    ]);
  });

  it("gives a page only what is certain", () => {
    const po = formatPo({ header: german, entries: [entry, { ...days, isFuzzy: true }] });
    expect(catalogueModule(po)).toContain('{"Say \\"so\\"\\n":"Sag „so“\\n"}');
  });

  it("counts by its own rule, which can be nothing but a rule", () => {
    expect(pluralRule(german)).toBe("(n != 1)");
    expect(() => pluralRule({ "Plural-Forms": "nplurals=2; plural=alert(n);" })).toThrow("plural rule");
  });
});
