/**
 * Shows the numbers of one step of a chart, under the pointer or by the arrow keys. They come from the chart's table.
 *
 *     <div data-chart="numbers" tabindex="0"><svg>…<rect data-chart-cursor hidden/></svg></div>
 *     <table id="numbers"><thead><tr><th>Time<th>a</tr></thead><tbody><tr><th>1 March<td>3</tr></tbody></table>
 */
const WIDTH = 1000;

export function startCharts(root: Document): void {
  for (const plot of root.querySelectorAll<HTMLElement>("[data-chart]")) {
    const table = root.getElementById(plot.dataset.chart ?? "");
    if (table instanceof HTMLTableElement) new Chart(plot, table);
  }
}

class Chart {
  private readonly head: string[];
  private readonly rows: string[][];
  private readonly tip = document.createElement("div");
  private readonly cursor: SVGElement | null;
  private at = -1;

  constructor(
    private readonly plot: HTMLElement,
    table: HTMLTableElement,
  ) {
    this.head = textsOf(table.tHead?.rows[0]);
    this.rows = [...(table.tBodies[0]?.rows ?? [])].map(textsOf);
    this.cursor = plot.querySelector<SVGElement>("[data-chart-cursor]");
    this.tip.className = "chart-tip";
    this.tip.hidden = true;
    this.tip.setAttribute("aria-live", "polite");
    plot.append(this.tip);
    plot.addEventListener("pointermove", (event) => this.show(this.stepAt(event.clientX)));
    plot.addEventListener("pointerdown", (event) => this.show(this.stepAt(event.clientX)));
    plot.addEventListener("pointerleave", () => this.hide());
    plot.addEventListener("blur", () => this.hide());
    plot.addEventListener("keydown", (event) => this.press(event));
  }

  private press(event: KeyboardEvent): void {
    const last = this.rows.length - 1;
    const from = this.at < 0 ? last : this.at;
    const isFirst = this.at < 0;
    const to = { ArrowLeft: isFirst ? last : from - 1, ArrowRight: isFirst ? 0 : from + 1, Home: 0, End: last }[
      event.key
    ];
    if (event.key === "Escape") this.hide();
    if (to === undefined) return;
    event.preventDefault();
    this.show(Math.max(0, Math.min(last, to)));
  }

  private stepAt(x: number): number {
    const box = this.plot.getBoundingClientRect();
    return Math.max(0, Math.min(this.rows.length - 1, Math.floor(((x - box.left) / box.width) * this.rows.length)));
  }

  private show(step: number): void {
    const row = this.rows[step];
    if (!row || step === this.at) return;
    this.at = step;
    const numbers = document.createElement("dl");
    for (let column = row.length - 1; column > 0; column -= 1) {
      const name = document.createElement("dt");
      const dot = document.createElement("span");
      dot.className = `kind-dot chart-colour-${column - 1}`;
      name.append(dot, this.head[column] ?? "");
      const value = document.createElement("dd");
      value.textContent = row[column] ?? "";
      numbers.append(name, value);
    }
    const title = document.createElement("p");
    title.className = "chart-tip-title";
    title.textContent = row[0] ?? "";
    this.tip.replaceChildren(title, numbers);
    this.tip.hidden = false;
    this.place(step);
  }

  private place(step: number): void {
    const width = WIDTH / this.rows.length;
    this.cursor?.setAttribute("x", String(step * width));
    this.cursor?.setAttribute("width", String(width));
    this.cursor?.removeAttribute("hidden");
    const middle = ((step + 0.5) / this.rows.length) * this.plot.clientWidth;
    const room = this.plot.clientWidth - this.tip.offsetWidth;
    const beside = middle > this.plot.clientWidth / 2 ? middle - this.tip.offsetWidth - 16 : middle + 16;
    this.tip.style.left = `${Math.max(0, Math.min(room, beside))}px`;
  }

  private hide(): void {
    this.at = -1;
    this.tip.hidden = true;
    this.cursor?.setAttribute("hidden", "");
  }
}

function textsOf(row: HTMLTableRowElement | undefined): string[] {
  return [...(row?.cells ?? [])].map((cell) => cell.textContent ?? "");
}
