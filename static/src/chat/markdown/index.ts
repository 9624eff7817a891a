export { MarkdownView } from "./view";
