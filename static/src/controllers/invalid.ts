/**
 * Puts the cursor where a refused form needs it: into the first field that is marked as wrong.
 *
 *     <input aria-invalid="true" aria-describedby="id_email_error">
 */
export function focusInvalid(root: Document): void {
  root.querySelector<HTMLElement>("form[method=post] [aria-invalid=true]")?.focus();
}
