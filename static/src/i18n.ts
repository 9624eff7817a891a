// What the page says, in its language. English stands in the code, and stays where there is no translation.

type Value = string | number;

export interface Catalogue {
  readonly messages: Readonly<Record<string, string | readonly string[]>>;
  /** Which of a message's forms goes with a number. */
  readonly plural: (n: number) => number;
}

const CATALOGUES = import.meta.glob<Catalogue>("/locale/*/LC_MESSAGES/djangojs.po");

let catalogue: Catalogue | undefined;

/** Fetch the words of a language; English needs none, and stands in where they cannot be had. */
export async function speak(language: string): Promise<void> {
  const address = Object.keys(CATALOGUES).find(
    (path) => path.split("/")[2]?.replace("_", "-").toLowerCase() === language,
  );
  catalogue = address ? await CATALOGUES[address]?.().catch(() => undefined) : undefined;
}

/** Resolves when the page's language is there. Who draws the page waits for it; it is fetched beside the scripts. */
export const ready = speak(document.documentElement.lang);

/** `t("Hello, %(name)s", { name })` */
export function t(text: string, values?: Readonly<Record<string, Value>>): string {
  const said = catalogue?.messages[text];
  const words = typeof said === "string" ? said : text;
  return values ? filled(words, values) : words;
}

/** `tn("%(n)s reply", "%(n)s replies", count)` */
export function tn(one: string, many: string, n: number, values?: Readonly<Record<string, Value>>): string {
  const forms = catalogue?.messages[one];
  const said = typeof forms === "object" ? forms[catalogue?.plural(n) ?? 0] : undefined;
  return filled(said ?? (n === 1 ? one : many), { n, ...values });
}

/** A sentence that has more than words in it, such as a link: `tWith("Read %(link)s first", { link: html`…` })` */
export function tWith<Part>(text: string, parts: Readonly<Record<string, Part>>): (string | Part)[] {
  return t(text)
    .split(/%\((\w+)\)s/)
    .map((piece, at) => (at % 2 === 1 ? (parts[piece] ?? piece) : piece));
}

/** The page's language as it is spoken where the reader is: an English page writes dates in Britain as the British do. */
export function locale(): string {
  const language = document.documentElement.lang || "en";
  return navigator.languages.find((one) => one.split("-")[0] === language.split("-")[0]) ?? language;
}

export function number(value: number, options?: Intl.NumberFormatOptions): string {
  return value.toLocaleString(locale(), options);
}

function filled(text: string, values: Readonly<Record<string, Value>>): string {
  return text.replace(/%\((\w+)\)s/g, (whole, name: string) => {
    const value = values[name];
    return typeof value === "number" ? number(value) : (value ?? whole);
  });
}
