// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPools, Fault, Record, Standing} from "./interfaces/IPools.sol";
import {Decay} from "./libraries/Decay.sol";
import {RecordWord, RecordWordLib} from "./libraries/RecordWord.sol";
import {PoolId} from "./types/Ids.sol";

/// @title Reputation: what is known about a member, and who is jailed or banned for it.
/// @dev Sums are kept × 1e4 so that decay loses nothing worth having. The score is
///
///     10 000 × (good + P) / (good + bad + 2P),   P = 10 agreed shards,
///
/// the mean of a Beta(good + P, bad + P) belief: a newcomer has 5 000 and needs tens of shards to move it.
abstract contract Reputation is IPools {
    uint256 internal constant UNIT = 1e4;
    uint256 internal constant PRIOR = 10 * UNIT;
    uint256 internal constant MAX_SCORE = 10_000;
    uint256 internal constant NEWCOMER_SCORE = 5_000;
    /// @dev A fault that leaves the score under this jails the node.
    uint256 internal constant FLOOR_SCORE = 2_000;

    uint256 internal constant JAIL_TERM = 1 days;
    uint256 internal constant MAX_JAIL_TERM = 30 days;
    uint256 internal constant CONVICTION_SPAN = 365 days;
    uint40 internal constant BANNED = type(uint40).max;

    mapping(PoolId pool => mapping(uint256 member => RecordWord)) internal _records;
    mapping(uint32 node => Standing) internal _standings;

    // --- views ---

    /// @inheritdoc IPools
    function record(PoolId pool, uint16 index) external view returns (Record memory) {
        return _records[pool][index].unpacked();
    }

    /// @inheritdoc IPools
    function standing(uint32 node) external view returns (Standing memory) {
        return _standings[node];
    }

    // --- internals ---

    function _startRecord(PoolId pool, uint256 index) internal {
        _records[pool][index] = RecordWordLib.pack(0, 0, 0, 0, NEWCOMER_SCORE, block.timestamp);
    }

    function _score(PoolId pool, uint256 index) internal view returns (uint256) {
        return _records[pool][index].score();
    }

    /// @dev Agreed shards and a latency sample. The hot path: one SLOAD, one SSTORE.
    function _credit(PoolId pool, uint256 index, uint256 agreed, uint256 sample) internal {
        mapping(uint256 => RecordWord) storage records = _records[pool];
        RecordWord kept = records[index];
        (uint256 good, uint256 bad, uint256 updatedAt) = _forget(kept);
        unchecked {
            good = _saturate(good + agreed * UNIT, type(uint48).max);
            uint256 streak = _saturate(kept.streak() + agreed, type(uint16).max);
            uint256 latency = kept.latency();
            if (sample != 0) {
                // EWMA, α = 1/8; the first sample stands for itself
                latency = latency == 0 ? sample : (latency * 7 + sample) / 8;
            }
            records[index] = RecordWordLib.pack(good, bad, latency, streak, _scoreOf(good, bad), updatedAt);
        }
    }

    /// @dev Counts a fault and jails or bans where it must.
    function _blame(PoolId pool, uint256 index, uint32 node, Fault fault, uint16 count) internal {
        RecordWord kept = _records[pool][index];
        (uint256 good, uint256 bad, uint256 updatedAt) = _forget(kept);
        bad = _saturate(bad + _gravity(fault) * count * UNIT, type(uint48).max);
        uint256 score = _scoreOf(good, bad);
        _records[pool][index] = RecordWordLib.pack(good, bad, kept.latency(), 0, score, updatedAt);
        emit FaultRecorded(pool, node, fault, count);
        emit ScoreChanged(pool, node, uint16(score));

        Standing storage known = _standings[node];
        if (fault == Fault.Wrong) _convict(node, known);
        if (score < FLOOR_SCORE && known.jailedUntil <= block.timestamp) _jail(node, known);
    }

    /// @dev Removes the newest conviction; with it goes any jail or ban.
    function _pardon(uint32 node) internal {
        Standing storage known = _standings[node];
        known.convictions[0] = known.convictions[1];
        known.convictions[1] = known.convictions[2];
        known.convictions[2] = 0;
        known.jailedUntil = 0;
        emit Pardoned(node);
    }

    function _isSuspended(uint32 node) internal view returns (bool) {
        return _standings[node].jailedUntil > block.timestamp;
    }

    function _convict(uint32 node, Standing storage known) private {
        known.convictions[2] = known.convictions[1];
        known.convictions[1] = known.convictions[0];
        known.convictions[0] = uint40(block.timestamp);
        uint256 third = known.convictions[2];
        if (third != 0 && block.timestamp - third <= CONVICTION_SPAN && known.jailedUntil != BANNED) {
            known.jailedUntil = BANNED;
            emit Banned(node);
        }
    }

    /// @dev 1 day, doubled by each earlier term, at most 30 days.
    function _jail(uint32 node, Standing storage known) private {
        uint256 earlier = known.jailings;
        uint256 term = earlier < 5 ? JAIL_TERM << earlier : MAX_JAIL_TERM;
        uint256 until = block.timestamp + term;
        known.jailedUntil = uint40(until);
        if (earlier < type(uint8).max) known.jailings = uint8(earlier + 1);
        emit Jailed(node, until);
    }

    /// @dev Both sums as they decayed until now, in whole hours: `updatedAt` advances by the hours that were applied, so
    /// nothing is lost between calls.
    function _forget(RecordWord kept) private view returns (uint256 good, uint256 bad, uint256 updatedAt) {
        unchecked {
            (good, bad, updatedAt) = (kept.good(), kept.bad(), kept.updatedAt());
            uint256 steps = (block.timestamp - updatedAt) / Decay.STEP;
            if (steps == 0) return (good, bad, updatedAt);
            uint256 factor = Decay.factor(steps);
            return (Decay.scale(good, factor), Decay.scale(bad, factor), updatedAt + steps * Decay.STEP);
        }
    }

    function _scoreOf(uint256 good, uint256 bad) private pure returns (uint256) {
        unchecked {
            good += PRIOR;
            return MAX_SCORE * good / (good + bad + PRIOR);
        }
    }

    /// @dev How many agreed shards a fault outweighs.
    function _gravity(Fault fault) private pure returns (uint256) {
        if (fault == Fault.Declined) return 1;
        if (fault == Fault.Missed) return 4;
        if (fault == Fault.Silent) return 8;
        if (fault == Fault.Wrong) return 16;
        return 0;
    }

    function _saturate(uint256 sum, uint256 most) private pure returns (uint256) {
        return sum > most ? most : sum;
    }
}
