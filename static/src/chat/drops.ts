// Files dropped anywhere on the page or pasted into it. While some are held over it, the page says what will happen.
import { t } from "../i18n";

const carriesFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes("Files") ?? false;

export function takeFiles(take: (files: File[]) => void): void {
  document.body.dataset.drop = t("Drop files to attach them");
  let depth = 0; // every element on the way says that it was entered and left
  const show = (by: number) => {
    depth = by === 0 ? 0 : Math.max(0, depth + by);
    document.body.classList.toggle("is-dropping", depth > 0);
  };
  const on = (name: "dragenter" | "dragover" | "dragleave" | "drop", act: (event: DragEvent) => void) =>
    document.addEventListener(name, (event) => {
      if (!carriesFiles(event) || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      act(event);
    });
  on("dragenter", () => show(1));
  on("dragover", () => undefined);
  on("dragleave", () => show(-1));
  on("drop", ({ dataTransfer }) => {
    show(0);
    take([...(dataTransfer?.files ?? [])]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    // A spreadsheet copies its cells as text and as a picture of them; the text is what was meant.
    if (files.length === 0 || event.clipboardData?.types.includes("text/plain")) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    take(files);
  });
}
