// This person's corner of localStorage. Storage may be full, blocked or cleared at any time; the page goes on without.

const PREFIX = "parley";

export class PersonalStorage {
  private isClosed = false;

  constructor(private readonly userId: number | string) {}

  key(name: string): string {
    return `${PREFIX}:${this.userId}:${name}`;
  }

  read(name: string): string | null {
    try {
      return localStorage.getItem(this.key(name));
    } catch {
      return null;
    }
  }

  /** False when the browser refused: what was written is only as safe as this tab. */
  write(name: string, value: string | null): boolean {
    if (this.isClosed) return false;
    try {
      if (value === null) localStorage.removeItem(this.key(name));
      else localStorage.setItem(this.key(name), value);
      return true;
    } catch {
      return false;
    }
  }

  names(prefix: string): string[] {
    const start = this.key(prefix);
    const all = keys().filter((key) => key.startsWith(start));
    return all.map((key) => key.slice(this.key("").length));
  }

  /** At sign-out nothing that was typed stays behind, nor comes back while the page is leaving. */
  clear(): void {
    this.isClosed = true;
    for (const key of keys()) if (key.startsWith(this.key(""))) localStorage.removeItem(key);
  }
}

function keys(): string[] {
  try {
    return Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? "");
  } catch {
    return [];
  }
}
