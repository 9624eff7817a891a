/**
 * Opens and closes native dialogs; the browser keeps the focus inside and gives it back.
 *
 *     <button data-dialog-open="remove">Delete</button>
 *     <dialog class="dialog" id="remove" aria-labelledby="remove-title">
 *       <button data-dialog-close>Cancel</button>
 *     </dialog>
 */
export function startDialogs(root: Document): void {
  root.addEventListener("click", (event) => {
    const target = event.target as Element;
    const id = target.closest<HTMLElement>("[data-dialog-open]")?.dataset.dialogOpen;
    const opened = id ? root.getElementById(id) : null;
    if (opened instanceof HTMLDialogElement) opened.showModal();
    const dialog = target.closest("dialog");
    if (dialog && (target.closest("[data-dialog-close]") || (target === dialog && isOutside(dialog, event))))
      dialog.close();
  });
}

function isOutside(dialog: HTMLDialogElement, event: MouseEvent): boolean {
  if (!event.detail) return false; // the keyboard's click has no place
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
