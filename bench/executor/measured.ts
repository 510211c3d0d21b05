/** One measured run over all shards. */
export interface Measured {
  readonly output: Buffer;
  readonly cpuSeconds: number;
}

/** CPU time of this process since `before`, in seconds. */
export function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
