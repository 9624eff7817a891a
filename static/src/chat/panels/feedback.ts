// Why a reply was good or bad: a reason, some words, or nothing after all.

import { html, nothing } from "lit-html";
import { showToast } from "../../controllers/toasts";
import { t } from "../../i18n";
import { getJson, HttpError, postJson } from "../../shared/http";
import { Dialog } from "./dialog";

function reasons(): [string, string][] {
  return [
    ["wrong", t("Wrong")],
    ["unhelpful", t("Unhelpful")],
    ["not_asked", t("Not what I asked")],
    ["unsafe", t("Unsafe")],
    ["too_long", t("Too long")],
    ["other", t("Other")],
  ];
}

const MOST_OF_A_TEXT = 2000;

interface Opinion {
  rating: "up" | "down" | null;
  reason: string;
  text: string;
}

/** Ask for the reason of a rating that is stored already. */
export async function open(address: string, rating: "up" | "down"): Promise<void> {
  const before = await getJson<Opinion>(address).catch(() => null);
  if (!before) {
    // An empty form would be sent over the words that are kept.
    showToast(t("This could not be loaded. Check your connection and try again."), "warning");
    return;
  }
  const dialog = new Dialog(
    rating === "down" ? t("What was wrong with this reply?") : t("What was good about this reply?"),
  );

  const store = async (opinion: Opinion, said: string) => {
    try {
      await postJson(address, opinion);
      dialog.close();
      showToast(said);
    } catch (error) {
      const why = error instanceof HttpError && error.status < 500 ? error.message : "";
      showToast(why || t("Your feedback could not be kept. Try again in a moment."), "warning");
    }
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const word = (name: string) => String(form.get(name) ?? "");
    void store({ rating, reason: word("reason"), text: word("text") }, t("Thank you for the feedback."));
  };

  dialog.draw(html`<form @submit=${submit}>
    ${
      rating === "down"
        ? html`<fieldset class="chips">
            <legend class="sr-only">${t("Reason")}</legend>
            ${reasons().map(
              ([value, label]) => html`<label class="chip"
                ><input type="radio" name="reason" value=${value} ?checked=${before.reason === value} />${label}</label
              >`,
            )}
          </fieldset>`
        : nothing
    }
    <label class="field ${rating === "down" ? "mt-5" : ""}">
      <span class="field-label">${t("In your words")} <span class="field-optional">${t("optional")}</span></span>
      <textarea name="text" rows="4" maxlength=${MOST_OF_A_TEXT} .value=${before.text}></textarea>
      <span class="field-help">${t("Whoever runs this server reads it, together with the reply.")}</span>
    </label>
    <div class="dialog-actions">
      <button type="button" class="button button-quiet"
        @click=${() => store({ rating: null, reason: "", text: "" }, t("Your feedback is taken back."))}>${t("Take back")}</button>
      <button class="button button-primary">${t("Send")}</button>
    </div>
  </form>`);
}
