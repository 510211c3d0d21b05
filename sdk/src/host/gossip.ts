import { createHash } from "node:crypto";
import { gossipsub, StrictNoSign } from "@libp2p/gossipsub";
import { createPeerScoreParams, createTopicScoreParams } from "@libp2p/gossipsub/score";

/** A message beyond this is not even decoded. What a topic takes is for its validator to say. */
const MAX_MESSAGE_BYTES = 16 << 10;

/**
 * Gossip on one topic. Messages carry no libp2p signature: the operator's own, which the chain knows, is
 * in them. The same content is the same message, whoever publishes it again.
 */
export function gossip(topic: string) {
  return gossipsub({
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: ({ data }) => createHash("sha256").update(data).digest(),
    allowedTopics: [topic],
    allowPublishToZeroTopicPeers: true,
    runOnLimitedConnection: true,
    maxInboundDataLength: MAX_MESSAGE_BYTES,
    scoreParams: createPeerScoreParams({
      // A rack behind one router, or nodes that share a relay, have one address; thousands of identities on one do not count.
      IPColocationFactorThreshold: 32,
      IPColocationFactorWeight: -0.5,
      IPColocationFactorWhitelist: new Set(["127.0.0.1", "::1"]),
      topics: {
        [topic]: createTopicScoreParams({
          topicWeight: 1,
          timeInMeshWeight: 0.1,
          timeInMeshQuantum: 60_000,
          timeInMeshCap: 30,
          firstMessageDeliveriesWeight: 0.5,
          firstMessageDeliveriesDecay: 0.99,
          firstMessageDeliveriesCap: 20,
          // An honest peer has little to say: silence is no fault.
          meshMessageDeliveriesWeight: 0,
          meshFailurePenaltyWeight: 0,
          // Squared: two bad messages end gossip with a peer, five end all talk; minutes later it may try again.
          invalidMessageDeliveriesWeight: -4,
          invalidMessageDeliveriesDecay: 0.99,
        }),
      },
    }),
  });
}
