/**
 * Has the browser make or use a passkey when its form is sent, and sends what came of it.
 *
 *     <form method="post" data-passkey="create" data-passkey-options="passkey-options">
 *       <input type="hidden" name="credential">
 *       <button class="button button-primary">Add the passkey</button>
 *     </form>
 *     <script type="application/json" id="passkey-options">…</script>
 *
 * `get` instead of `create` signs in; an address instead of the id fetches options that are made for the moment.
 */
import { t } from "../i18n";
import { getJson } from "../shared/http";
import { showToast } from "./toasts";

interface Options {
  creation_options?: { publicKey: PublicKeyCredentialCreationOptionsJSON };
  request_options?: { publicKey: PublicKeyCredentialRequestOptionsJSON };
}

export function startPasskeys(root: Document): void {
  root.addEventListener("submit", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-passkey]");
    if (!form) return;
    event.preventDefault();
    void ask(root, form);
  });
}

async function ask(root: Document, form: HTMLFormElement): Promise<void> {
  const button = form.querySelector("button:not([type=button])");
  const field = form.querySelector<HTMLInputElement>("input[name=credential]");
  if (!field || button?.getAttribute("aria-busy") === "true") return;
  if (typeof PublicKeyCredential === "undefined" || !("parseRequestOptionsFromJSON" in PublicKeyCredential)) {
    showToast(
      t("This browser cannot use passkeys here. They need a secure (https) address and a recent browser."),
      "error",
    );
    return;
  }
  button?.setAttribute("aria-busy", "true");
  try {
    const credential = await credentialFor(form, await optionsOf(root, form));
    field.value = JSON.stringify(credential);
    form.submit(); // past the listener above
  } catch (error) {
    button?.removeAttribute("aria-busy");
    const isKnown = error instanceof DOMException && error.name === "InvalidStateError";
    showToast(
      isKnown
        ? t("This device has a passkey for this account already.")
        : t("No passkey was used. Try again, or choose another way."),
      "error",
    );
  }
}

async function optionsOf(root: Document, form: HTMLFormElement): Promise<Options> {
  const source = form.dataset.passkeyOptions ?? "";
  if (source.startsWith("/")) return await getJson<Options>(source);
  return JSON.parse(root.getElementById(source)?.textContent ?? "{}") as Options;
}

async function credentialFor(form: HTMLFormElement, options: Options): Promise<unknown> {
  if (form.dataset.passkey === "create" && options.creation_options) {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options.creation_options.publicKey);
    const alone = form.querySelector<HTMLInputElement>("input[name=passwordless]")?.checked ?? true;
    publicKey.authenticatorSelection = {
      ...publicKey.authenticatorSelection,
      residentKey: alone ? "required" : "discouraged",
      requireResidentKey: alone,
      ...(alone ? { userVerification: "required" } : {}),
    };
    return asJson(await navigator.credentials.create({ publicKey }));
  }
  if (!options.request_options) throw new Error("The page holds no passkey options.");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.request_options.publicKey);
  return asJson(await navigator.credentials.get({ publicKey }));
}

function asJson(credential: Credential | null): unknown {
  if (!(credential instanceof PublicKeyCredential)) throw new Error("The browser gave no passkey.");
  return credential.toJSON();
}
