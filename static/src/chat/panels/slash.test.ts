import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Slash } from "./slash";

let field: HTMLTextAreaElement;
let slash: Slash;
let done: string[];
let sent: number;

const PROMPTS = [{ id: "p", title: "Greet", text: "Hello {{name}}", shared: true }];

beforeEach(async () => {
  vi.stubGlobal("fetch", async () => Response.json({ may_share: false, prompts: PROMPTS }));
  done = [];
  sent = 0;
  document.body.innerHTML = "<form><textarea></textarea></form>";
  field = document.querySelector("textarea") as HTMLTextAreaElement;
  field.addEventListener("keydown", ({ key }) => {
    if (key === "Enter") sent += 1;
  });
  field.addEventListener("input", () => slash.update());
  field.focus();
  slash = new Slash(field, {
    teamId: "otters",
    models: [{ id: "openai/other", label: "Other", provider: "OpenAI", budget: 100 }],
    newChat: () => done.push("new"),
    chooseModel: (id) => done.push(id),
    attach: () => done.push("attach"),
    library: () => done.push("library"),
    use: ({ title }) => done.push(`use ${title}`),
    clear: () => {
      field.value = "";
    },
    say: () => undefined,
  });
  await vi.waitFor(async () => {
    type("/");
    expect(names()).toContain("/Greet");
  });
});

afterEach(() => vi.unstubAllGlobals());

function type(text: string): void {
  field.value = text;
  field.dispatchEvent(new Event("input"));
}

const press = (key: string) =>
  field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const names = () => [...document.querySelectorAll(".slash-name")].map((its) => its.textContent);
const active = () => document.getElementById(field.getAttribute("aria-activedescendant") ?? "")?.textContent ?? "";

it("lists what there is, and less with each letter", () => {
  expect(names()).toEqual(["/new", "/model", "/attach", "/prompts", "/Greet"]);
  type("/gr");
  expect(names()).toEqual(["/Greet"]);
});

it("says to a screen reader which one is active while the arrows move", () => {
  expect(active()).toContain("/new");
  press("ArrowUp");
  expect(active()).toContain("/Greet");
  expect(field.getAttribute("aria-controls")).toBe("slash-list");
});

it("runs the active one by Enter and empties the field, and nothing is sent", () => {
  type("/new");
  press("Enter");

  expect([done, field.value, sent, names()]).toEqual([["new"], "", 0, []]);
});

it("goes on to the models and chooses one", () => {
  type("/model");
  press("Enter");
  expect([field.value, names()]).toEqual(["/model ", ["Other"]]);
  press("Enter");

  expect(done).toEqual(["openai/other"]);
});

it("uses a prompt by its title", () => {
  type("/greet");
  press("Tab");

  expect(done).toEqual(["use Greet"]);
});

it("is sent away by Escape, and then Enter sends what stands there", () => {
  type("/new");
  press("Escape");
  expect([names(), field.hasAttribute("aria-activedescendant")]).toEqual([[], false]);
  press("Enter");

  expect([done, sent]).toEqual([[], 1]);
});

it("does not open for prompts that come once somebody is elsewhere", async () => {
  let answer: (response: Response) => void = () => undefined;
  const promise = new Promise<Response>((resolve) => {
    answer = resolve;
  });
  vi.stubGlobal("fetch", () => promise);
  slash.typed();
  field.blur();
  answer(Response.json({ may_share: false, prompts: PROMPTS }));
  await new Promise((resolve) => setTimeout(resolve));

  expect(names()).toEqual([]);
});

it("leaves a text alone that merely begins with a slash", () => {
  type("/usr/bin is a folder");
  press("Enter");

  expect([names(), sent]).toEqual([[], 1]);
});
