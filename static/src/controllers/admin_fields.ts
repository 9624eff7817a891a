/**
 * Gives a name to the fields of Django's admin that have none a screen reader can find: those in the cells of a table
 * take it from the head of their column, searchable selects from the label of the select they replace.
 * The search field takes it from the heading over it.
 *
 *     <div class="tabular"><table><thead><tr><th>Role</th></tr></thead><tbody><tr><td><select></select></td></tr></tbody></table></div>
 */
const REPLACED = "[role=combobox], .select2-selection__rendered";

export function nameAdminFields(root: Document): void {
  for (const cell of root.querySelectorAll<HTMLTableCellElement>(".tabular tbody td")) {
    const heading = cell.closest("table")?.tHead?.rows[0]?.cells[cell.cellIndex]?.textContent?.trim();
    if (heading) name(cell.querySelectorAll("input:not([type=hidden]), select, textarea, [role=combobox]"), heading);
  }
  for (const select of root.querySelectorAll<HTMLSelectElement>("select.admin-autocomplete")) {
    const label = select.labels[0]?.textContent?.replace(/:\s*$/, "").trim() ?? select.ariaLabel;
    const shown = select.nextElementSibling?.querySelectorAll(REPLACED);
    if (label && shown) name(shown, label);
  }
  const search = root.querySelector("#searchbar");
  const purpose = root.querySelector("#changelist-search-form")?.textContent;
  if (search && purpose) search.setAttribute("aria-label", purpose);
  for (const hint of root.querySelectorAll(".help-tooltip[aria-label]:not([role])")) hint.setAttribute("role", "img");
  // What can be scrolled sideways can be scrolled by keys.
  for (const box of root.querySelectorAll<HTMLElement>(".tabular .wrapper, .results")) box.tabIndex = 0;
}

function name(fields: Iterable<Element>, label: string): void {
  for (const field of fields) {
    const own = (field as HTMLInputElement).labels;
    if (!own?.length || field.matches(REPLACED)) field.setAttribute("aria-label", label);
  }
}
