// A chat in which nothing has been said yet: what its first message takes along, and how it is found after a reload.
import { getJson } from "../shared/http";
import { newId } from "../shared/ids";
import type { PageData, Preset } from "./page_data";
import type { Session } from "./session";
import { asSettings, freshThread, NO_SETTINGS, type Settings, type Thread } from "./store";
import { isTemporary } from "./temporary";

/** Under which name this browser keeps the model that was chosen last. */
export const MODEL_KEY = "model";

/** Settings that a chat began with, by the default they are of. Those that a person chose are other objects. */
const begunWith = new WeakMap<Settings, Preset | null>([[NO_SETTINGS, null]]);

/** A new chat, with what its person made the default. */
export function begin({ preset }: PageData, lastModel: string): Thread {
  const settings = preset ? asSettings(preset) : NO_SETTINGS;
  if (preset) begunWith.set(settings, preset);
  return freshThread(newId(), preset?.model || lastModel, settings);
}

/** Find what the default is now, which another tab may have changed, for a new chat in which nothing was chosen. */
export async function findPreset(session: Session): Promise<void> {
  const { data, presetsRev } = session;
  const { id } = session.thread;
  try {
    const { presets } = await getJson<{ presets: Preset[] }>(`${data.urls.presets}?team=${data.team.id}`);
    if (presetsRev !== session.presetsRev) return; // a later question is under way, and knows more
    data.preset = presets.find((preset) => preset.is_default) ?? null;
  } catch {
    return; // the server knows it, and a first message that says nothing of settings gets it there
  }
  const { thread, pending, chosenModels } = session;
  const before = begunWith.get(thread.settings);
  const isChosen = before === undefined || chosenModels.has(id);
  if (thread.id !== id || !thread.fresh || pending.length > 0 || isChosen) return;
  if (JSON.stringify(data.preset) === JSON.stringify(before)) return;
  const { model, settings } = begin(data, session.storage.read(MODEL_KEY) ?? "");
  session.keep({ ...thread, model });
  session.hold(id, settings, "");
}

/** What holds for the thread goes with the first message, so that nothing is stored of a chat nobody wrote in. */
export function firstFields(thread: Thread, { preset }: PageData): { temporary?: boolean; settings?: Settings } {
  const kept = thread.temporary ? { temporary: true } : {};
  const isKnown = preset !== undefined || thread.settings !== NO_SETTINGS;
  return thread.fresh && isKnown ? { ...kept, settings: thread.settings } : kept;
}

/** A chat whose first message was sent before a reload and has not left yet. */
export function begunBefore({ data, list, outbox }: Session): Thread | null {
  const listed = new Set(list.rows.map((row) => row.thread_id));
  const entry = outbox.beginningOf(data.team.id, listed);
  if (entry?.command.type !== "message.send") return null;
  const { thread_id, command } = entry;
  const begun = freshThread(thread_id, command.model ?? "", asSettings(command.settings));
  return { ...begun, temporary: isTemporary(entry) };
}
