// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    BatchPhase,
    IJobs,
    JobState,
    JobStatus,
    ShardCase,
    Terms
} from "../interfaces/IJobs.sol";
import {DrawRequest, Fault, Outcome} from "../interfaces/IPools.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";
import {Seats} from "../libraries/Seats.sol";
import {BatchWord, BatchWordLib} from "../types/BatchWord.sol";
import {JobId} from "../types/Ids.sol";
import {Env, JobsStorage} from "./JobsStorage.sol";

/// @title JobLib: shapes, keys and rounds, shared by Jobs and its linked libraries.
library JobLib {
    /// @dev First number of a batch beyond the job's own.
    uint16 internal constant EXTRA = 1 << 15;
    /// @dev In `RoundArmed`: the round serves every undrawn batch of the job.
    uint16 internal constant ALL = type(uint16).max;
    bytes32 internal constant COMMIT_TYPEHASH = keccak256(
        "InfernetCommit(uint256 chainId,address jobs,bytes32 jobId,uint256 batch,uint256 position,bytes32 rootsHash,bytes32 dataDigest,bytes32 salt)"
    );

    /// @dev keccak256(abi.encode(chain id, Jobs, terms)). The terms are 21 static words and are hashed as they stand in
    /// calldata: every call of a job pays for this. `open` refuses unclean words, so no two encodings name one job.
    function idOf(Terms calldata terms) internal view returns (JobId id) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, chainid())
            mstore(add(buffer, 0x20), address())
            calldatacopy(add(buffer, 0x40), terms, 672)
            id := keccak256(buffer, 736)
        }
    }

    function shardsOf(Terms calldata terms) internal pure returns (uint256) {
        return (uint256(terms.items) + terms.itemsPerShard - 1) / terms.itemsPerShard;
    }

    /// @return n shards of a batch
    /// @return c members of its committee
    function shape(Terms calldata terms, uint256 number) internal pure returns (uint256 n, uint256 c) {
        n = Seats.batchSize(shardsOf(terms), number);
        c = Seats.committeeSize(n, terms.replicas, terms.committeeWidth);
    }

    /// @return seats roots that a position owes: one in a replacement or a panel
    function seatCount(Terms calldata terms, uint256 number, uint256 position) internal pure returns (uint256 seats) {
        if (number >= EXTRA) return 1;
        (uint256 n, uint256 c) = shape(terms, number);
        return Seats.count(position, n, terms.replicas, c);
    }

    /// @dev keccak256(abi.encodePacked(roots)), copied at once.
    function rootsHash(bytes32[] calldata roots) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            let size := shl(5, roots.length)
            calldatacopy(buffer, roots.offset, size)
            hash := keccak256(buffer, size)
        }
    }

    /// @return what a member commits to: good for one seat of one job of one contract on one chain
    function commitment(
        uint256 chainId,
        address jobs,
        JobId id,
        uint256 number,
        uint256 position,
        bytes32 hash,
        bytes32 dataDigest,
        bytes32 salt
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(COMMIT_TYPEHASH, chainId, jobs, id, number, position, hash, dataDigest, salt));
    }

    function seatKey(uint256 number, uint256 position) internal pure returns (uint256) {
        return (number << 8) | position;
    }

    function caseKey(uint256 shard, uint256 replica) internal pure returns (uint256) {
        return (shard << 8) | replica;
    }

    function isLive(JobState storage j) internal view returns (bool) {
        return j.status == JobStatus.Open || j.status == JobStatus.Active;
    }

    function requireLive(JobId id, JobState storage j) internal view {
        if (!isLive(j)) revert IJobs.JobsWrongStatus(id, j.status);
    }

    // --- unhappy shards ---

    /// @return number of the batch and position in it that executed a replica
    function replicaSeat(Terms calldata terms, uint256 shard, ShardCase memory c, uint256 replica)
        internal
        pure
        returns (uint256 number, uint256 position)
    {
        if (replica >= terms.replicas) return (uint16(c.replacements >> (16 * (replica - terms.replicas))), 0);
        number = shard / Seats.BATCH;
        (, uint256 size) = shape(terms, number);
        position = Seats.positionOf(shard % Seats.BATCH, replica, terms.replicas, size);
    }

    function replicaMember(
        JobsStorage storage $,
        JobId id,
        Terms calldata terms,
        uint256 shard,
        ShardCase memory c,
        uint256 replica
    ) internal view returns (uint16) {
        (uint256 number, uint256 position) = replicaSeat(terms, shard, c, replica);
        return $.batches[id][number].memberAt(position);
    }

    // --- faults ---

    function faultAt(JobsStorage storage $, JobId id, uint256 number, uint256 position)
        internal
        view
        returns (Fault fault, uint16 reason)
    {
        uint256 lane = $.faults[id][number] >> (32 * position);
        return (Fault(uint8(lane)), uint16(lane >> 8));
    }

    function setFault(JobsStorage storage $, JobId id, uint256 number, uint256 position, Fault fault, uint16 reason)
        internal
    {
        uint256 shift = 32 * position;
        uint256 word = $.faults[id][number] & ~(uint256(type(uint32).max) << shift);
        $.faults[id][number] = word | ((uint256(uint8(fault)) | (uint256(reason) << 8)) << shift);
    }

    // --- rounds and draws ---

    function arm(Env memory env, JobId id, uint16 number) internal returns (uint64 round, uint32 epoch) {
        round = env.randomness.nextRound();
        epoch = uint32(block.timestamp / env.epoch);
        emit IJobs.RoundArmed(id, number, round, epoch);
    }

    /// @return value of the round; 0 when it went unused in its epoch and a new one must be named. A seed that is known
    /// while weights can still change would let a provider pick the committee.
    function seed(Env memory env, uint64 round, uint32 epoch) internal view returns (bytes32 value) {
        if (epoch == block.timestamp / env.epoch) value = env.randomness.valueOf(round);
    }

    /// @return whether anybody could draw now: the committees can be known
    function isDrawable(Env memory env, JobState storage j) internal view returns (bool) {
        if (j.epoch != block.timestamp / env.epoch) return false;
        try env.randomness.valueOf(j.round) returns (bytes32 value) {
            return value != 0;
        } catch {
            return false;
        }
    }

    function drawCommittee(
        JobsStorage storage $,
        Env memory env,
        JobId id,
        Terms calldata terms,
        uint16 number,
        DrawRequest memory request,
        uint256 load
    ) internal {
        JobState storage j = $.jobs[id];
        request.pool = terms.pool;
        request.seed = keccak256(abi.encode(request.seed, id, number));
        request.slots = uint16(load * j.lockSlots);
        request.clientNode = env.staking.nodeOf(terms.client);
        request.aggregatorNode = j.aggregator;
        uint256 committee = env.pools.draw(request);
        $.batches[id][number] = BatchWordLib.drawn(committee, load);
        emit IJobs.BatchDrawn(id, number, uint128(committee), request.slots);
    }

    // --- ends ---

    /// @dev A drawn batch in which everybody has acted or nobody can any more.
    function endedBatch(JobsStorage storage $, JobId id, Terms calldata terms, uint16 number)
        internal
        view
        returns (BatchWord word)
    {
        word = $.batches[id][number];
        if (word.phase() != BatchPhase.Drawn) revert IJobs.JobsWrongPhase(id, number, word.phase());
        uint256 end = word.revealEnd(terms.commitWindow, terms.revealWindow);
        if (word.revealed() != (1 << word.size()) - 1 && block.timestamp < end) revert IJobs.JobsTooEarly(end);
    }

    /// @return whether a position showed these roots
    function shows(JobsStorage storage $, JobId id, uint256 number, uint256 position, bytes32 hash)
        internal
        view
        returns (bool)
    {
        return uint256($.seats[id][seatKey(number, position)]) >> 32 == uint256(hash) >> 32;
    }

    function freeSeat(Env memory env, Terms calldata terms, uint16 member, uint16 slots)
        internal
        returns (uint32 node)
    {
        Outcome[] memory one = new Outcome[](1);
        one[0] = Outcome({member: member, slots: slots, agreed: 0, latency: 0});
        return env.pools.settle(terms.pool, one)[0];
    }

    function pay(JobsStorage storage $, JobId id, address token, uint32 node, uint256 amount) internal {
        $.jobs[id].remaining -= uint128(amount);
        earn($, token, node, amount);
    }

    function earn(JobsStorage storage $, address token, uint32 node, uint256 amount) internal {
        $.earnings[token][node] += amount;
        emit IEscrow.Earned(token, node, amount);
    }
}
