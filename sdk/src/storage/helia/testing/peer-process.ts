// A content store in a process of its own, told by its parent what to do. For tests.
import { createHeliaStore } from "../index.ts";
import { sampleBytes } from "../../testing/samples.ts";
import { sha256, type Digest } from "../../../core/index.ts";

/** What the parent may ask for. */
export type PeerCommand =
  | { do: "put"; label: string; bytes: number }
  | { do: "get"; digest: Digest; from: string[] }
  | { do: "stop" };

const store = await createHeliaStore({ directory: process.argv[2]! });
process.on("message", (command: PeerCommand) => {
  void run(command).then((answer) => answer && process.send!(answer), (error: Error) => process.send!({ error: error.message }));
});
process.send!({ addresses: store.addresses() });

async function run(command: PeerCommand): Promise<object | undefined> {
  if (command.do === "put") return { digest: await store.putFile(sampleBytes(command.label, command.bytes)) };
  if (command.do === "get") return { sha256: sha256(await store.getFile(command.digest, { from: command.from })) };
  await store.stop();
  // The channel to the parent is the only thing left that could keep this process alive.
  process.disconnect();
  return undefined;
}
