import { describe, expect, it } from "vitest";
import { Follow, keepingPlace, type Scrollable } from "./scroll";

function box(scrollHeight = 2000): Scrollable & { scrollHeight: number } {
  let top = 0;
  return {
    clientHeight: 500,
    scrollHeight,
    get scrollTop() {
      return top;
    },
    set scrollTop(value) {
      top = Math.max(0, Math.min(value, this.scrollHeight - this.clientHeight));
    },
  };
}

function atEnd(): { its: ReturnType<typeof box>; follow: Follow } {
  const its = box();
  const follow = new Follow(its);
  follow.toEnd();
  follow.scrolled();
  return { its, follow };
}

describe("following the end", () => {
  it("keeps it in sight while the text grows", () => {
    const { its, follow } = atEnd();
    its.scrollHeight = 2300;
    follow.grown();

    expect(its.scrollTop).toBe(1800);
  });

  it("stops when the reader scrolls up, and the text may grow as it likes", () => {
    const { its, follow } = atEnd();
    its.scrollTop = 1200;
    follow.scrolled();
    its.scrollHeight = 2300;
    follow.grown();

    expect(its.scrollTop).toBe(1200);
  });

  it("stops at the first turn of the wheel, before anything has moved", () => {
    const { its, follow } = atEnd();
    follow.letGo();
    its.scrollHeight = 2300;
    follow.grown();

    expect(its.scrollTop).toBe(1500);
  });

  it("goes on when the reader comes back to the end", () => {
    const { its, follow } = atEnd();
    its.scrollTop = 1200;
    follow.scrolled();
    its.scrollTop = 1490;
    follow.scrolled();

    expect(follow.following).toBe(true);
  });

  it("is not broken by content that shrinks", () => {
    const { its, follow } = atEnd();
    its.scrollHeight = 1700;
    its.scrollTop = 1200;
    follow.scrolled();

    expect(follow.following).toBe(true);
  });

  it("never lets go of a page that does not scroll", () => {
    const its = box(300);
    const follow = new Follow(its);
    follow.letGo();

    expect(follow.following).toBe(true);
  });
});

describe("adding above the reader", () => {
  it("moves the box by as much as the text they read was moved", () => {
    const element = document.createElement("div");
    element.innerHTML = "<p></p><p></p>";
    const [above, read] = element.children as unknown as [HTMLElement, HTMLElement];
    let shift = 0;
    const rect = (top: number) => () => ({ top, bottom: top + 40 }) as DOMRect;
    element.getBoundingClientRect = rect(0);
    above.getBoundingClientRect = () => rect(-100 + shift)();
    read.getBoundingClientRect = () => rect(-10 + shift)();
    document.body.append(element);
    element.scrollTop = 300;
    keepingPlace(element, "p", () => {
      shift = 700;
    });

    expect(element.scrollTop).toBe(1000);
    element.remove();
  });
});
