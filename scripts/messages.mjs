// Brings the page's catalogues, `locale/<language>/LC_MESSAGES/djangojs.po`, up to date with what `static/src` says.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runnerImport } from "vite";

const SOURCES = "static/src";

const load = async (name) => (await runnerImport(`./${SOURCES}/messages/${name}.ts`)).module;
const { extract, isSource } = await load("extract");
const { formatPo, parsePo, updatedPo } = await load("po");

const paths = readdirSync(SOURCES, { recursive: true }).map((path) => join(SOURCES, path).replaceAll("\\", "/"));
const { messages, faults } = extract(
  Object.fromEntries(paths.filter(isSource).map((path) => [path, readFileSync(path, "utf8")])),
);
for (const fault of faults) process.stdout.write(`${fault}\n`);

for (const language of readdirSync("locale")) {
  const folder = join("locale", language, "LC_MESSAGES");
  const path = join(folder, "djangojs.po");
  // A new language takes its head, with the rule for plurals, from its words for Python.
  const { header } = parsePo(readFileSync(join(folder, "django.po"), "utf8"));
  const old = existsSync(path) ? parsePo(readFileSync(path, "utf8")) : { header, entries: [] };
  const fresh = updatedPo({ ...old, header }, messages);
  writeFileSync(path, formatPo(fresh));
  const open = fresh.entries.filter(({ translations, isFuzzy }) => isFuzzy || !translations.every(Boolean));
  process.stdout.write(`${path}: ${messages.length} messages, ${open.length} to translate\n`);
}
