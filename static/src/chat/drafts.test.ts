import { beforeEach, expect, it } from "vitest";
import { Drafts } from "./drafts";
import { PersonalStorage } from "./storage";

const FILE = { id: "f", kind: "document", name: "a.txt", mime: "text/plain", size: 1 } as const;
const storage = new PersonalStorage(7);

beforeEach(() => localStorage.clear());

it("keeps the files of a draft with its text", () => {
  const drafts = new Drafts(storage);

  drafts.write("t", "hello");
  drafts.writeFiles("t", [FILE]);

  expect([new Drafts(storage).read("t"), new Drafts(storage).readFiles("t")]).toEqual(["hello", [FILE]]);
  expect(drafts.readFiles(null)).toEqual([]);
});

it("takes what is damaged for nothing", () => {
  storage.write("draft-files:t", "{");

  expect(new Drafts(storage).readFiles("t")).toEqual([]);
});

it("says which thread's draft another tab has changed, by text or by files", () => {
  const heard: string[] = [];
  new Drafts(storage).watch((threadId) => heard.push(threadId));

  for (const name of ["draft:t", "draft-files:u", "model"]) {
    dispatchEvent(new StorageEvent("storage", { key: storage.key(name), newValue: "x" }));
  }

  expect(heard).toEqual(["t", "u"]);
});
