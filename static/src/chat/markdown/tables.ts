// A table in its own scroll box, with ways to take it along.

import { copyText } from "../../controllers/copy";
import { t } from "../../i18n";
import { wordButton } from "./buttons";

/** Put a table into its box; a finished one gets its tools. `source` is its markdown, where it stands by itself. */
export function boxed(table: HTMLTableElement, finished: boolean, source: string): void {
  const figure = document.createElement("div");
  figure.className = "table-figure";
  const box = document.createElement("div");
  box.className = "table-box";
  // A box that scrolls must be reachable by key, and what can be reached has a name.
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", t("Table"));
  table.replaceWith(figure);
  box.append(table);
  figure.append(box);
  if (!finished) return;
  const tools = document.createElement("div");
  tools.className = "table-tools";
  tools.append(wordButton("copy", t("Copy as CSV"), (button) => void copyText(toCsv(table), button)));
  if (source) tools.append(wordButton("copy", t("Copy as Markdown"), (button) => void copyText(source, button)));
  figure.append(tools);
}

/** The table by RFC 4180. */
export function toCsv(table: HTMLTableElement): string {
  const rows = [...table.rows].map((row) => [...row.cells].map((cell) => field(cellText(cell))).join(","));
  return `${rows.join("\r\n")}\r\n`;
}

/**
 * A cell that a spreadsheet would run as a formula gets an apostrophe before it, which shows it as text; a plain
 * number, a negative one too, stays a number. A model's words are not to be trusted with somebody's spreadsheet.
 */
function field(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d.,\s]+%?$/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** What a reader would type: a formula by its source, a line break as one, a box by its mark. */
function cellText(cell: HTMLTableCellElement): string {
  const copy = cell.cloneNode(true) as HTMLElement;
  for (const formula of copy.querySelectorAll("[data-math]")) {
    const tex = formula.querySelector("annotation[encoding='application/x-tex']")?.textContent;
    if (tex != null) formula.textContent = tex;
  }
  for (const line of copy.querySelectorAll("br")) line.replaceWith("\n");
  for (const box of copy.querySelectorAll("input")) box.replaceWith(box.checked ? "[x]" : "[ ]");
  return (copy.textContent ?? "").trim();
}
