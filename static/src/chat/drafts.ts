// What has been typed and not sent, per thread. A new chat's draft is kept under one name until it has an id.
import type { PersonalStorage } from "./storage";

const NEW = "new";

export class Drafts {
  constructor(private readonly storage: PersonalStorage) {}

  read(threadId: string | null): string {
    return this.storage.read(`draft:${threadId ?? NEW}`) ?? "";
  }

  write(threadId: string | null, text: string): void {
    this.storage.write(`draft:${threadId ?? NEW}`, text || null);
  }
}
