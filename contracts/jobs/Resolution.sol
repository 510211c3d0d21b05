// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    BatchPhase,
    Extra,
    ExtraKind,
    IJobs,
    JobState,
    JobStatus,
    ShardCase,
    ShardStatus,
    Terms
} from "../interfaces/IJobs.sol";
import {ParameterSet} from "../interfaces/IParameters.sol";
import {DrawRequest, Outcome} from "../interfaces/IPools.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {Seats} from "../libraries/Seats.sol";
import {BatchWord} from "../types/BatchWord.sol";
import {JobId} from "../types/Ids.sol";
import {JobLib} from "./JobLib.sol";
import {Env, JobsStorage} from "./JobsStorage.sol";

/// @title Resolution: what becomes of a shard that did not agree at once, and the end of a job.
/// @dev Linked library of Jobs: runs in its storage, emits its events.
library Resolution {
    /// @notice Opens a case for every shard of a settled batch that did not agree.
    /// @param agreed one bit a shard
    /// @param shown one bit a position that revealed
    /// @param waived k members declined for the same reason: no replica can help, and what nobody showed is refunded. What
    /// somebody did show goes on, or k that decline together could undo the work and the lies of all others
    function openCases(
        JobsStorage storage $,
        Env memory env,
        Terms calldata terms,
        uint256 number,
        bytes32[][] calldata lists,
        uint256 agreed,
        uint256 shown,
        bool waived
    ) external {
        JobId id = JobLib.idOf(terms);
        (uint256 n, uint256 c) = JobLib.shape(terms, number);
        uint256[] memory cursor = new uint256[](c);
        for (uint256 i; i < n; ++i) {
            bool unhappy = agreed & (1 << i) == 0;
            uint256 shard = number * Seats.BATCH + i;
            ShardCase memory sc;
            sc.replicas = terms.replicas;
            for (uint256 r; r < terms.replicas; ++r) {
                uint256 p = Seats.positionOf(i, r, terms.replicas, c);
                uint256 index = cursor[p]++;
                if (!unhappy || shown & (1 << p) == 0) continue;
                sc.presentMask |= uint16(1 << r);
                $.caseRoots[id][JobLib.caseKey(shard, r)] = lists[p][index];
            }
            if (!unhappy) continue;
            if (waived && sc.presentMask == 0) _end($, env, id, terms, uint32(shard), sc, ShardStatus.Refunded);
            else _step($, env, id, terms, uint32(shard), sc);
        }
    }

    /// @notice Settles a replacement: adds what it showed (`root`, 0 = nothing) to its case. See `IJobs.settle`.
    function settleReplacement(
        JobsStorage storage $,
        Env memory env,
        Terms calldata terms,
        uint16 number,
        bytes32 root
    ) external {
        JobId id = JobLib.idOf(terms);
        Extra memory e = $.extras[id][number];
        if (e.kind != ExtraKind.Replacement) revert IJobs.JobsUnknownBatch(number);
        BatchWord word = $.batches[id][number];
        $.batches[id][number] = word.withSettlement(0, root == 0);
        // The shard's own event may be another's: followers need this one.
        emit IJobs.BatchSettled(id, number, 0, new bytes32[](0));

        ShardCase memory c = $.cases[id][e.shard];
        if (c.status != ShardStatus.Pending) {
            // A case that was given up without its replacement frees it here.
            if (root != 0) JobLib.freeSeat(env, terms, word.memberAt(0), $.jobs[id].lockSlots);
            return;
        }
        c.awaiting = false;
        if (root != 0) {
            uint256 replica = c.replicas - 1;
            c.presentMask |= uint16(1 << replica);
            $.caseRoots[id][JobLib.caseKey(e.shard, replica)] = root;
        }
        // A panel that was counted and still stands in the case could not decide: the tie waited for this replica.
        bool tied = c.panel != 0 && $.batches[id][c.panel].phase() == BatchPhase.Settled;
        if (tied) _end($, env, id, terms, e.shard, c, ShardStatus.Tied);
        else _step($, env, id, terms, e.shard, c);
    }

    /// @notice Moves a shard whose time has come. See `IJobs.advance`.
    function advance(JobsStorage storage $, Env memory env, Terms calldata terms, uint32 shard) external {
        JobId id = JobLib.idOf(terms);
        ShardCase memory c = $.cases[id][shard];
        if (c.status == ShardStatus.Agreed) {
            uint256 notBefore = uint256(c.since) + terms.challengeWindow;
            if (block.timestamp < notBefore) revert IJobs.JobsTooEarly(notBefore);
            _end($, env, id, terms, shard, c, ShardStatus.Final);
        } else if (c.status == ShardStatus.Pending) {
            if (block.timestamp < c.deadline) revert IJobs.JobsTooEarly(c.deadline);
            _end($, env, id, terms, shard, c, c.conflicting ? ShardStatus.Tied : ShardStatus.Refunded);
        } else {
            revert IJobs.JobsWrongShardStatus(id, shard, c.status);
        }
    }

    /// @notice Orders a panel. See `IJobs.openPanel`.
    function openPanel(
        JobsStorage storage $,
        Env memory env,
        Terms calldata terms,
        uint32 shard,
        ExtraKind kind,
        uint32 item
    ) external returns (uint16 number) {
        JobId id = JobLib.idOf(terms);
        ShardCase storage c = $.cases[id][shard];
        if (c.status != ShardStatus.Pending || !c.conflicting) {
            revert IJobs.JobsWrongShardStatus(id, shard, c.status);
        }
        if (c.panel != 0) revert IJobs.JobsPanelBusy(c.panel);
        number = _openExtra($, env, id, kind, shard, item);
        c.panel = number;
        c.deadline = _patience(env, terms);
    }

    /// @notice Strikes replicas after a verdict, or ends the shard as tied. See `IJobs.applyVerdict`.
    function applyVerdict(
        JobsStorage storage $,
        Env memory env,
        Terms calldata terms,
        uint32 shard,
        uint16 convictedMask
    ) external {
        JobId id = JobLib.idOf(terms);
        ShardCase memory c = $.cases[id][shard];
        // A case that was given up while its panel worked has paid and freed its replicas already.
        if (c.status != ShardStatus.Pending) return;
        if (convictedMask == 0) {
            // Whoever is at work on a replacement is paid like the others, so the tie waits for it.
            bool working = c.awaiting && $.batches[id][_replacement(terms, c)].phase() == BatchPhase.Drawn;
            if (!working) _end($, env, id, terms, shard, c, ShardStatus.Tied);
            return;
        }
        c.panel = 0;
        c.convictedMask |= convictedMask;
        for (uint8 r; r < c.replicas; ++r) {
            if (convictedMask & (1 << r) != 0) emit IJobs.ReplicaConvicted(id, shard, r);
        }
        _step($, env, id, terms, shard, c);
    }

    /// @notice Draws a replacement or a panel, or names a new round for it.
    function drawExtra(JobsStorage storage $, Env memory env, Terms calldata terms, uint16 number) external {
        JobId id = JobLib.idOf(terms);
        Extra memory e = $.extras[id][number];
        ShardCase storage c = $.cases[id][e.shard];
        bool wanted = e.kind == ExtraKind.Replacement ? c.awaiting && _replacement(terms, c) == number : c.panel == number;
        if (e.kind == ExtraKind.None || c.status != ShardStatus.Pending || !wanted) {
            revert IJobs.JobsUnknownBatch(number);
        }
        if (block.timestamp >= c.deadline) revert IJobs.JobsTooLate(c.deadline);

        DrawRequest memory request;
        request.seed = JobLib.seed(env, e.round, e.epoch);
        if (request.seed == 0) {
            (e.round, e.epoch) = JobLib.arm(env, id, number);
            $.extras[id][number] = e;
            return;
        }
        ParameterSet memory set = env.parameters.at(terms.parameters);
        request.size = e.kind == ExtraKind.Replacement ? 1 : set.panelSize;
        request.excluded = _replicaMembers($, id, terms, e.shard, c);
        JobLib.drawCommittee($, env, id, terms, number, request, 1);
        // The case may not be given up before what was drawn for it could be counted.
        uint256 counted = block.timestamp + terms.commitWindow + terms.revealWindow + set.resolveWindow;
        if (c.deadline < counted) c.deadline = uint40(counted);
    }

    // --- ends of a job ---

    /// @notice Closes the job if every shard has ended.
    function closeIfEnded(JobsStorage storage $, Env memory env, Terms calldata terms) external {
        _closeIfEnded($, env, JobLib.idOf(terms), terms);
    }

    /// @notice Takes a job back. See `IJobs.cancel`.
    function cancel(JobsStorage storage $, Env memory env, Terms calldata terms) external {
        if (msg.sender != terms.client) revert IJobs.JobsUnauthorized(msg.sender);
        JobId id = JobLib.idOf(terms);
        JobState storage j = $.jobs[id];
        if (j.status != JobStatus.Open) revert IJobs.JobsWrongStatus(id, j.status);
        uint256 drawn = JobLib.isDrawable(env, j) ? JobLib.shardsOf(terms) : 0;
        _close($, env, id, terms, JobStatus.Cancelled, drawn);
    }

    /// @notice Refunds what was never drawn. See `IJobs.expire`.
    function expire(JobsStorage storage $, Env memory env, Terms calldata terms) external {
        JobId id = JobLib.idOf(terms);
        JobState storage j = $.jobs[id];
        JobLib.requireLive(id, j);
        if (block.timestamp <= terms.deadline) revert IJobs.JobsTooEarly(uint256(terms.deadline) + 1);
        uint256 undrawn = JobLib.shardsOf(terms) - j.drawn;
        if (j.expired || undrawn == 0) revert IJobs.JobsWrongStatus(id, j.status);
        j.expired = true;
        j.ended += uint32(undrawn);
        _closeIfEnded($, env, id, terms);
    }

    // --- internals ---

    /// @dev Decides what an unhappy shard waits for next, and stores it.
    function _step(
        JobsStorage storage $,
        Env memory env,
        JobId id,
        Terms calldata terms,
        uint32 shard,
        ShardCase memory c
    ) private {
        (uint256 standing, bytes32 root, bool equal) = _tally($, id, shard, c);
        if (!equal && !c.conflicting) c.since = uint40(block.timestamp);
        c.conflicting = !equal;

        if (equal && standing >= terms.replicas) {
            _change($, id, shard, c, ShardStatus.Agreed, root);
            return;
        }
        // With a conflict the escrow holds one replica more than agreement pays for.
        uint256 wanted = equal ? terms.replicas : uint256(terms.replicas) + 1;
        if (
            !c.awaiting && standing < wanted
                && c.replicas - terms.replicas < env.parameters.at(terms.parameters).maxReplacements
        ) {
            c.awaiting = true;
            uint16 number = _openExtra($, env, id, ExtraKind.Replacement, shard, 0);
            c.replacements |= uint64(number) << uint64(16 * (c.replicas - terms.replicas));
            ++c.replicas;
        } else if (equal && !c.awaiting) {
            _end($, env, id, terms, shard, c, ShardStatus.Refunded);
            return;
        }
        // Every step is news that somebody must be able to act on; there are only so many steps.
        c.deadline = _patience(env, terms);
        _change($, id, shard, c, ShardStatus.Pending, root);
    }

    /// @return standing replicas that showed a root and are not convicted
    /// @return root of the first of them
    /// @return equal whether all of them showed the same
    function _tally(JobsStorage storage $, JobId id, uint256 shard, ShardCase memory c)
        private
        view
        returns (uint256 standing, bytes32 root, bool equal)
    {
        equal = true;
        uint256 mask = c.presentMask & ~c.convictedMask;
        for (uint256 r; r < c.replicas; ++r) {
            if (mask & (1 << r) == 0) continue;
            bytes32 other = $.caseRoots[id][JobLib.caseKey(shard, r)];
            if (standing++ == 0) root = other;
            else if (other != root) equal = false;
        }
    }

    /// @dev Pays, frees and counts. Final and Tied pay R to every replica that stands.
    function _end(
        JobsStorage storage $,
        Env memory env,
        JobId id,
        Terms calldata terms,
        uint32 shard,
        ShardCase memory c,
        ShardStatus status
    ) private {
        JobState storage j = $.jobs[id];
        (uint256 standing, bytes32 root,) = _tally($, id, shard, c);
        Outcome[] memory outcomes = new Outcome[](standing);
        uint256 n;
        for (uint256 r; r < c.replicas; ++r) {
            if (c.presentMask & ~c.convictedMask & (1 << r) == 0) continue;
            outcomes[n++] = Outcome({
                member: JobLib.replicaMember($, id, terms, shard, c, r),
                slots: j.lockSlots,
                agreed: status == ShardStatus.Final ? 1 : 0,
                latency: 0
            });
        }
        uint32[] memory nodes = env.pools.settle(terms.pool, outcomes);
        if (status != ShardStatus.Refunded) {
            for (uint256 i; i < standing; ++i) {
                JobLib.pay($, id, terms.token, nodes[i], terms.shardReward);
            }
        }
        if (status == ShardStatus.Final) ++j.agreed;
        ++j.ended;
        _change($, id, shard, c, status, status == ShardStatus.Final ? root : bytes32(0));
        _closeIfEnded($, env, id, terms);
    }

    function _change(
        JobsStorage storage $,
        JobId id,
        uint32 shard,
        ShardCase memory c,
        ShardStatus status,
        bytes32 root
    ) private {
        if (c.status != status) c.since = uint40(block.timestamp);
        c.status = status;
        $.cases[id][shard] = c;
        emit IJobs.ShardChanged(id, shard, status, c.conflicting, root);
    }

    function _openExtra(
        JobsStorage storage $,
        Env memory env,
        JobId id,
        ExtraKind kind,
        uint32 shard,
        uint32 item
    ) private returns (uint16 number) {
        number = JobLib.EXTRA + $.jobs[id].extras++;
        emit IJobs.ExtraOpened(id, number, kind, shard, item);
        (uint64 round, uint32 epoch) = JobLib.arm(env, id, number);
        $.extras[id][number] = Extra({kind: kind, shard: shard, item: item, round: round, epoch: epoch});
    }

    /// @return batch number of the newest replacement
    function _replacement(Terms calldata terms, ShardCase memory c) private pure returns (uint16) {
        return uint16(c.replacements >> (16 * (c.replicas - 1 - terms.replicas)));
    }

    /// @return lanes members that are, or were asked to be, replicas of an unhappy shard
    function _replicaMembers(
        JobsStorage storage $,
        JobId id,
        Terms calldata terms,
        uint256 shard,
        ShardCase memory c
    ) private view returns (uint256 lanes) {
        uint256 n;
        for (uint256 r; r < c.replicas; ++r) {
            (uint256 number, uint256 position) = JobLib.replicaSeat(terms, shard, c, r);
            uint256 member = Lanes.at($.batches[id][number].committee(), position);
            if (member != 0) lanes = Lanes.put(lanes, n++, member);
        }
    }

    /// @dev Long enough for a draw, its windows, and somebody to notice each.
    function _patience(Env memory env, Terms calldata terms) private view returns (uint40) {
        uint256 resolve = env.parameters.at(terms.parameters).resolveWindow;
        return uint40(block.timestamp + 2 * resolve + terms.commitWindow + terms.revealWindow);
    }

    function _closeIfEnded(JobsStorage storage $, Env memory env, JobId id, Terms calldata terms) private {
        JobState storage j = $.jobs[id];
        uint256 shards = JobLib.shardsOf(terms);
        if (j.ended < shards || !JobLib.isLive(j)) return;
        _close(
            $,
            env,
            id,
            terms,
            j.agreed == shards ? JobStatus.Completed : j.agreed == 0 ? JobStatus.Refunded : JobStatus.Partial,
            j.drawn
        );
    }

    /// @dev Fees only on agreed shards; the draw fee, kept for whatever was drawn, counts toward the protocol's.
    function _close(
        JobsStorage storage $,
        Env memory env,
        JobId id,
        Terms calldata terms,
        JobStatus status,
        uint256 drawn
    ) private {
        JobState storage j = $.jobs[id];
        (uint16 drawFeeBps, uint16 protocolFeeBps) = env.parameters.feesOf(terms.parameters);
        uint256 perShard = uint256(terms.shardReward) * terms.replicas;
        uint256 aggregatorFee = perShard * j.agreed * terms.aggregatorFeeBps / 10_000;
        uint256 protocolFee = perShard * j.agreed * protocolFeeBps / 10_000;
        uint256 drawFee = perShard * drawn * drawFeeBps / 10_000;
        if (protocolFee < drawFee) protocolFee = drawFee;

        uint256 refund = j.remaining - aggregatorFee - protocolFee;
        j.remaining = 0;
        j.status = status;
        if (j.aggregator != 0) {
            uint128 bond = $.bonds[id];
            delete $.bonds[id];
            if (bond != 0) env.staking.releaseBond(j.aggregator, bond);
        }
        if (aggregatorFee != 0) JobLib.earn($, terms.token, j.aggregator, aggregatorFee);
        $.credit[terms.token][env.treasury] += protocolFee;
        $.credit[terms.token][terms.client] += refund;
        emit IJobs.JobClosed(id, status, aggregatorFee, protocolFee, refund);
    }
}
