/**
 * Sends a form as soon as something in it is chosen; its button is for those without a script.
 *
 *     <form method="get" data-send-on-change>…<button data-send-on-change-spare>Show</button></form>
 */
export function startSendOnChange(root: Document): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-send-on-change]")) {
    for (const spare of form.querySelectorAll<HTMLElement>("[data-send-on-change-spare]")) spare.hidden = true;
    form.addEventListener("change", () => form.requestSubmit());
  }
}
