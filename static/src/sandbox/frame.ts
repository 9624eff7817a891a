// The frame's side of the handshake: tell the page that framed us that we are here, and hand it a port.
import { READY, type Ready } from "../shared/sandbox_messages";

export function connect<Said>(hear: (message: Said) => void): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = (event: MessageEvent<Said>) => hear(event.data);
  const ready: Ready = { type: READY, nonce: location.hash.slice(1) };
  // Our origin is opaque, the page's is that of our address: only our own site may frame this.
  parent.postMessage(ready, location.origin, [port2]);
  return port1;
}
