// What the middle of the page shows when there is no conversation to show: nothing yet, loading, or not to be had.

import { html, type TemplateResult } from "lit-html";
import { t } from "../../i18n";
import type { Session } from "../session";
import { icon } from "./icon";
import { temporaryChoice } from "./temporary";

function starters() {
  return [
    {
      title: t("Explain something"),
      hint: t("How a hash table works, with a small example in Python"),
      text: t("Explain how a hash table works, with a small example in Python."),
    },
    {
      title: t("Plan something"),
      hint: t("A relaxed weekend in Lisbon for two, as a table"),
      text: t("Plan a relaxed weekend in Lisbon for two, as a table."),
    },
    {
      title: t("Improve a text"),
      hint: t("Make a mail friendlier without making it longer"),
      text: `${t("Make this mail friendlier without making it longer:")}\n\n`,
    },
  ];
}

export function emptyState(session: Session, use: (text: string) => void): TemplateResult {
  const { name, email } = session.data.user;
  // A name made from the address is no name to greet with.
  const isOwn = name !== "" && name !== email.split("@")[0];
  return html`<div class="chat-empty">
    <h1 class="page-title">${isOwn ? t("Hello, %(name)s", { name }) : t("What is on your mind?")}</h1>
    <p class="page-lead">${session.thread.temporary ? t("Ask anything. Replies appear as they are written.") : t("Ask anything. Replies appear as they are written, and stay here.")}</p>
    <ul class="starters">
      ${starters().map(
        ({ title, hint, text }) => html`<li>
          <button class="starter" @click=${() => use(text)}><strong>${title}</strong><span>${hint}</span></button>
        </li>`,
      )}
    </ul>
    ${temporaryChoice(session)}
  </div>`;
}

/** In the final geometry: a question at the right, a reply below it. */
export function loadingState(): TemplateResult {
  return html`<div class="chat-loading" aria-busy="true" role="status">
    <span class="sr-only">${t("Loading the conversation")}</span>
    <div class="skeleton skeleton-question"></div>
    ${[92, 100, 84, 96, 58].map((width) => html`<div class="skeleton skeleton-line-${width}"></div>`)}
  </div>`;
}

export function failedState(session: Session, newChat: () => void): TemplateResult {
  switch (session.loading) {
    case "missing":
      return problem(
        t("This conversation is not here"),
        t("It may have been deleted, or it belongs to another account."),
        html`<button class="button button-primary" @click=${newChat}>${t("Start a new chat")}</button>`,
      );
    case "left":
      return problem(
        t("You are no longer in %(team)s", { team: session.data.team.name }),
        t("Its conversations stay with the team. Somebody who manages it can invite you again."),
        html`<a class="button button-primary" href=${session.data.urls.home}>${t("Go to your conversations")}</a>`,
      );
    case "signed-out":
      return problem(
        t("You have been signed out"),
        t("Sign in to go on. What you typed is kept in this browser."),
        html`<a class="button button-primary" href=${location.pathname}>${t("Sign in")}</a>`,
      );
    default:
      return problem(
        t("The conversation could not be loaded"),
        t("Nothing is lost: it is stored on the server."),
        html`<button class="button button-primary" @click=${() => session.retryLoading()}>${t("Try again")}</button>`,
      );
  }
}

function problem(title: string, text: string, way: TemplateResult): TemplateResult {
  return html`<div class="empty chat-problem" role="alert">
    ${icon("message")}
    <h2 class="empty-title">${title}</h2>
    <p class="empty-text">${text}</p>
    ${way}
  </div>`;
}
