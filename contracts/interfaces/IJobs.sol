// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {JobId, PoolId} from "../types/Ids.sol";
import {IEscrow} from "./IEscrow.sol";
import {Fault} from "./IPools.sol";

/// @notice What a client buys. The job's id is the hash of these; callers resupply them and nothing of them is stored.
struct Terms {
    address client;
    uint64 nonce; // makes equal jobs distinct
    uint32 parameters; // version
    bytes32 manifest; // sha2-256 of the manifest document
    PoolId pool;
    address token;
    uint128 shardReward; // R: base units that one replica of one shard earns
    uint64 items;
    uint32 itemsPerShard; // the last shard may hold fewer
    uint64 unitsPerShard; // compute units of a full shard
    uint8 replicas; // k
    uint8 committeeWidth; // most members of a committee, k … 8
    uint32 aggregator; // node id, 0 = none
    uint16 aggregatorFeeBps;
    uint32 commitWindow; // seconds from the draw
    uint32 revealWindow; // seconds after everybody committed, at the latest after the commit window
    uint32 challengeWindow; // seconds from agreement to payment
    uint40 deadline; // no draw after it
    address verifier; // reserved, 0
    bytes32 verification; // reserved word of the verification rule, 0 = quorum
    uint256 flags; // reserved bits: 0
}

/// @notice The aggregator's word for a job and its fee: EIP-712 by its operator key over the job's id, so for these very
/// terms and no others that its bond would answer for.
struct Quote {
    uint40 validUntil;
    bytes signature;
}

enum JobStatus {
    None,
    Open,
    Active,
    Completed, // every shard agreed
    Partial, // some agreed, the rest refunded
    Refunded, // none agreed
    Cancelled
}

/// @notice Stored state of a job.
struct JobState {
    JobStatus status;
    bool fullLock; // locks are lockMultiple × R; else 1 R
    bool expired; // what was undrawn at the deadline is refunded
    uint32 aggregator; // node id; changes when a stalled one is replaced
    uint32 drawn; // shards
    uint32 ended;
    uint32 agreed;
    uint40 openedAt;
    uint16 lockSlots; // pool slots behind one replica
    uint16 extras; // replacement and panel batches so far
    uint32 rewardShare; // R in billionths of the lock of one replica, as the token's stake rate stood at `open`
    uint128 remaining; // base units still in escrow for the job
    uint64 round; // randomness of the next draw
    uint32 epoch; // in which that round may be used
    uint32 aggregatorSince; // when the present aggregator took the job
}

enum BatchPhase {
    None,
    Drawn,
    Settled,
    Finalised
}

/// @notice Decoded batch. `*Mask` have one bit a position.
struct BatchState {
    BatchPhase phase;
    bool faulty; // some member declined, missed or stayed silent
    uint128 committee; // eight 16-bit lanes of (member index + 1)
    uint32 drawnAt;
    uint32 settledAt;
    uint8 load; // shards that no member exceeds: what the draw made busy
    uint8 committedMask;
    uint8 revealedMask;
    uint32 agreedMask; // one bit a shard of the batch
}

enum ExtraKind {
    None,
    Replacement, // one fresh replica of one shard
    ItemPanel, // panelSize members re-execute one item
    ShardPanel // panelSize members re-execute a whole shard (nobody opened the conflict)

}

/// @notice A batch beyond the job's own: drawn for one shard. Its batch number is EXTRA + index.
struct Extra {
    ExtraKind kind;
    uint32 shard;
    uint32 item; // of an ItemPanel: index inside the shard
    uint64 round;
    uint32 epoch;
}

enum ShardStatus {
    None, // follows its batch
    Pending, // waits for a replacement or for a conflict's verdict
    Agreed, // challenge window runs
    Final, // paid
    Refunded,
    Tied // the panel could not decide: everyone who revealed is paid, nobody slashed

}

/// @notice A shard that did not agree at once. Masks have one bit a replica: 0 … k−1 the first ones, then replacements.
struct ShardCase {
    ShardStatus status;
    bool conflicting; // unconvicted replicas differ
    uint8 replicas; // k + replacements used
    bool awaiting; // a replacement is under way
    uint16 presentMask; // replicas that showed a root
    uint16 convictedMask;
    uint16 panel; // batch number of the panel at work, 0 = none
    uint40 since; // of the status, or of the conflict
    uint40 deadline; // after it anyone may `advance`
    uint64 replacements; // four 16-bit lanes of batch numbers
}

/// @notice A member's failure in a batch, waiting to be punished.
struct FaultRecord {
    Fault fault;
    uint16 reason; // of a decline
    uint16 member; // pool index
    uint8 seats; // replicas it held
}

/// @title Jobs: the life of a job from escrow to payment.
interface IJobs is IEscrow {
    /// @param locators where the manifest and inputs are served: newline-separated multiaddrs, for those who follow events
    event JobOpened(JobId indexed job, address indexed client, PoolId indexed pool, uint256 deposit, Terms terms, bytes locators);
    /// @notice `batch` (or the whole job, batch = ALL) can be drawn once the round exists.
    event RoundArmed(JobId indexed job, uint16 batch, uint64 round, uint256 epoch);
    event BatchDrawn(JobId indexed job, uint16 indexed batch, uint128 committee, uint16 slots);
    event ExtraOpened(JobId indexed job, uint16 indexed batch, ExtraKind kind, uint32 shard, uint32 item);
    event Committed(JobId indexed job, uint16 indexed batch, uint8 position, bytes32 commitment);
    event Declined(JobId indexed job, uint16 indexed batch, uint8 position, uint16 reason);
    event Revealed(JobId indexed job, uint16 indexed batch, uint8 position, bytes32[] roots, bytes32 dataDigest);
    /// @param roots of agreed shards, 0 where there is a conflict
    event BatchSettled(JobId indexed job, uint16 indexed batch, uint32 agreedMask, bytes32[] roots);
    /// @notice Every payee earned R for each of its shards. Two words instead of an event a payee.
    /// @param payees node ids by position, eight lanes of 32 bits, 0 = none
    /// @param shards that each was paid for, eight lanes of 8 bits
    event BatchFinalised(JobId indexed job, uint16 indexed batch, uint256 payees, uint64 shards);
    event FaultFound(JobId indexed job, uint16 indexed batch, uint8 position, Fault fault);
    event ShardChanged(JobId indexed job, uint32 indexed shard, ShardStatus status, bool conflicting, bytes32 root);
    event ReplicaConvicted(JobId indexed job, uint32 indexed shard, uint8 replica);
    event AggregatorReplaced(JobId indexed job, uint32 indexed stalled, uint32 indexed aggregator);
    event JobClosed(JobId indexed job, JobStatus status, uint256 aggregatorFee, uint256 protocolFee, uint256 refund);

    error JobsUnauthorized(address caller);
    error JobsOpenPaused();
    error JobsInvalidTerms(string field);
    error JobsStaleParameters(uint32 given, uint32 newest);
    error JobsExists(JobId job);
    error JobsWindowTooShort(string window, uint256 given, uint256 least);
    error JobsWindowTooLong(string window, uint256 given, uint256 most);
    error JobsPoolTooSmall(PoolId pool, uint256 members, uint256 needed);
    error JobsPriceBelowFloor(uint256 given, uint256 floor);
    error JobsQuoteExpired(uint40 validUntil);
    error JobsQuoteSignature(address signer, address operator);
    error JobsWrongStatus(JobId job, JobStatus status);
    error JobsWrongPhase(JobId job, uint16 batch, BatchPhase phase);
    error JobsWrongShardStatus(JobId job, uint32 shard, ShardStatus status);
    error JobsUnknownBatch(uint16 batch);
    error JobsDeadlinePassed(uint40 deadline);
    error JobsTooEarly(uint256 notBefore);
    error JobsTooLate(uint256 notAfter);
    error JobsNotSeated(JobId job, uint16 batch, uint8 position, address caller);
    error JobsAlreadyActed(JobId job, uint16 batch, uint8 position);
    error JobsZeroCommitment();
    error JobsZeroRoot(uint256 index);
    error JobsWrongReveal(bytes32 expected, bytes32 given);
    error JobsWrongCount(uint256 given, uint256 expected);
    error JobsWrongLists(uint8 position);
    error JobsNoFault(JobId job, uint16 batch, uint8 position);
    error JobsPanelBusy(uint16 panel);
    error JobsNotStalled(uint256 notBefore);
    error JobsNoAggregator();

    // --- clients ---

    /// @notice Opens a job and takes its worst case from the client's credit. Only the client named in the terms.
    /// @param quote the aggregator's signed fee; ignored when the terms name none
    /// @param locators at most 1,024 bytes for the event
    function open(Terms calldata terms, Quote calldata quote, bytes calldata locators) external returns (JobId);

    /// @notice Takes the job back before any batch is drawn. The whole deposit returns as credit; once the committees can
    /// be known the draw fee does not, or a client could look at draws until one suits it.
    function cancel(Terms calldata terms) external;

    // --- cranks: anyone ---

    /// @notice Draws committees. If the armed round went unused in its epoch, names a new one instead (`RoundArmed`).
    /// @param batches numbers of regular batches, or of replacements and panels (EXTRA + index)
    function draw(Terms calldata terms, uint16[] calldata batches) external;

    /// @notice Compares what was revealed, once everybody revealed or the reveal window closed.
    /// @param lists roots of each position in the order of the committee; empty for who did not reveal
    function settle(Terms calldata terms, uint16 batch, bytes32[][] calldata lists) external;

    /// @notice Pays the agreed shards of batches whose challenge window is over.
    function finalise(Terms calldata terms, uint16[] calldata batches) external;

    /// @notice Moves a shard that did not agree at once: pays it, gives up waiting, refunds it. Whatever is due.
    function advance(Terms calldata terms, uint32 shard) external;

    /// @notice After the deadline: refunds what was never drawn.
    function expire(Terms calldata terms) external;

    /// @notice Takes a stalled aggregator's place; the caller operates `node`, whose free stake posts the same bond.
    /// @param stalledBatch drawn and overdue: the stalled bond burns. Or undrawn, while nothing of the job is drawn: that
    /// may be the pool's fault, so the bond returns
    function replaceAggregator(Terms calldata terms, uint16 stalledBatch, uint32 node) external;

    // --- operators ---

    function commit(Terms calldata terms, uint16 batch, uint8 position, bytes32 commitment) external;

    /// @notice Says that the work cannot be done. Costs half of R a replica unless k members (of a panel: a quorum) give
    /// the same reason.
    function decline(Terms calldata terms, uint16 batch, uint8 position, uint16 reason) external;

    /// @notice Shows the roots. The last member that has not committed may reveal without a commitment.
    function reveal(
        Terms calldata terms,
        uint16 batch,
        uint8 position,
        bytes32[] calldata roots,
        bytes32 dataDigest,
        bytes32 salt
    ) external;

    // --- Slashing ---

    /// @notice Orders a panel for a conflicting shard. Only Slashing.
    function openPanel(Terms calldata terms, uint32 shard, ExtraKind kind, uint32 item) external returns (uint16 batch);

    /// @notice Counts a panel's results and frees or marks its members. Only Slashing.
    /// @return verdict the result shown by a quorum, 0 if none
    /// @return voters eight 16-bit lanes of (member index + 1): showed the verdict
    /// @return losers the same: showed something else
    function closePanel(Terms calldata terms, uint16 batch, bytes32[] calldata results)
        external
        returns (bytes32 verdict, uint256 voters, uint256 losers);

    /// @notice Strikes replicas from a shard after a verdict, or (mask = 0) ends it as tied, as soon as a replacement that
    /// is at work has ended. Only Slashing.
    function applyVerdict(Terms calldata terms, uint32 shard, uint16 convictedMask) external;

    /// @notice Consumes a fault so that it is punished once. Only Slashing.
    function takeFault(Terms calldata terms, uint16 batch, uint8 position) external returns (FaultRecord memory);

    // --- views ---

    function EXTRA() external view returns (uint16);
    function jobId(Terms calldata terms) external view returns (JobId);
    function job(JobId id) external view returns (JobState memory);
    function batch(JobId id, uint16 number) external view returns (BatchState memory);
    function extra(JobId id, uint16 number) external view returns (Extra memory);
    function shardCase(JobId id, uint32 shard) external view returns (ShardCase memory);
    /// @notice Root that a replica of an unhappy shard showed, 0 if none.
    function caseRoot(JobId id, uint32 shard, uint8 replica) external view returns (bytes32);
    /// @notice Pool member (index + 1) behind a replica of an unhappy shard, 0 if none.
    function caseMember(Terms calldata terms, uint32 shard, uint8 replica) external view returns (uint16);
    function faultOf(JobId id, uint16 number, uint8 position) external view returns (Fault, uint16 reason);
    /// @notice Commitment (upper 224 bits) and commit time (lower 32), then hash of the revealed roots instead. With the
    /// list of roots and the batch's `agreedMask` it proves an agreed root to another contract.
    function seatWord(JobId id, uint16 number, uint8 position) external view returns (bytes32);
    /// @notice Base units that `open` will take.
    function cost(Terms calldata terms) external view returns (uint256);
    function bondOf(JobId id) external view returns (uint128);
}
