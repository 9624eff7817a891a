// What the middle of the page shows when there is no conversation to show: nothing yet, loading, or not to be had.
import { html, type TemplateResult } from "lit-html";
import type { Session } from "../session";
import { icon } from "./icon";

const STARTERS = [
  {
    title: "Explain something",
    hint: "How a hash table works, with a small example in Python",
    text: "Explain how a hash table works, with a small example in Python.",
  },
  {
    title: "Plan something",
    hint: "A relaxed weekend in Lisbon for two, as a table",
    text: "Plan a relaxed weekend in Lisbon for two, as a table.",
  },
  {
    title: "Improve a text",
    hint: "Make a mail friendlier without making it longer",
    text: "Make this mail friendlier without making it longer:\n\n",
  },
] as const;

export function emptyState(session: Session, use: (text: string) => void): TemplateResult {
  const { name, email } = session.data.user;
  // A name made from the address is no name to greet with.
  const isOwn = name !== "" && name !== email.split("@")[0];
  return html`<div class="chat-empty">
    <h1 class="page-title">${isOwn ? `Hello, ${name}` : "What is on your mind?"}</h1>
    <p class="page-lead">Ask anything. Replies appear as they are written, and stay here.</p>
    <ul class="starters">
      ${STARTERS.map(
        ({ title, hint, text }) => html`<li>
          <button class="starter" @click=${() => use(text)}><strong>${title}</strong><span>${hint}</span></button>
        </li>`,
      )}
    </ul>
  </div>`;
}

/** In the final geometry: a question at the right, a reply below it. */
export function loadingState(): TemplateResult {
  return html`<div class="chat-loading" aria-busy="true" role="status">
    <span class="sr-only">Loading the conversation</span>
    <div class="skeleton skeleton-question"></div>
    ${[92, 100, 84, 96, 58].map((width) => html`<div class="skeleton skeleton-line-${width}"></div>`)}
  </div>`;
}

export function failedState(session: Session, newChat: () => void): TemplateResult {
  switch (session.loading) {
    case "missing":
      return problem(
        "This conversation is not here",
        "It may have been deleted, or it belongs to another account.",
        html`<button class="button button-primary" @click=${newChat}>Start a new chat</button>`,
      );
    case "left":
      return problem(
        `You are no longer in ${session.data.team.name}`,
        "Its conversations stay with the team. Somebody who manages it can invite you again.",
        html`<a class="button button-primary" href=${session.data.urls.home}>Go to your conversations</a>`,
      );
    case "signed-out":
      return problem(
        "You have been signed out",
        "Sign in to go on. What you typed is kept in this browser.",
        html`<a class="button button-primary" href=${location.pathname}>Sign in</a>`,
      );
    default:
      return problem(
        "The conversation could not be loaded",
        "Nothing is lost: it is stored on the server.",
        html`<button class="button button-primary" @click=${() => session.retryLoading()}>Try again</button>`,
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
