// Starts a daemon, tells its address, and waits to be killed. For tests.
import { startKubo } from "../../scripts/kubo/daemon.ts";

const { rpcUrl } = await startKubo(process.argv[2]!);
process.send!({ rpcUrl });
setInterval(() => {}, 1000);
