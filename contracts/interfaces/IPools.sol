// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PoolId} from "../types/Ids.sol";

/// @notice What decides guilt in a pool.
enum Metric {
    None, // never convicts
    Exact, // bytes differ from the verdict
    Bound, // reserved
    Proof // reserved

}

/// @notice Immutable description of a pool; its hash is the pool's id.
struct PoolTerms {
    bytes32 runtime; // sha2-256 of the document naming runtime, models, hardware class and compute-unit rule
    Metric metric;
    uint128 slotStake; // wei of INFER behind one slot of capacity, > 0
    uint128 priceFloor; // lowest price of a compute unit, in wei of INFER (converted by the token's stakeRate)
    uint32 secondsPerUnit; // honest execution time of a compute unit × 1e6: windows are held against it
    address verifier; // reserved for Metric.Proof, else 0
    bytes32 extension; // reserved, 0
}

/// @notice One provider in one pool.
struct Member {
    address operator;
    uint32 node;
    uint16 capacity; // slots whose stake is held, ≥ busy
    uint16 busy; // slots that answer for open work
    bool paused;
    bool suspended; // jailed or banned
    uint16 nextCapacity; // takes effect when the epoch after `changedAt` begins
    bool nextPaused;
    uint32 changedAt; // epoch of the last change, 0 = none pending
}

/// @notice A node's record in a pool. Weights are decayed sums (30-day half-life) × 1e4.
struct Record {
    uint48 good;
    uint48 bad;
    uint32 latency; // EWMA of milliseconds from draw to commit per compute unit
    uint16 streak; // agreed shards since the last fault
    uint16 score; // 0 … 10 000
    uint40 updatedAt;
}

/// @notice A node's standing across pools.
struct Standing {
    uint40 jailedUntil; // max = banned
    uint8 jailings; // doubles the next jail term
    uint40[3] convictions; // times of the last three, newest first
}

/// @notice How a committee is drawn.
struct DrawRequest {
    PoolId pool;
    bytes32 seed;
    uint8 size; // members wanted, 1 … 8
    uint16 slots; // that each member must have free; they become busy
    uint32 clientNode; // node ids that must not serve, 0 = none
    uint32 aggregatorNode;
    uint256 excluded; // sixteen 16-bit lanes of (member index + 1), 0 = none
}

/// @notice The end of a member's work in a batch.
struct Outcome {
    uint16 member; // index
    uint16 slots; // that become free
    uint16 agreed; // shards that reached agreement and count for reputation
    uint32 latency; // milliseconds per compute unit, 0 = not measured
}

enum Fault {
    None,
    Declined, // said it cannot
    Missed, // no commit
    Silent, // commit without reveal
    Wrong // convicted by a panel

}

/// @title Pools: who may be drawn, with which weight, and what is known about them.
interface IPools {
    event PoolCreated(PoolId indexed pool, address indexed by, PoolTerms terms);
    event PoolListed(PoolId indexed pool, bool listed);
    event MemberJoined(PoolId indexed pool, uint32 indexed node, uint16 member, uint16 capacity);
    /// @notice A change that counts from epoch `fromEpoch`.
    event MemberChanged(PoolId indexed pool, uint32 indexed node, uint16 member, uint16 capacity, bool paused, uint256 fromEpoch);
    event MemberSynced(PoolId indexed pool, uint32 indexed node, uint16 member, uint16 capacity, bool paused, bool suspended);
    event MemberSeized(PoolId indexed pool, uint32 indexed node, uint16 member, uint16 slots);
    /// @notice After a fault. Agreed work moves the score without an event: `record` shows it, `sync` makes draws follow it.
    event ScoreChanged(PoolId indexed pool, uint32 indexed node, uint16 score);
    event FaultRecorded(PoolId indexed pool, uint32 indexed node, Fault fault, uint16 count);
    event Jailed(uint32 indexed node, uint256 until);
    event Banned(uint32 indexed node);
    event Pardoned(uint32 indexed node);

    error PoolsUnauthorized(address caller);
    error PoolsUnknownPool(PoolId pool);
    error PoolsPoolExists(PoolId pool);
    error PoolsInvalidTerms(string field);
    error PoolsNotMember(PoolId pool, uint32 node);
    error PoolsAlreadyMember(PoolId pool, uint32 node);
    error PoolsFull(PoolId pool);
    error PoolsZeroCapacity();
    error PoolsBusy(PoolId pool, uint16 member, uint16 busy);
    error PoolsSuspended(uint32 node, uint256 until);
    /// @notice Fewer than `wanted` eligible members could be drawn.
    error PoolsTooFewEligible(PoolId pool, uint256 found, uint256 wanted);

    // --- anyone, owners ---

    function createPool(PoolTerms calldata terms) external returns (PoolId);
    /// @notice Puts a pool on, or takes it off, the list that clients use by default. Only the Timelock.
    function listPool(PoolId pool, bool listed) external;
    /// @notice Joins the caller's node with `capacity` slots; counts from the next epoch. Earmarks capacity × slotStake.
    function joinPool(PoolId pool, uint16 capacity) external returns (uint16 member);
    /// @notice Changes capacity (0 = leave) from the next epoch. More is earmarked at once, less is released by `sync` when free of work.
    function setCapacity(PoolId pool, uint16 capacity) external;
    /// @notice Pauses or resumes from the next epoch. Owner or operator of the member.
    function setPaused(PoolId pool, uint16 member, bool paused) external;
    /// @notice Applies what is due for a member: pending change, operator key, suspension, weight by score. Anyone may call.
    function sync(PoolId pool, uint16 member) external;

    // --- Jobs ---

    /// @notice Draws `size` members by weight without replacement. Only Jobs.
    /// @return committee eight 16-bit lanes of (member index + 1), position 0 lowest
    function draw(DrawRequest calldata request) external returns (uint256 committee);
    /// @notice Frees slots and counts agreed work. Only Jobs.
    /// @return nodes ids in the order of `outcomes`
    function settle(PoolId pool, Outcome[] calldata outcomes) external returns (uint32[] memory nodes);

    // --- Slashing ---

    /// @notice Takes busy slots out of a member's capacity and freezes their stake. Only Slashing.
    /// @return node whose stake was frozen
    /// @return amount frozen: slots × slotStake
    function seize(PoolId pool, uint16 member, uint16 slots) external returns (uint32 node, uint128 amount);
    /// @notice Frees slots without counting work. Only Slashing.
    function free(PoolId pool, uint16 member, uint16 slots) external;
    /// @notice Counts a fault: reputation, jail, ban. Only Slashing.
    function recordFault(PoolId pool, uint16 member, Fault fault, uint16 count) external;
    /// @notice Undoes the newest conviction of a node after a successful appeal. Only Slashing.
    function pardon(uint32 node) external;

    // --- views ---

    function EPOCH() external view returns (uint32);
    function epoch() external view returns (uint256);
    function poolId(PoolTerms calldata terms) external view returns (PoolId);
    function poolTerms(PoolId pool) external view returns (PoolTerms memory);
    /// @notice What `open` needs of a pool in one call.
    /// @dev `members` counts those that may be drawn from the next epoch on: neither left, paused nor suspended
    function forOpen(PoolId pool)
        external
        view
        returns (Metric metric, uint128 slotStake, uint128 priceFloor, uint32 secondsPerUnit, bool listed, uint32 members);
    /// @notice Member indexes handed out so far, those of members who left included.
    function memberCount(PoolId pool) external view returns (uint32);
    function memberOf(PoolId pool, uint32 node) external view returns (uint16 member, bool found);
    /// @notice A member as stored: a change whose epoch has come stays listed as next until `sync` or a draw applies it.
    function member(PoolId pool, uint16 index) external view returns (Member memory);
    /// @notice Operator and node of a member: what authorises a commit.
    function seat(PoolId pool, uint16 index) external view returns (address operator, uint32 node);
    /// @notice A member's weight in draws of this epoch: capacity × (10 000 + score) / 2 500, in eighths of a slot.
    /// @dev Follows the score when `sync`, or the owner's own change, writes it; never within the epoch.
    function weightOf(PoolId pool, uint16 index) external view returns (uint256);
    function totalWeight(PoolId pool) external view returns (uint256);
    function record(PoolId pool, uint16 index) external view returns (Record memory);
    function standing(uint32 node) external view returns (Standing memory);
}
