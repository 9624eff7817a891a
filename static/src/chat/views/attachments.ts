// The files of a message: pictures as small copies that open large, documents as chips that are saved.

import { html, nothing, type TemplateResult } from "lit-html";
import { t } from "../../i18n";
import { type Attached, attachedTo, type Carried, fileUrl, isPicture, kindOf, sizeOf } from "../attachments";
import { openPanel } from "../panels";
import { icon } from "./icon";

export function messageFiles(carried: Carried): TemplateResult | typeof nothing {
  const files = attachedTo(carried);
  if (files.length === 0) return nothing;
  const pictures = files.filter(isPicture);
  const unseen = pictures.find(({ unseen_by }) => unseen_by)?.unseen_by;
  return html`<div class="message-files">
    ${pictures.length > 0 ? html`<div class="file-pictures">${pictures.map((_, place) => picture(pictures, place))}</div>` : nothing}
    ${files.filter((file) => !isPicture(file)).map(chip)}
    ${unseen ? html`<p class="message-note message-note-end"><span class="message-why">${icon("eye-off")}<span>${t("%(model)s cannot see pictures. It was told their names.", { model: unseen.split("/").at(-1) ?? "" })}</span></span></p>` : nothing}
  </div>`;
}

function picture(pictures: readonly Attached[], place: number): TemplateResult | typeof nothing {
  const file = pictures[place];
  if (!file) return nothing;
  return html`<button type="button" class="file-picture" aria-label=${t("Open %(name)s", { name: file.name })} @click=${() => enlarge(pictures, place)}>
    <img src="${fileUrl(file.id)}thumbnail/" alt=${file.name} width=${file.width ?? nothing} height=${file.height ?? nothing} loading="lazy" decoding="async" />
  </button>`;
}

function chip(file: Attached): TemplateResult {
  return html`<a class="file-chip" href="${fileUrl(file.id)}?download" download=${file.name}>
    ${icon("file")}<span class="file-words"><span class="truncate" dir="auto">${file.name}</span>${fileFacts(file)}</span>
  </a>`;
}

export function fileFacts(file: Attached): TemplateResult {
  const facts = [
    kindOf(file),
    sizeOf(file.size),
    ...(file.extent ? [t("Read as text: %(extent)s", { extent: file.extent })] : []),
  ];
  return html`<span class="file-facts">${facts.join(" · ")}</span>`;
}

export function enlarge(pictures: readonly Attached[], place: number): void {
  void openPanel(
    () => import("../panels/lightbox"),
    (panel) => panel.open(pictures, place),
  );
}
