// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    BatchPhase,
    BatchState,
    Extra,
    ExtraKind,
    JobState,
    ShardCase,
    ShardStatus,
    Terms
} from "../../../interfaces/IJobs.sol";
import {ParameterSet} from "../../../interfaces/IParameters.sol";
import {Fault} from "../../../interfaces/IPools.sol";
import {Opening, Slash, SlashStatus} from "../../../interfaces/ISlashing.sol";
import {Reach} from "./HandlerBase.t.sol";
import {JobActions} from "./JobActions.t.sol";
import {Plan} from "./JobBook.t.sol";

/// @title DisputeActions: conflicts, panels, verdicts, punishments, appeals and what governance makes of them.
abstract contract DisputeActions is JobActions {
    struct Dispute {
        uint8 a;
        uint8 b;
    }

    mapping(uint256 job => mapping(uint256 panel => Dispute)) private _disputes;

    // --- conflicts ---

    /// @dev Orders a panel for a conflicting shard: on an item that differs, or on the whole shard.
    function _dispute(uint256 job, Terms memory t, uint256 shard, uint256 seed) internal returns (bool) {
        if (_shard[job][shard] != ShardStatus.Pending) return false;
        ShardCase memory c = net.jobs.shardCase(_books[job].id, uint32(shard));
        if (!c.conflicting || c.panel != 0) return false;
        uint16 panel = EXTRA + net.jobs.job(_books[job].id).extras;
        if (seed % 4 == 0) {
            _waitUntil(c.since + net.parameters.at(t.parameters).resolveWindow);
            vm.prank(_prover(seed));
            net.slashing.openWholeConflict(t, uint32(shard));
            _saw(Reach.WholeConflictOpened);
            return true;
        }
        (uint8 a, uint8 b) = _differing(job, t, shard, c);
        uint256 item = _differingItem(job, t, shard, c, a, b);
        Opening memory left = _opening(job, t, shard, c, a, item);
        Opening memory right = _opening(job, t, shard, c, b, item);
        vm.prank(_prover(seed));
        net.slashing.openConflict(t, uint32(shard), uint32(item), left, right);
        _disputes[job][panel] = Dispute(a, b);
        _saw(Reach.ConflictOpened);
        return true;
    }

    function _prover(uint256 seed) internal view returns (address) {
        return _people[2 + (seed >> 8) % 3];
    }

    function _planOf(uint256 job, Terms memory t, uint256 shard, ShardCase memory c, uint256 replica)
        private
        view
        returns (Plan memory)
    {
        (uint256 number, uint256 position) = _seatOf(t, shard, c, replica);
        return _plans[job][number][position];
    }

    /// @return a the first replica that stands
    /// @return b the first that shows another root
    function _differing(uint256 job, Terms memory t, uint256 shard, ShardCase memory c)
        private
        returns (uint8 a, uint8 b)
    {
        bytes32 root;
        for (uint8 r; r < c.replicas; ++r) {
            if (c.presentMask & ~c.convictedMask & (1 << r) == 0) continue;
            bytes32 shown = _root(job, t, shard, _planOf(job, t, shard, c, r));
            if (root == 0) (root, a) = (shown, r);
            else if (shown != root) return (a, r);
        }
        _hold(5, false, "a conflict without a difference");
    }

    function _differingItem(uint256 job, Terms memory t, uint256 shard, ShardCase memory c, uint8 a, uint8 b)
        private
        view
        returns (uint256 item)
    {
        Plan memory left = _planOf(job, t, shard, c, a);
        Plan memory right = _planOf(job, t, shard, c, b);
        while (_digest(job, t, shard, item, left) == _digest(job, t, shard, item, right)) {
            ++item;
        }
    }

    function _opening(uint256 job, Terms memory t, uint256 shard, ShardCase memory c, uint8 replica, uint256 item)
        private
        view
        returns (Opening memory)
    {
        Plan memory plan = _planOf(job, t, shard, c, replica);
        (, bytes32[] memory proof) = _tree(job, t, shard, plan, item);
        return Opening(replica, _digest(job, t, shard, item, plan), proof);
    }

    // --- verdicts ---

    /// @dev Judges a drawn panel, after waiting for it, and holds the verdict against what everybody did.
    function _judge(uint256 job, Terms memory t, uint256 panel) internal returns (bool) {
        BatchState memory b = net.jobs.batch(_books[job].id, uint16(panel));
        if (b.phase != BatchPhase.Drawn) return false;
        if (b.revealedMask != (1 << _committee[job][panel].length) - 1) _waitUntil(_revealEnd(job, t, panel, b));
        bytes32[] memory results = _results(job, t, panel);
        bytes32 verdict = _quorumOf(results, net.parameters.at(t.parameters).panelQuorum);
        Extra memory e = net.jobs.extra(_books[job].id, uint16(panel));
        ShardCase memory c = net.jobs.shardCase(_books[job].id, e.shard);
        uint256 guilty;
        if (verdict != 0 && c.status == ShardStatus.Pending) guilty = _guilty(job, t, panel, e, c, verdict);

        net.slashing.judge(t, uint16(panel), results);

        _observeBatch(job, panel, net.jobs.batch(_books[job].id, uint16(panel)).phase);
        uint256 convicted = net.jobs.shardCase(_books[job].id, e.shard).convictedMask & ~uint256(c.convictedMask);
        _hold(7, convicted == guilty, "a verdict convicted somebody else");
        uint256 expected;
        for (uint256 r; r < c.replicas; ++r) {
            if (guilty & (1 << r) == 0) continue;
            (uint256 number, uint256 position) = _seatOf(t, e.shard, c, r);
            _serve(job, number, position, e.shard);
            _saw(Reach.ReplicaConvicted);
            ++expected;
        }
        for (uint256 p; p < results.length; ++p) {
            if (results[p] == 0) continue;
            if (verdict == 0) {
                if (c.status != ShardStatus.Pending) continue;
                _pay(job, _nodeAt(job, panel, p), t.shardReward / t.itemsPerShard);
            } else if (results[p] != verdict) {
                _serve(job, panel, p, e.shard);
                _saw(Reach.PanelMemberConvicted);
                ++expected;
            }
        }
        _saw(verdict == 0 ? Reach.PanelTied : Reach.Verdict);
        _proposed(job, expected, 1);
        _observeShard(job, t, e.shard);
        _observeJob(job, t);
        return true;
    }

    function _results(uint256 job, Terms memory t, uint256 panel) internal view returns (bytes32[] memory results) {
        results = new bytes32[](_committee[job][panel].length);
        for (uint256 p; p < results.length; ++p) {
            if (_plans[job][panel][p].revealed) results[p] = _rootsAt(job, t, panel, p)[0];
        }
    }

    function _quorumOf(bytes32[] memory results, uint256 quorum) private pure returns (bytes32) {
        for (uint256 a; a < results.length; ++a) {
            uint256 votes;
            for (uint256 b; b < results.length; ++b) {
                if (results[b] == results[a]) ++votes;
            }
            if (results[a] != 0 && votes >= quorum) return results[a];
        }
        return 0;
    }

    /// @return mask of the standing replicas that are proven wrong: whose whole shard differs, or who show a root that
    /// was opened at the item with another leaf
    function _guilty(uint256 job, Terms memory t, uint256 panel, Extra memory e, ShardCase memory c, bytes32 verdict)
        private
        view
        returns (uint256 mask)
    {
        Dispute memory d = _disputes[job][panel];
        bytes32 rootA = _root(job, t, e.shard, _planOf(job, t, e.shard, c, d.a));
        bytes32 rootB = _root(job, t, e.shard, _planOf(job, t, e.shard, c, d.b));
        for (uint256 r; r < c.replicas; ++r) {
            if (c.presentMask & ~c.convictedMask & (1 << r) == 0) continue;
            Plan memory plan = _planOf(job, t, e.shard, c, r);
            bytes32 root = _root(job, t, e.shard, plan);
            bool wrong = e.kind == ExtraKind.ShardPanel
                ? root != verdict
                : (root == rootA || root == rootB) && _leaf(job, t, e.shard, e.item, plan) != verdict;
            if (wrong) mask |= 1 << r;
        }
    }

    /// @dev Takes new slashes into the ledger: as many as there is evidence, each of exactly the lock.
    function _proposed(uint256 job, uint256 expected, uint256 seats) private {
        JobState memory j = net.jobs.job(_books[job].id);
        uint256 count = net.slashing.slashCount();
        _hold(7, count - _slashes == expected, "a slash without evidence, or evidence without a slash");
        while (_slashes < count) {
            Slash memory s = net.slashing.slashOf(++_slashes);
            _hold(7, s.amount == seats * j.lockSlots * SLOT, "a slash is not the lock");
            _freeze(s.node, s.amount);
            if (net.pools.standing(s.node).jailedUntil > _now()) _saw(Reach.Jailed);
        }
    }

    // --- faults ---

    /// @dev Punishes a seat that has a fault, and holds it against what the seat did.
    function _punish(uint256 job, Terms memory t, uint256 number, uint256 position, uint256 seed)
        internal
        returns (bool)
    {
        if (_phase[job][number] < BatchPhase.Settled) return false;
        (Fault fault,) = net.jobs.faultOf(_books[job].id, uint16(number), uint8(position));
        if (fault == Fault.None) return false;
        Plan memory plan = _plans[job][number][position];
        _hold(9, !plan.revealed, "punished after a reveal");
        _hold(9, fault != Fault.Declined || plan.declined, "punished for a decline that was none");
        _hold(9, fault != Fault.Missed || (!plan.committed && !plan.declined), "punished for a miss that was none");
        _hold(9, fault != Fault.Silent || plan.committed, "punished for silence without a commitment");
        uint256 seats = number < EXTRA ? _shardsAt(t, number, position).length : 1;
        address prover = _prover(seed);
        uint32 node = _nodeAt(job, number, position);

        vm.prank(prover);
        net.slashing.punish(t, uint16(number), uint8(position));

        _serve(job, number, position, type(uint256).max);
        if (net.pools.standing(node).jailedUntil > _now()) _saw(Reach.Jailed);
        _proposed(job, fault == Fault.Silent ? 1 : 0, seats);
        if (fault == Fault.Silent) {
            _saw(Reach.SilenceConvicted);
            return true;
        }
        (uint256 penalty, uint256 bounty) = _penaltyOf(job, t, seats);
        if (fault == Fault.Declined) bounty = 0;
        stake[node] -= penalty;
        burned += _rewarded(prover, bounty, penalty);
        _saw(fault == Fault.Declined ? Reach.DeclinePenalised : Reach.MissPenalised);
        return true;
    }

    /// @return penalty the set's share of R of the seats
    /// @return bounty at most half of it
    function _penaltyOf(uint256 job, Terms memory t, uint256 seats)
        private
        view
        returns (uint256 penalty, uint256 bounty)
    {
        JobState memory j = net.jobs.job(_books[job].id);
        ParameterSet memory set = net.parameters.at(t.parameters);
        penalty = seats * j.lockSlots * SLOT * j.rewardShare / 1e9 * set.missPenaltyBps / 10_000;
        bounty = penalty * set.bountyBps / 10_000;
    }

    // --- appeals ---

    /// @dev Does something with a slash: appeal, decide, or execute when it is due.
    function _process(uint256 which, uint256 seed) internal returns (bool) {
        if (_slashes == 0) return false;
        uint256 id = 1 + which % _slashes;
        for (uint256 i; i < _slashes; ++i) {
            Slash memory s = net.slashing.slashOf(id);
            if (s.status == SlashStatus.Pending || s.status == SlashStatus.Appealed) return _processOne(id, s, seed);
            id = id % _slashes + 1;
        }
        return false;
    }

    function _processOne(uint256 id, Slash memory s, uint256 seed) private returns (bool) {
        if (s.status == SlashStatus.Pending) {
            uint256 bond = uint256(s.amount) * net.parameters.at(s.parameters).appealBondBps / 10_000;
            bool can = _now() < s.due && net.staking.stakeOf(s.node).free >= bond;
            if (can && seed % 3 != 0) {
                vm.prank(net.staking.ownerOf(s.node));
                net.slashing.appeal(id);
                bonded[s.node] += bond;
                _saw(Reach.Appealed);
                return true;
            }
        } else if (_now() < s.due && seed % 4 != 0) {
            bool cancel = seed % 4 == 1;
            vm.prank(net.timelock);
            net.slashing.decide(id, cancel);
            bonded[s.node] -= s.bond;
            if (cancel) {
                frozen[s.node] -= s.amount;
                _saw(Reach.SlashCancelled);
            } else {
                _execute(s);
                _burnStake(s.node, s.bond);
                _saw(Reach.AppealUpheld);
            }
            return true;
        }
        return _executeSlash(id, s);
    }

    /// @dev Executes a slash after waiting for it. Anyone may.
    function _executeSlash(uint256 id, Slash memory s) internal returns (bool) {
        _waitUntil(s.due);
        net.slashing.execute(id);
        bonded[s.node] -= s.bond;
        _execute(s);
        _saw(Reach.SlashExecuted);
        return true;
    }
}
