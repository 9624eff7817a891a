// Which own messages are being edited here, and the text so far. It is kept like a draft: neither a reply that arrives
// nor a reload takes it away. The field itself is loaded when it is first needed.
import type { Message, SendMessage } from "../shared/protocol";
import { openPanel } from "./panels";
import type { EditField } from "./panels/edit";
import type { PersonalStorage } from "./storage";
import type { Thread } from "./store";

const PREFIX = "edit:";

/** Where a new version of a message stands, and what comes with it. */
export function beside({ parent_id, attachments }: Message): Partial<SendMessage> {
  const ids = attachments.flatMap(({ id }) => (typeof id === "string" ? [id] : []));
  return { parent_id, ...(ids.length > 0 ? { attachments: ids } : {}) };
}

/** The shown message that a message on its way would be a version of. */
export function editedBy({ parent_id }: SendMessage, { path }: Pick<Thread, "path">): Message | undefined {
  return parent_id === undefined ? undefined : path.find((message) => message.parent_id === parent_id);
}

export interface EditHost {
  readonly maxText: number;
  changed(): void;
  resend(message: Message, text: string): void;
  /** The field is gone; the focus goes to what it belongs to. */
  closed(message: Message, wasSent: boolean): void;
}

export class Edits {
  private readonly open = new Set<string>();
  private readonly fields = new Map<string, EditField>();
  private makes: typeof EditField | undefined;
  private isLoading = false;

  constructor(
    private readonly storage: PersonalStorage,
    private readonly host: EditHost,
  ) {
    for (const name of storage.names(PREFIX)) this.open.add(name.slice(PREFIX.length));
  }

  /** Open the field; with `text`, what was to be sent and could not be. */
  begin(message: Message, text?: string): void {
    if (text !== undefined) this.storage.write(PREFIX + message.id, text);
    this.open.add(message.id);
    this.load(() => this.field(message)?.focus());
  }

  /** The field in place of a message that is being edited; null while it is loaded, undefined if it is not edited. */
  fieldOf(message: Message): HTMLElement | null | undefined {
    if (!this.open.has(message.id)) return undefined;
    const field = this.field(message);
    if (!field && !this.isLoading) this.load();
    return field?.element ?? null;
  }

  private field(message: Message): EditField | undefined {
    const known = this.fields.get(message.id);
    if (known || !this.makes || !this.open.has(message.id)) return known;
    const name = PREFIX + message.id;
    const field = new this.makes({
      text: this.storage.read(name) ?? message.content,
      maxText: this.host.maxText,
      typed: (text) => this.storage.write(name, text),
      cancel: () => this.close(message, false),
      send: (text) => {
        this.host.resend(message, text);
        this.close(message, true);
      },
    });
    this.fields.set(message.id, field);
    return field;
  }

  private close(message: Message, wasSent: boolean): void {
    this.open.delete(message.id);
    this.fields.delete(message.id);
    this.storage.write(PREFIX + message.id, null);
    this.host.closed(message, wasSent);
  }

  private load(then: () => void = () => undefined): void {
    this.isLoading = true;
    void openPanel(
      () => import("./panels/edit"),
      (panel) => {
        this.makes = panel.EditField;
        this.host.changed();
        then();
      },
    ).finally(() => {
      this.isLoading = false;
    });
  }
}
