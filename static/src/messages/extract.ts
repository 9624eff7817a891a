// Finds what the page says in its sources: what is translated, and what a reader would see that is not.
import { type ESTree, parseSync } from "vite";
import type { Message } from "./po";

export interface Found {
  readonly messages: readonly Message[];
  /** Complaints, as `file: what is wrong`. */
  readonly faults: readonly string[];
}

/** Tests say things as well, the frames of `/sandbox/` and generated files nothing; here stand only the words for words. */
export function isSource(path: string): boolean {
  return (
    /\.ts$/.test(path) && !/\.(?:test|gen)\.ts$|\/(?:messages|sandbox)\/|\/(?:i18n|samples|fake_socket)\.ts$/.test(path)
  );
}

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

const SAYS: Readonly<Record<string, number>> = { t: 1, tWith: 1, tn: 2 };
const SEEN_ATTRIBUTES =
  /\s(aria-label|aria-description|aria-placeholder|aria-roledescription|aria-valuetext|title|placeholder|data-tooltip|alt|label)=(?:"([^"]*)"|'([^']*)')/g;
/** Text of a template that is the same in every language: names, units, keys. */
const SAME_EVERYWHERE = /^(?:[^\p{L}]|MB|SVG|PNG|Parley|Markdown|JSON)*$/u;
const HOLE = "\uE000";

export function extract(sources: Readonly<Record<string, string>>): Found {
  const messages = new Map<string, Message>();
  const faults: string[] = [];
  for (const path of Object.keys(sources).sort()) {
    const { program } = parseSync(path, sources[path] ?? "");
    visit(program as unknown as Node, [], (node, parents) => {
      const said = saidBy(node);
      if (typeof said === "string") faults.push(`${path}: ${said}`);
      else if (said) note(messages, said, path);
      for (const text of unsaid(node, parents)) faults.push(`${path}: “${text}” is not translated`);
    });
  }
  return { messages: [...messages.values()], faults };
}

function note(
  messages: Map<string, Message>,
  { id, plural }: { id: string; plural?: string | undefined },
  path: string,
): void {
  const key = JSON.stringify([id, plural]);
  const places = messages.get(key)?.places ?? [];
  messages.set(key, { id, plural, places: places.includes(path) ? places : [...places, path] });
}

/** What a call of `t`, `tn` or `tWith` says; a sentence where a catalogue could not hold it. */
function saidBy(node: Node): { id: string; plural?: string | undefined } | string | null {
  if (node.type !== "CallExpression") return null;
  const { name } = node.callee as Node & { name?: string };
  const count = Object.hasOwn(SAYS, name ?? "") ? SAYS[name ?? ""] : undefined;
  if (!count) return null;
  const [id, plural] = (node.arguments as Node[]).slice(0, count).map((argument) => argument.value);
  if (typeof id !== "string" || (count === 2 && typeof plural !== "string")) {
    return `${name}() takes its words as they are, so that they can be found`;
  }
  return { id, plural: plural as string | undefined };
}

function unsaid(node: Node, parents: readonly Node[]): string[] {
  if (node.type === "TaggedTemplateExpression") return inTemplate(node as unknown as ESTree.TaggedTemplateExpression);
  const text = parents.at(-1)?.type === "TaggedTemplateExpression" ? null : wordsOf(node);
  if (text === null || SAME_EVERYWHERE.test(text) || !isSentence(text) || isForMachines(parents)) return [];
  return [text.replaceAll(HOLE, "…")];
}

function wordsOf(node: Node): string | null {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type === "TemplateLiteral") return joined(node as unknown as ESTree.TemplateLiteral);
  return null;
}

function joined({ quasis }: ESTree.TemplateLiteral): string {
  return quasis.map(({ value }) => value.cooked ?? value.raw).join(HOLE);
}

/** Single words that no reader sees: keys, headers, tags of a parser. */
const NO_WORD =
  /^(?:Accept|ArrowDown|ArrowLeft|ArrowRight|ArrowUp|Canvas|Dockerfile|End|Enter|Escape|Excel|Files|Home|Makefile|Tab|Word)$/;

/** Words that begin like a sentence, or end like one, or a capitalised one alone. */
function isSentence(text: string): boolean {
  if (/^\p{Lu}\p{Ll}+\.?$/u.test(text)) return !NO_WORD.test(text);
  return /^\p{Lu}[\p{Ll}’']+(?:[ ,:]|\uE000).*\p{Ll}/su.test(text) || /\p{Ll} .*\p{Ll}[.?…]$/su.test(text);
}

function isForMachines(parents: readonly Node[]): boolean {
  return parents.some(
    (parent) =>
      ["ImportDeclaration", "TSLiteralType", "BinaryExpression"].includes(parent.type) ||
      saidBy(parent) !== null ||
      (parent.type === "NewExpression" &&
        ["Error", "HttpError", "RegExp"].includes((parent.callee as Node).name as string)),
  );
}

/** Text between the tags of a lit template, and in its attributes that are read out or shown. */
function inTemplate({ tag, quasi }: ESTree.TaggedTemplateExpression): string[] {
  if (tag.type !== "Identifier" || !["html", "svg"].includes(tag.name)) return [];
  const whole = joined(quasi);
  const attributes = [...whole.matchAll(SEEN_ATTRIBUTES)].map(([, , double, single]) => double ?? single ?? "");
  const texts = withoutTags(whole).split(HOLE);
  return [...texts, ...attributes.flatMap((value) => value.split(HOLE))]
    .map((text) => text.replace(/\s+/g, " ").trim())
    .filter((text) => !SAME_EVERYWHERE.test(text));
}

/** A template's text between its tags, whose attributes may hold `>` in quotes. */
function withoutTags(template: string): string {
  return template.replace(/<!--.*?-->|<\/?[a-z][^\s>]*(?:"[^"]*"|'[^']*'|[^"'>])*>/gs, HOLE);
}

function visit(node: Node, parents: readonly Node[], see: (node: Node, parents: readonly Node[]) => void): void {
  see(node, parents);
  const within = [...parents, node];
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === "object" && child !== null && "type" in child) visit(child as Node, within, see);
    }
  }
}
