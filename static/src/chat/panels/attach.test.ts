import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Attached } from "../attachments";
import { Strip } from "./attach";

class FakeRequest extends EventTarget {
  static all: FakeRequest[] = [];
  readonly upload = new EventTarget();
  status = 0;
  response: unknown = null;
  responseType = "";
  aborted = false;
  body: FormData | undefined;
  constructor() {
    super();
    FakeRequest.all.push(this);
  }
  open() {}
  setRequestHeader() {}
  send(body: FormData) {
    this.body = body;
  }
  abort() {
    this.aborted = true;
    this.dispatchEvent(new Event("loadend"));
  }
  ends(status: number, response: unknown = {}) {
    Object.assign(this, { status, response });
    this.dispatchEvent(new Event("loadend"));
  }
}

const picture = (id: string): Attached => ({
  id,
  kind: "image",
  name: `${id}.png`,
  mime: "image/png",
  size: 2048,
  width: 10,
  height: 10,
});

let ready: Attached[];
let said: string[];
let strip: Strip;
let blind: string | null;

beforeEach(() => {
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
  vi.stubGlobal(
    "fetch",
    vi.fn(async () => new Response(null, { status: 204 })),
  );
  FakeRequest.all = [];
  ready = [];
  said = [];
  blind = null;
  strip = new Strip({
    maxMb: 1,
    maxFiles: 4,
    maxTokens: () => 100,
    teamId: "otters",
    url: "/chat/api/attachments/",
    blindModel: () => blind,
    changed: (files) => {
      ready = files;
    },
    warn: (text) => said.push(text),
    say: (text) => said.push(text),
  });
});

afterEach(() => vi.unstubAllGlobals());

const file = (name: string, size = 10) => new File([new Uint8Array(size)], name);
const shown = () => strip.element.textContent?.replace(/\s+/g, " ") ?? "";
const press = (label: string) => strip.element.querySelector<HTMLButtonElement>(`[aria-label="${label}"]`)?.click();

describe("files of the composer", () => {
  it("go three at a time, each under an id of its own", () => {
    strip.add(["a", "b", "c", "d"].map((name) => file(`${name}.txt`)));

    expect(FakeRequest.all).toHaveLength(3);
    FakeRequest.all[0]?.ends(201, { ...picture("a"), kind: "document" });
    expect(FakeRequest.all).toHaveLength(4);
    expect(new Set(FakeRequest.all.map(({ body }) => body?.get("id"))).size).toBe(4);
  });

  it("can be sent once they have arrived", () => {
    strip.add([file("a.png")]);
    expect([strip.isUploading, ready]).toEqual([true, []]);

    FakeRequest.all[0]?.ends(201, picture("a"));

    expect([strip.isUploading, ready.map(({ id }) => id)]).toEqual([false, ["a"]]);
    expect(said).toEqual(["a.png is attached."]);
  });

  it("say how far they have come", () => {
    strip.add([file("a.txt", 2048)]);

    FakeRequest.all[0]?.upload.dispatchEvent(Object.assign(new Event("progress"), { loaded: 1024 }));

    expect(shown()).toContain("1 kB of 2 kB");
  });

  it("are refused with the server's sentence, which another try cannot change", () => {
    strip.add([file("a.docx")]);

    FakeRequest.all[0]?.ends(422, { error: "There are macros in this file." });

    expect(shown()).toContain("There are macros in this file.");
    expect(shown()).not.toContain("Try again");
    expect(strip.isUploading).toBe(false);
  });

  it("go again under the same id when the connection was lost", () => {
    strip.add([file("a.txt")]);
    FakeRequest.all[0]?.ends(0);

    [...strip.element.querySelectorAll("button")].find((its) => its.textContent === "Try again")?.click();

    expect(FakeRequest.all[1]?.body?.get("id")).toBe(FakeRequest.all[0]?.body?.get("id"));
  });

  it("are cancelled on their way and leave nothing", () => {
    strip.add([file("a.txt")]);

    press("Cancel a.txt");

    expect(FakeRequest.all[0]?.aborted).toBe(true);
    expect([strip.isUploading, ready, strip.element.hidden]).toEqual([false, [], true]);
  });

  it("are erased on the server when they are removed", () => {
    strip.add([file("a.png")]);
    FakeRequest.all[0]?.ends(201, picture("a"));

    press("Remove a.png");

    expect(ready).toEqual([]);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("are too large or too many before anything is sent", () => {
    strip.add([file("big.txt", 1024 * 1024 + 1), ...["a", "b", "c", "d"].map((name) => file(name))]);

    expect(shown()).toContain("1 MB are the most");
    expect(said[0]).toContain("4 files");
    expect(FakeRequest.all).toHaveLength(3);
  });

  it("are told about when the model cannot see pictures", () => {
    blind = "Demo";
    strip.show([picture("a")]);
    expect(shown()).toContain("Demo cannot see pictures.");

    blind = null;
    strip.draw();
    expect(shown()).not.toContain("cannot see");
  });
});
