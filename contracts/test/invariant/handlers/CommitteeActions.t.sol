// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    BatchPhase,
    BatchState,
    Extra,
    ExtraKind,
    IJobs,
    JobState,
    ShardCase,
    ShardStatus,
    Terms
} from "../../../interfaces/IJobs.sol";
import {IPools, Member} from "../../../interfaces/IPools.sol";
import {Seats} from "../../../libraries/Seats.sol";
import {Reach} from "./HandlerBase.t.sol";
import {JobBook, Plan} from "./JobBook.t.sol";

/// @title CommitteeActions: draws, and what the drawn members say: the truth, a lie, that they cannot, or nothing.
abstract contract CommitteeActions is JobBook {
    bytes32 internal constant COMMIT_TYPEHASH = keccak256(
        "InfernetCommit(uint256 chainId,address jobs,bytes32 jobId,uint256 batch,uint256 position,bytes32 rootsHash,bytes32 dataDigest,bytes32 salt)"
    );
    bytes32 internal constant DATA = keccak256("data");

    // --- draw ---

    /// @return whether the batch could be drawn now
    function _draw(uint256 job, Terms memory t, uint256 number, uint256 seed) internal returns (bool) {
        JobState memory j = net.jobs.job(_books[job].id);
        if (_isTerminal(j.status) || _phase[job][number] != BatchPhase.None) return false;
        if (number < EXTRA) {
            if (_now() > t.deadline) return false;
        } else {
            ShardCase memory c = _caseOf(job, number);
            if (c.status != ShardStatus.Pending || _now() >= c.deadline || !_wanted(t, c, number)) return false;
        }
        for (uint256 attempt; attempt < 2 && _phase[job][number] == BatchPhase.None; ++attempt) {
            if (!_drawOnce(job, t, number, _mix(seed, attempt))) break;
        }
        return true;
    }

    /// @return whether the call was taken: it drew, or named a new round
    function _drawOnce(uint256 job, Terms memory t, uint256 number, uint256 seed) private returns (bool) {
        uint64 round = number < EXTRA
            ? net.jobs.job(_books[job].id).round
            : net.jobs.extra(_books[job].id, uint16(number)).round;
        if (vm.getBlockNumber() <= round) {
            vm.roll(round + 1);
            vm.setBlockhash(round, bytes32(seed));
        }
        uint16[] memory numbers = new uint16[](1);
        numbers[0] = uint16(number);
        try net.jobs.draw(t, numbers) {}
        catch (bytes memory reason) {
            if (_selectorOf(reason) != IPools.PoolsTooFewEligible.selector) _bubble(reason);
            _saw(Reach.TooFewEligible);
            return false;
        }
        BatchState memory b = net.jobs.batch(_books[job].id, uint16(number));
        _observeBatch(job, number, b.phase);
        if (b.phase == BatchPhase.None) {
            _saw(Reach.Rearmed);
            return true;
        }
        _saw(Reach.BatchDrawn);
        _seat(job, t, number, b);
        if (number < EXTRA) _books[job].drawn += Seats.batchSize(_shards(t), number);
        _observeJob(job, t);
        return true;
    }

    /// @dev Notes a committee: distinct staked members, and nobody who must not judge this job.
    function _seat(uint256 job, Terms memory t, uint256 number, BatchState memory b) private {
        uint32 client = net.staking.nodeOf(t.client);
        uint32 aggregator = net.jobs.job(_books[job].id).aggregator;
        uint16[] storage members = _committee[job][number];
        for (uint256 lanes = b.committee; lanes != 0; lanes >>= 16) {
            uint16 index = uint16(lanes) - 1;
            Member memory m = net.pools.member(net.pool, index);
            _hold(5, m.node != client && m.node != aggregator, "client or aggregator was drawn");
            _hold(5, !m.suspended, "a suspended member was drawn");
            _hold(5, m.busy <= m.capacity, "a member without stake was drawn");
            for (uint256 i; i < members.length; ++i) {
                _hold(5, members[i] != index, "a member was drawn twice");
            }
            members.push(index);
        }
        if (number < EXTRA) return;
        // fresh: not yet a replica of the shard
        Extra memory e = net.jobs.extra(_books[job].id, uint16(number));
        ShardCase memory c = net.jobs.shardCase(_books[job].id, e.shard);
        for (uint256 r; r < c.replicas; ++r) {
            (uint256 other, uint256 position) = _seatOf(t, e.shard, c, r);
            if (other == number || _phase[job][other] == BatchPhase.None) continue;
            for (uint256 i; i < members.length; ++i) {
                _hold(5, members[i] != _committee[job][other][position], "a replica was drawn again");
            }
        }
    }

    function _caseOf(uint256 job, uint256 number) internal view returns (ShardCase memory) {
        return net.jobs.shardCase(_books[job].id, net.jobs.extra(_books[job].id, uint16(number)).shard);
    }

    function _wanted(Terms memory t, ShardCase memory c, uint256 number) private pure returns (bool) {
        if (c.panel == number) return true;
        return c.awaiting && uint16(c.replacements >> (16 * (c.replicas - 1 - t.replicas))) == number;
    }

    // --- commit, decline ---

    /// @dev Lets the members of a drawn batch act, each as the seed says.
    /// @return acted whether anybody did
    function _act(uint256 job, Terms memory t, uint256 number, uint256 seed) internal returns (bool acted) {
        BatchState memory b = net.jobs.batch(_books[job].id, uint16(number));
        if (b.phase != BatchPhase.Drawn || _now() >= b.drawnAt + t.commitWindow) return false;
        uint256 c = _committee[job][number].length;
        uint256 done = b.committedMask | b.revealedMask;
        for (uint256 p; p < c; ++p) {
            if (done & (1 << p) != 0) continue;
            if (!_actAt(job, t, number, p, _mix(seed, p), done | (1 << p) == (1 << c) - 1)) continue;
            done |= 1 << p;
            acted = true;
            if (seed % 4 != 0 || done == (1 << c) - 1) continue;
            // the others come later, or never: nothing may be shown that they could copy
            bytes memory early = abi.encodeCall(
                IJobs.reveal, (t, uint16(number), uint8(p), _rootsAt(job, t, number, p), DATA, _salt(job, number, p))
            );
            _refused(6, address(this), address(net.jobs), early, "revealed while others may still commit");
            break;
        }
        if (done == (1 << c) - 1 && acted) _completeAt[job][number] = _now();
    }

    function _actAt(uint256 job, Terms memory t, uint256 number, uint256 position, uint256 seed, bool last)
        private
        returns (bool)
    {
        uint256 mood = seed % 16;
        if (mood == 0) return false;
        (address operator,) = net.pools.seat(net.pool, _committee[job][number][position]);
        Plan storage plan = _plans[job][number][position];
        if (mood == 1 || (mood == 2 && job % 2 == 0)) {
            plan.declined = true;
            vm.prank(operator);
            net.jobs.decline(t, uint16(number), uint8(position), uint16(1 + (seed >> 8) % 2));
            _saw(Reach.Declined);
            return true;
        }
        if (mood > 11) {
            plan.taste = uint8(1 + (seed >> 16) % 2);
            plan.item = uint32((seed >> 24) % 2);
            _saw(Reach.Lied);
        }
        plan.committed = true;
        if (last && (seed >> 32) % 2 == 0) {
            plan.revealed = true;
            _show(job, t, number, position, operator);
            _saw(Reach.RevealedWithoutCommit);
            return true;
        }
        bytes32 commitment = _commitment(job, t, number, position);
        vm.prank(operator);
        net.jobs.commit(t, uint16(number), uint8(position), commitment);
        _saw(Reach.Committed);
        return true;
    }

    // --- reveal ---

    /// @dev Lets those who committed reveal; now and then one stays silent.
    function _reveal(uint256 job, Terms memory t, uint256 number, uint256 seed) internal returns (bool shown) {
        BatchState memory b = net.jobs.batch(_books[job].id, uint16(number));
        if (b.phase != BatchPhase.Drawn) return false;
        uint256 c = _committee[job][number].length;
        uint256 waiting = b.committedMask & ~uint256(b.revealedMask);
        if (waiting == 0) return false;
        bool complete = b.committedMask | b.revealedMask == (1 << c) - 1;
        if (!complete) _waitUntil(b.drawnAt + t.commitWindow);
        if (_now() >= _revealEnd(job, t, number, b)) return false;
        for (uint256 p; p < c; ++p) {
            if (waiting & (1 << p) == 0 || _mix(seed, p) % 12 == 0) continue;
            _plans[job][number][p].revealed = true;
            _show(job, t, number, p, address(this));
            shown = true;
        }
    }

    function _show(uint256 job, Terms memory t, uint256 number, uint256 position, address from) private {
        bytes32[] memory roots = _rootsAt(job, t, number, position);
        vm.prank(from);
        net.jobs.reveal(t, uint16(number), uint8(position), roots, DATA, _salt(job, number, position));
    }

    // --- what a seat found ---

    /// @return roots that a seat owes, by its plan
    function _rootsAt(uint256 job, Terms memory t, uint256 number, uint256 position)
        internal
        view
        returns (bytes32[] memory roots)
    {
        Plan memory plan = _plans[job][number][position];
        if (number >= EXTRA) {
            Extra memory e = net.jobs.extra(_books[job].id, uint16(number));
            roots = new bytes32[](1);
            roots[0] =
                e.kind == ExtraKind.ItemPanel ? _leaf(job, t, e.shard, e.item, plan) : _root(job, t, e.shard, plan);
            return roots;
        }
        uint256[] memory shards = _shardsAt(t, number, position);
        roots = new bytes32[](shards.length);
        for (uint256 i; i < shards.length; ++i) {
            roots[i] = _root(job, t, shards[i], plan);
        }
    }

    /// @return lists of every position: empty for who did not reveal
    function _lists(uint256 job, Terms memory t, uint256 number) internal view returns (bytes32[][] memory lists) {
        lists = new bytes32[][](_committee[job][number].length);
        for (uint256 p; p < lists.length; ++p) {
            if (_plans[job][number][p].revealed) lists[p] = _rootsAt(job, t, number, p);
        }
    }

    function _commitment(uint256 job, Terms memory t, uint256 number, uint256 position)
        internal
        view
        returns (bytes32)
    {
        bytes32 rootsHash = keccak256(abi.encodePacked(_rootsAt(job, t, number, position)));
        return keccak256(
            abi.encode(
                COMMIT_TYPEHASH,
                block.chainid,
                address(net.jobs),
                _books[job].id,
                number,
                position,
                rootsHash,
                DATA,
                _salt(job, number, position)
            )
        );
    }

    function _salt(uint256 job, uint256 number, uint256 position) internal pure returns (bytes32) {
        return keccak256(abi.encode("salt", job, number, position));
    }
}
