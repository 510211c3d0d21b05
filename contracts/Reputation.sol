// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPools, Fault, Record, Standing} from "./interfaces/IPools.sol";
import {Decay} from "./libraries/Decay.sol";
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
    uint16 internal constant NEWCOMER_SCORE = 5_000;
    /// @dev A fault that leaves the score under this jails the node.
    uint256 internal constant FLOOR_SCORE = 2_000;

    uint256 internal constant JAIL_TERM = 1 days;
    uint256 internal constant MAX_JAIL_TERM = 30 days;
    uint256 internal constant CONVICTION_SPAN = 365 days;
    uint40 internal constant BANNED = type(uint40).max;

    mapping(PoolId pool => mapping(uint256 member => Record)) internal _records;
    mapping(uint32 node => Standing) internal _standings;

    // --- views ---

    /// @inheritdoc IPools
    function record(PoolId pool, uint16 index) external view returns (Record memory) {
        return _records[pool][index];
    }

    /// @inheritdoc IPools
    function standing(uint32 node) external view returns (Standing memory) {
        return _standings[node];
    }

    // --- internals ---

    function _startRecord(PoolId pool, uint256 index) internal {
        Record storage kept = _records[pool][index];
        kept.score = NEWCOMER_SCORE;
        kept.updatedAt = uint40(block.timestamp);
    }

    /// @dev Agreed shards and a latency sample. The hot path: one SLOAD, one SSTORE.
    function _credit(PoolId pool, uint256 index, uint16 agreed, uint32 latency) internal {
        Record memory kept = _records[pool][index];
        _forget(kept);
        unchecked {
            kept.good = _saturate(uint256(kept.good) + agreed * UNIT);
            uint256 streak = uint256(kept.streak) + agreed;
            kept.streak = streak > type(uint16).max ? type(uint16).max : uint16(streak);
            if (latency != 0) {
                // EWMA, α = 1/8; the first sample stands for itself
                kept.latency =
                    kept.latency == 0 ? latency : uint32((uint256(kept.latency) * 7 + latency) / 8);
            }
        }
        kept.score = _scoreOf(kept);
        _records[pool][index] = kept;
    }

    /// @dev Counts a fault and jails or bans where it must.
    function _blame(PoolId pool, uint256 index, uint32 node, Fault fault, uint16 count) internal {
        Record memory kept = _records[pool][index];
        _forget(kept);
        kept.bad = _saturate(uint256(kept.bad) + _gravity(fault) * count * UNIT);
        kept.streak = 0;
        kept.score = _scoreOf(kept);
        _records[pool][index] = kept;
        emit FaultRecorded(pool, node, fault, count);
        emit ScoreChanged(pool, node, kept.score);

        Standing storage known = _standings[node];
        if (fault == Fault.Wrong) _convict(node, known);
        if (kept.score < FLOOR_SCORE && known.jailedUntil <= block.timestamp) _jail(node, known);
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

    /// @dev Decay in whole hours: `updatedAt` advances by the hours that were applied, so nothing is lost between calls.
    function _forget(Record memory kept) private view {
        unchecked {
            uint256 steps = (block.timestamp - kept.updatedAt) / Decay.STEP;
            if (steps == 0) return;
            uint256 factor = Decay.factor(steps);
            kept.good = uint48(Decay.scale(kept.good, factor));
            kept.bad = uint48(Decay.scale(kept.bad, factor));
            kept.updatedAt += uint40(steps * Decay.STEP);
        }
    }

    function _scoreOf(Record memory kept) private pure returns (uint16) {
        unchecked {
            uint256 good = uint256(kept.good) + PRIOR;
            return uint16(MAX_SCORE * good / (good + kept.bad + PRIOR));
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

    function _saturate(uint256 sum) private pure returns (uint48) {
        return sum > type(uint48).max ? type(uint48).max : uint48(sum);
    }
}
