/** Tells the process that started this one something, if it listens. */
export function announce(message: object): void {
  if (process.connected) process.send?.(message);
}
