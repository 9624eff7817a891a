// This person's corner of the browser's storage. Storage may be full, blocked or cleared at any time; the page goes on without.

const PREFIX = "parley";

export class PersonalStorage {
  private isClosed = false;

  constructor(
    private readonly userId: number | string,
    private readonly area: () => Storage = () => localStorage,
  ) {}

  key(name: string): string {
    return `${PREFIX}:${this.userId}:${name}`;
  }

  read(name: string): string | null {
    try {
      return this.area().getItem(this.key(name));
    } catch {
      return null;
    }
  }

  /** False when the browser refused: what was written is only as safe as this tab. */
  write(name: string, value: string | null): boolean {
    if (this.isClosed) return false;
    try {
      if (value === null) this.area().removeItem(this.key(name));
      else this.area().setItem(this.key(name), value);
      return true;
    } catch {
      return false;
    }
  }

  names(prefix: string): string[] {
    const start = this.key(prefix);
    const all = keys(this.area).filter((key) => key.startsWith(start));
    return all.map((key) => key.slice(this.key("").length));
  }

  /** At sign-out nothing that was typed stays behind, nor comes back while the page is leaving. */
  clear(): void {
    this.isClosed = true;
    for (const key of keys(this.area)) if (key.startsWith(this.key(""))) this.area().removeItem(key);
  }
}

function keys(area: () => Storage): string[] {
  try {
    return Array.from({ length: area().length }, (_, index) => area().key(index) ?? "");
  } catch {
    return [];
  }
}
