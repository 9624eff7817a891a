/**
 * Marks the pressed button of a slow form as busy and lets it be sent only once.
 *
 *     <form method="post" data-submit-once><button class="button button-primary">Create account</button></form>
 */
export function startSubmitOnce(root: Document): void {
  root.addEventListener("submit", (event) => {
    const form = (event.target as Element).closest("[data-submit-once]");
    if (!form) return;
    const button = event.submitter ?? form.querySelector("button:not([type=button])");
    if (button?.getAttribute("aria-busy") === "true") event.preventDefault();
    button?.setAttribute("aria-busy", "true");
  });
  // A page taken from the back-forward cache comes back as it was left.
  root.defaultView?.addEventListener("pageshow", () => {
    for (const button of root.querySelectorAll("[data-submit-once] [aria-busy=true]"))
      button.removeAttribute("aria-busy");
  });
}
