// What has been typed and not sent, per thread, with its files. A new chat's draft is kept under one name until it has
// an id. Tabs hear of each other's drafts.
import type { Attached } from "./attachments";
import type { PersonalStorage } from "./storage";

const NEW = "new";
const TEXT = "draft:";
const FILES = "draft-files:";

export class Drafts {
  constructor(private readonly storage: PersonalStorage) {}

  read(threadId: string | null): string {
    return this.storage.read(TEXT + (threadId ?? NEW)) ?? "";
  }

  write(threadId: string | null, text: string): void {
    this.storage.write(TEXT + (threadId ?? NEW), text || null);
  }

  readFiles(threadId: string | null): Attached[] {
    try {
      const kept: unknown = JSON.parse(this.storage.read(FILES + (threadId ?? NEW)) ?? "[]");
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  }

  writeFiles(threadId: string | null, files: readonly Attached[]): void {
    this.storage.write(FILES + (threadId ?? NEW), files.length > 0 ? JSON.stringify(files) : null);
  }

  /** Say when another tab has changed the draft of a thread. */
  watch(changed: (threadId: string) => void): void {
    addEventListener("storage", ({ key }) => {
      for (const prefix of [TEXT, FILES]) {
        const start = this.storage.key(prefix);
        if (key?.startsWith(start)) changed(key.slice(start.length));
      }
    });
  }
}
