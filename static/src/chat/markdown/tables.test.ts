import { describe, expect, it } from "vitest";
import { toCsv } from "./tables";
import { MarkdownView } from "./view";

function tableOf(markdown: string): HTMLTableElement {
  const host = document.createElement("div");
  new MarkdownView(host).update(markdown, false);
  const table = host.querySelector("table");
  if (!table) throw new Error("no table");
  return table;
}

function csv(...cells: string[]): string {
  const rows = cells.map((cell) => `| ${cell} | end |`).join("\n");
  return toCsv(tableOf(`| a | b |\n|---|---|\n${rows}`));
}

describe("a table as CSV", () => {
  it("keeps its header and separates rows as RFC 4180 says", () => {
    expect(csv("1", "2")).toBe("a,b\r\n1,end\r\n2,end\r\n");
  });

  it("quotes what would be read as a separator", () => {
    expect(csv('say "hi"', "1,000", "two<br>lines")).toBe(
      'a,b\r\n"say ""hi""",end\r\n"1,000",end\r\n"two\nlines",end\r\n',
    );
  });

  it("runs nothing in a spreadsheet, and leaves numbers numbers", () => {
    expect(csv("=1+1", "@SUM(A1)", "-5", "+3.2", "-2+3", "+cmd", "-12.5%")).toBe(
      "a,b\r\n'=1+1,end\r\n'@SUM(A1),end\r\n-5,end\r\n+3.2,end\r\n'-2+3,end\r\n'+cmd,end\r\n-12.5%,end\r\n",
    );
  });

  it("holds words, not marks", () => {
    expect(csv("**bold** and `code`", "[link](https://example.com)")).toBe("a,b\r\nbold and code,end\r\nlink,end\r\n");
  });
});

describe("a table in a reply", () => {
  it("gets its tools when it is finished, not before", () => {
    const host = document.createElement("div");
    const view = new MarkdownView(host);
    view.update("| a |\n|---|\n| 1 |", true);
    expect(host.querySelector(".table-tools")).toBeNull();

    view.update("| a |\n|---|\n| 1 |\n\nDone.", true);
    expect([...host.querySelectorAll(".table-tools button")].map((button) => button.textContent)).toEqual([
      "Copy as CSV",
      "Copy as Markdown",
    ]);
  });

  it("can be reached by key and has a name", () => {
    const box = tableOf("| a |\n|---|\n| 1 |").closest<HTMLElement>(".table-box");

    expect(box?.tabIndex).toBe(0);
    expect(box?.getAttribute("aria-label")).toBe("Table");
  });
});
