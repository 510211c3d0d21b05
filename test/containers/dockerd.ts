import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

/** Milliseconds that the daemon may take to start. */
const START_MS = 60_000;

/** A Docker daemon of our own, without network, below a folder. For tests. */
export class Dockerd {
  readonly #process: ReturnType<typeof spawn>;
  /** For DOCKER_HOST. */
  readonly host: string;

  private constructor(process: ReturnType<typeof spawn>, host: string) {
    this.#process = process;
    this.host = host;
  }

  static async start(folder: string): Promise<Dockerd> {
    const [socket, log] = [join(folder, "docker.sock"), join(folder, "dockerd.log")];
    const places = ["--data-root", join(folder, "docker"), "--exec-root", join(folder, "docker-exec"), "--pidfile", join(folder, "docker.pid"), "--host", `unix://${socket}`];
    const without = ["--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"];
    const daemon = spawn("dockerd", [...places, ...without, "--exec-opt", "native.cgroupdriver=cgroupfs"], { stdio: ["ignore", "ignore", openSync(log, "w")] });
    let ended = false;
    daemon.once("exit", () => (ended = true));
    for (const until = performance.now() + START_MS; !(await answers(socket)); await new Promise((resolve) => setTimeout(resolve, 100)))
      if (ended || performance.now() > until) throw new Error(`dockerd does not start: ${readFileSync(log, "utf8").slice(-1000)}`);
    return new Dockerd(daemon, `unix://${socket}`);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill("SIGTERM");
    await once(this.#process, "exit");
  }
}

/** Whether the daemon answers, not only listens. */
async function answers(socket: string): Promise<boolean> {
  const client = connect(socket);
  try {
    client.write("GET /_ping HTTP/1.0\r\n\r\n");
    const [answer] = (await once(client, "data")) as [Buffer];
    return answer.includes("200 OK");
  } catch {
    return false;
  } finally {
    client.destroy();
  }
}
