/**
 * Keeps what was left empty out of the address that a form writes.
 *
 *     <form method="get" data-drop-empty>…</form>
 */
export function startDropEmpty(root: Document): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-drop-empty]")) {
    form.addEventListener("formdata", (event) => {
      const filled = [...event.formData].filter(([, value]) => value !== "");
      for (const name of [...event.formData.keys()]) event.formData.delete(name);
      for (const [name, value] of filled) if (!isDefault(name, value)) event.formData.append(name, value);
    });
  }
}

function isDefault(name: string, value: FormDataEntryValue): boolean {
  return name === "sort" && value === "newest";
}
