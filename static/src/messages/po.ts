// Catalogues of gettext as text: read, kept up with the code, and turned into the module a page loads.

export interface Message {
  readonly id: string;
  readonly plural?: string | undefined;
  /** The files it stands in. */
  readonly places: readonly string[];
}

export interface Entry extends Message {
  readonly comments: readonly string[];
  readonly isFuzzy: boolean;
  readonly translations: readonly string[];
}

export interface Po {
  readonly header: Readonly<Record<string, string>>;
  readonly entries: readonly Entry[];
}

const LINE = /^(?:(msgid|msgid_plural|msgstr(?:\[\d+\])?)\s+)?"(.*)"$/;

export function parsePo(text: string): Po {
  const entries = text
    .split(/\n\s*\n/)
    .filter((block) => /^msgid /m.test(block))
    .map(parseEntry);
  const head = entries.find(({ id }) => id === "")?.translations[0] ?? "";
  const header = Object.fromEntries(
    head
      .split("\n")
      .filter((line) => line.includes(":"))
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return { header, entries: entries.filter(({ id }) => id !== "") };
}

function parseEntry(block: string): Entry {
  const lines = block.split("\n").filter(Boolean);
  const fields = new Map<string, string>();
  let name = "";
  for (const line of lines) {
    const [, field, quoted = ""] = LINE.exec(line) ?? [];
    if (line.startsWith("#") || (!field && !name)) continue;
    name = field ?? name;
    fields.set(name, (fields.get(name) ?? "") + (JSON.parse(`"${quoted}"`) as string));
  }
  const translations = [...fields].filter(([field]) => field.startsWith("msgstr")).map(([, value]) => value);
  return {
    id: fields.get("msgid") ?? "",
    plural: fields.get("msgid_plural"),
    places: lines.filter((line) => line.startsWith("#: ")).flatMap((line) => line.slice(3).split(" ")),
    comments: lines.filter((line) => line.startsWith("# ")),
    isFuzzy: lines.some((line) => line.startsWith("#,") && line.includes("fuzzy")),
    translations,
  };
}

/** The catalogue after the code has changed: what is still said keeps its translation, what is new waits for one. */
export function updatedPo(old: Po, messages: readonly Message[]): Po {
  const known = new Map(old.entries.map((entry) => [key(entry), entry]));
  const forms = Number(/nplurals=(\d+)/.exec(old.header["Plural-Forms"] ?? "")?.[1] ?? 2);
  const entries = messages.map((message): Entry => {
    const { comments = [], isFuzzy = false, translations } = known.get(key(message)) ?? {};
    const empty = Array.from({ length: message.plural === undefined ? 1 : forms }, () => "");
    return { ...message, comments, isFuzzy, translations: translations ?? empty };
  });
  return { header: old.header, entries };
}

function key({ id, plural }: Message): string {
  return JSON.stringify([id, plural ?? null]);
}

export function formatPo({ header, entries }: Po): string {
  const head = [
    'msgid ""',
    'msgstr ""',
    ...Object.entries(header).map(([name, value]) => quoted(`${name}: ${value}\n`)),
  ];
  return `${[head.join("\n"), ...entries.map(formatEntry)].join("\n\n")}\n`;
}

function formatEntry({ id, plural, places, comments, isFuzzy, translations }: Entry): string {
  return [
    ...comments,
    ...places.map((place) => `#: ${place}`),
    ...(isFuzzy ? ["#, fuzzy"] : []),
    `msgid ${quoted(id)}`,
    ...(plural === undefined
      ? [`msgstr ${quoted(translations[0] ?? "")}`]
      : [
          `msgid_plural ${quoted(plural)}`,
          ...translations.map((translation, form) => `msgstr[${form}] ${quoted(translation)}`),
        ]),
  ].join("\n");
}

function quoted(text: string): string {
  return `"${text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n").replace(/\t/g, "\\t")}"`;
}

/** The module a page of this language loads; what is not translated, or not for certain, is left to the English. */
export function catalogueModule(text: string): string {
  const { header, entries } = parsePo(text);
  const done = entries.filter(({ isFuzzy, translations }) => !isFuzzy && translations.every(Boolean));
  const messages = Object.fromEntries(
    done.map(({ id, plural, translations }) => [id, plural === undefined ? translations[0] : translations]),
  );
  return `export const messages = ${JSON.stringify(messages)};\nexport const plural = (n) => Number(${pluralRule(header)});\n`;
}

/** The rule of the catalogue's head is C, which is JavaScript as long as it counts and compares. */
export function pluralRule(header: Po["header"]): string {
  const rule = /plural=([^;]+)/.exec(header["Plural-Forms"] ?? "")?.[1]?.trim() ?? "n != 1";
  if (!/^[n\d\s()!=<>&|%?:]+$/.test(rule)) throw new Error(`The plural rule ${rule} is not one of gettext's.`);
  return rule;
}
