/** Let the browser do what else it has to do, such as paint or answer the reader, before a task goes on. */
export function pause(): Promise<void> {
  return new Promise((go) => setTimeout(go));
}
