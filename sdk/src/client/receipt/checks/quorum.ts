import { commitment, type Address, type Hex32 } from "../../../core/index.ts";
import { agreedRoot, caseReplicas, EXTRA, regularBatch, type BatchView, type JobView } from "../../../chain/index.ts";
import { fail, require, type Facts } from "../facts.ts";

/** Committees were drawn by the chain after a round was named, of the right size, of distinct nodes, none of them the client's or the aggregator's. */
export async function draw({ receipt, job, directory, port }: Facts): Promise<string> {
  let batches = 0;
  for (const { job: id } of receipt.jobs) {
    const { events, view } = job(id as Hex32);
    const { panelSize } = await port.parameters(view.terms.parameters);
    const owner = directory.nodeOfAccount(view.terms.client)?.node;
    let { aggregator } = view.terms;
    for (const event of events) {
      if (event.type === "aggregator-replaced") ({ aggregator } = event); // Only those of its own time could not be drawn.
      if (event.type !== "batch-drawn") continue;
      batches++;
      const name = `batch ${event.batch} of job ${id}`;
      const before = events.slice(0, events.indexOf(event));
      require(before.some((armed) => armed.type === "round-armed" && (armed.batch === event.batch || armed.batch === "all")), `${name} was drawn without a named round`);
      const size = committeeSize(view, event.batch, panelSize);
      require(event.committee.length === size, `${name} has ${event.committee.length} members instead of ${size}`);
      const nodes = event.committee.map((member) => directory.nodeOf(view.terms.pool, member) ?? fail(`${name}: the chain names no node behind member ${member}`));
      require(new Set(nodes).size === size, `${name} has one node in two seats`);
      for (const node of nodes) require(node !== owner && node !== aggregator, `${name}: node ${node} is the client's or the aggregator's own`);
    }
  }
  return `${batches} committees of distinct nodes`;
}

/** Whoever revealed had committed to it before, or revealed when all others had acted. */
export async function commits({ receipt, job, port }: Facts): Promise<string> {
  let [opened, direct] = [0, 0];
  for (const { job: id } of receipt.jobs) {
    const { events, view } = job(id as Hex32);
    for (const [i, event] of events.entries()) {
      if (event.type !== "revealed") continue;
      const { batch, position } = event;
      const name = `batch ${batch}, position ${position} of job ${id}`;
      const before = events.slice(0, i);
      const committed = before.find((other) => other.type === "committed" && other.batch === batch && other.position === position);
      if (committed?.type !== "committed") {
        requireOthersActed(view.batches.get(batch)!, position, before, name);
        direct++;
        continue;
      }
      const calls = await port.reveals(event.at.transaction);
      const call = calls.find((one) => one.job === id && one.batch === batch && one.position === position) ?? fail(`${name}: its transaction ${event.at.transaction} holds no such reveal`);
      const { salt } = call;
      const computed = commitment({ chainId: BigInt(port.chain.id), jobs: port.jobsAddress as Address, jobId: id as Hex32, batch, position, roots: event.roots, dataDigest: event.dataDigest, salt });
      // The contract keeps 224 bits of a commitment.
      require(computed.slice(0, 58) === committed.commitment.slice(0, 58), `${name}: the reveal opens ${computed}, committed was ${committed.commitment}`);
      opened++;
    }
  }
  return `${opened} commitments opened by what was revealed, ${direct} direct reveals by the last of a committee`;
}

/** Each result of the receipt is one that k distinct nodes showed and the chain agreed on; and none is left out. */
export function quorum({ receipt, job, directory }: Facts): string {
  for (const { job: id, shard, root } of receipt.results) {
    const { view } = job(id as Hex32);
    const name = `shard ${shard} of job ${id}`;
    const agreed = agreedRoot(view, shard) ?? fail(`${name} has not been agreed on`);
    require(agreed === root, `${name}: the receipt has the root ${root}, the chain agreed on ${agreed}`);
    const equal = caseReplicas(view, shard).filter((replica) => replica.root === agreed && !replica.convicted);
    const nodes = new Set(equal.map(({ member }) => directory.nodeOf(view.terms.pool, member!)));
    require(!nodes.has(undefined) && nodes.size >= view.terms.replicas, `${name}: ${nodes.size} distinct nodes showed its root, ${view.terms.replicas} are needed`);
  }
  for (const { job: id, ranges } of receipt.jobs)
    ranges.forEach((_, shard) => {
      const listed = receipt.results.some((result) => result.job === id && result.shard === shard);
      require(listed || agreedRoot(job(id as Hex32).view, shard) === undefined, `shard ${shard} of job ${id} was agreed on and is not in the receipt`);
    });
  return `${receipt.results.length} shards, each shown equal by its replicas`;
}

/** Verdicts are those of a panel of which enough members showed them. */
export async function verdicts({ receipt, job, port }: Facts): Promise<string> {
  let counted = 0;
  for (const { job: id } of receipt.jobs) {
    const { events, view } = job(id as Hex32);
    const { panelQuorum } = await port.parameters(view.terms.parameters);
    for (const event of events) {
      if (event.type !== "verdict-reached") continue;
      counted++;
      const votes = (view.batches.get(event.panel)?.seats ?? []).filter((seat) => seat.revealed?.roots[0] === event.verdict).length;
      require(votes >= panelQuorum, `panel ${event.panel} of job ${id}: ${votes} members showed the verdict, ${panelQuorum} are needed`);
    }
  }
  return counted === 0 ? "no shard needed one" : `${counted} verdicts carried by a quorum of their panel`;
}

function committeeSize(view: JobView, batch: number, panelSize: number): number {
  if (batch < EXTRA) return regularBatch(view.terms, batch).shape.width;
  return view.batches.get(batch)?.extra?.kind === "replacement" ? 1 : panelSize;
}

function requireOthersActed(batch: BatchView, position: number, before: JobView["events"], name: string): void {
  batch.seats.forEach((_, other) => {
    const acted = other === position || before.some((event) => (event.type === "committed" || event.type === "declined" || event.type === "revealed") && event.batch === batch.number && event.position === other);
    require(acted, `${name} revealed without a commitment while position ${other} had not acted`);
  });
}
