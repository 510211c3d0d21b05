// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";

import {Escrow} from "./Escrow.sol";
import {
    BatchPhase,
    ExtraKind,
    FaultRecord,
    IJobs,
    JobState,
    JobStatus,
    Quote,
    Terms
} from "./interfaces/IJobs.sol";
import {IParameters} from "./interfaces/IParameters.sol";
import {DrawRequest, IPools, Outcome} from "./interfaces/IPools.sol";
import {IRandomness} from "./interfaces/IRandomness.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {Admission} from "./jobs/Admission.sol";
import {Committees} from "./jobs/Committees.sol";
import {Faults} from "./jobs/Faults.sol";
import {JobLib} from "./jobs/JobLib.sol";
import {JobsViews} from "./jobs/JobsViews.sol";
import {Resolution} from "./jobs/Resolution.sol";
import {Seats} from "./libraries/Seats.sol";
import {BatchWord} from "./types/BatchWord.sol";
import {JobId} from "./types/Ids.sol";

/// @title Jobs
/// @dev The path of a job in which nobody fails is here and in Committees. Admission, Resolution (unhappy shards) and
/// Faults are linked libraries that run in this contract's storage: together they would exceed the size of one.
contract Jobs is Committees, EIP712, Multicall {
    constructor(
        IParameters parameters_,
        IStaking staking_,
        IPools pools_,
        IRandomness randomness_,
        address slashing_
    ) Escrow(parameters_, staking_) JobsViews(pools_, randomness_, slashing_) EIP712("Infernet", "1") {}

    // --- open and its undoing ---

    /// @inheritdoc IJobs
    function open(Terms calldata terms, Quote calldata quote, bytes calldata locators) external returns (JobId id) {
        if (msg.sender != terms.client) revert JobsUnauthorized(msg.sender);
        uint256 amount;
        (id, amount) = Admission.open($, _env(), terms, quote, locators, _domainSeparatorV4());
        _spend(terms.token, terms.client, amount);
    }

    /// @inheritdoc IJobs
    function cancel(Terms calldata terms) external {
        Resolution.cancel($, _env(), terms);
    }

    /// @inheritdoc IJobs
    function expire(Terms calldata terms) external {
        Resolution.expire($, _env(), terms);
    }

    /// @inheritdoc IJobs
    function replaceAggregator(Terms calldata terms, uint16 stalledBatch, uint32 node) external {
        Admission.replaceAggregator($, _env(), terms, stalledBatch, node);
    }

    // --- draw ---

    /// @inheritdoc IJobs
    function draw(Terms calldata terms, uint16[] calldata numbers) external {
        JobId id = JobLib.idOf(terms);
        JobState storage j = $.jobs[id];
        JobLib.requireLive(id, j);
        bytes32 seed;
        for (uint256 i; i < numbers.length; ++i) {
            uint16 number = numbers[i];
            BatchPhase phase = $.batches[id][number].phase();
            if (phase != BatchPhase.None) revert JobsWrongPhase(id, number, phase);
            if (number >= JobLib.EXTRA) {
                Resolution.drawExtra($, _env(), terms, number);
                continue;
            }
            if (seed == 0) {
                if (block.timestamp > terms.deadline) revert JobsDeadlinePassed(terms.deadline);
                seed = JobLib.seed(_env(), j.round, j.epoch);
            }
            if (seed == 0) {
                (j.round, j.epoch) = JobLib.arm(_env(), id, JobLib.ALL);
                return;
            }
            _draw(id, terms, number, seed);
        }
    }

    function _draw(JobId id, Terms calldata terms, uint16 number, bytes32 seed) private {
        if (number * Seats.BATCH >= JobLib.shardsOf(terms)) revert JobsUnknownBatch(number);
        (uint256 n, uint256 c) = JobLib.shape(terms, number);
        JobState storage j = $.jobs[id];
        j.drawn += uint32(n);
        j.status = JobStatus.Active;
        DrawRequest memory request;
        request.seed = seed;
        request.size = uint8(c);
        JobLib.drawCommittee($, _env(), id, terms, number, request, Seats.load(n, terms.replicas, c));
    }

    // --- settle ---

    /// @inheritdoc IJobs
    function settle(Terms calldata terms, uint16 number, bytes32[][] calldata lists) external {
        JobId id = JobLib.idOf(terms);
        BatchWord word = JobLib.endedBatch($, id, terms, number);
        uint256 c = word.size();
        if (lists.length != c) revert JobsWrongCount(lists.length, c);
        uint256 shown = word.revealed() & word.committed();
        for (uint256 p; p < c; ++p) {
            bytes32[] calldata list = lists[p];
            bool right =
                shown & (1 << p) == 0 ? list.length == 0 : JobLib.shows($, id, number, p, JobLib.rootsHash(list));
            if (!right) revert JobsWrongLists(uint8(p));
        }
        bool faulty = shown != (1 << c) - 1;
        bool waived = faulty && Faults.note($, _env(), terms, number);
        if (number < JobLib.EXTRA) {
            _settle(id, terms, number, word, lists, shown, faulty, waived);
        } else {
            Resolution.settleReplacement($, _env(), terms, number, shown != 0 ? lists[0][0] : bytes32(0));
        }
    }

    function _settle(
        JobId id,
        Terms calldata terms,
        uint16 number,
        BatchWord word,
        bytes32[][] calldata lists,
        uint256 shown,
        bool faulty,
        bool waived
    ) private {
        (uint256 n, uint256 c) = JobLib.shape(terms, number);
        (bytes32[] memory roots, uint256 agreed) = _tally(terms.replicas, n, c, shown, lists);
        $.batches[id][number] = word.withSettlement(agreed, faulty);
        emit BatchSettled(id, number, uint32(agreed), roots);
        if (agreed != (1 << n) - 1) Resolution.openCases($, _env(), terms, number, lists, agreed, shown, waived);
    }

    /// @return roots of agreed shards, 0 for the others
    /// @return agreed one bit a shard
    function _tally(uint256 k, uint256 n, uint256 c, uint256 shown, bytes32[][] calldata lists)
        private
        pure
        returns (bytes32[] memory roots, uint256 agreed)
    {
        roots = new bytes32[](n);
        // Where the next root of each position stands in calldata. Every list was compared with what its position showed,
        // so it is as long as its seats.
        uint256[] memory cursor = new uint256[](c);
        for (uint256 p; p < c; ++p) {
            bytes32[] calldata list = lists[p];
            uint256 start;
            assembly ("memory-safe") {
                start := list.offset
            }
            cursor[p] = start;
        }
        unchecked {
            for (uint256 i; i < n; ++i) {
                bytes32 root;
                bool equal = true;
                for (uint256 r; r < k; ++r) {
                    uint256 p = Seats.positionOf(i, r, k, c);
                    // Who did not reveal has no list; a root is never 0, so an absent one equals no other.
                    bytes32 other;
                    if (shown & (1 << p) != 0) {
                        uint256 next = cursor[p];
                        cursor[p] = next + 32;
                        assembly ("memory-safe") {
                            other := calldataload(next)
                        }
                    }
                    if (r == 0) root = other;
                    equal = equal && other == root && other != 0;
                }
                if (equal) {
                    roots[i] = root;
                    agreed |= 1 << i;
                }
            }
        }
    }

    // --- finalise ---

    /// @inheritdoc IJobs
    function finalise(Terms calldata terms, uint16[] calldata numbers) external {
        JobId id = JobLib.idOf(terms);
        for (uint256 i; i < numbers.length; ++i) {
            BatchWord word = $.batches[id][numbers[i]];
            if (numbers[i] >= JobLib.EXTRA || word.phase() != BatchPhase.Settled) {
                revert JobsWrongPhase(id, numbers[i], word.phase());
            }
            uint256 notBefore = word.settledAt() + terms.challengeWindow;
            if (block.timestamp < notBefore) revert JobsTooEarly(notBefore);
            _finalise(id, terms, numbers[i], word);
        }
        JobState storage j = $.jobs[id];
        if (j.ended == JobLib.shardsOf(terms)) Resolution.closeIfEnded($, _env(), terms);
    }

    function _finalise(JobId id, Terms calldata terms, uint16 number, BatchWord word) private {
        $.batches[id][number] = word.withFinality();
        (Outcome[] memory outcomes, uint256 won) = _outcomes(id, terms, number, word);
        uint32[] memory nodes = pools.settle(terms.pool, outcomes);
        mapping(uint32 node => uint256) storage earnings = $.earnings[terms.token];
        uint256 seats;
        uint256 payees;
        uint256 shards;
        for (uint256 p; p < nodes.length; ++p) {
            uint256 agreed = outcomes[p].agreed;
            if (agreed == 0) continue;
            seats += agreed;
            payees |= uint256(nodes[p]) << (32 * p);
            shards |= agreed << (8 * p);
            earnings[nodes[p]] += agreed * terms.shardReward;
        }
        JobState storage j = $.jobs[id];
        j.remaining -= uint128(seats * terms.shardReward);
        j.agreed += uint32(won);
        j.ended += uint32(won);
        emit BatchFinalised(id, number, payees, uint64(shards));
    }

    /// @return outcomes what each position won and frees
    /// @return won shards that agreed
    function _outcomes(JobId id, Terms calldata terms, uint16 number, BatchWord word)
        private
        view
        returns (Outcome[] memory outcomes, uint256 won)
    {
        (uint256 n, uint256 c) = JobLib.shape(terms, number);
        uint256 k = terms.replicas;
        uint256 agreed = word.agreed();
        outcomes = new Outcome[](c);
        won = agreed == (1 << n) - 1 ? n : _countAgreed(outcomes, n, k, c, agreed);
        uint256 lockSlots = $.jobs[id].lockSlots;
        for (uint256 p; p < c; ++p) {
            Outcome memory o = outcomes[p];
            o.member = word.memberAt(p);
            // Every member's `load` slots were taken at the draw; what it holds beyond its seats comes free here too.
            uint256 seats = Seats.count(p, n, k, c);
            if (won == n) o.agreed = uint16(seats);
            o.slots = uint16((o.agreed + word.load() - seats) * lockSlots);
            if (o.agreed != 0) o.latency = _latency(id, terms, number, p, word);
        }
    }

    /// @dev Where not all shards agreed, a member's agreed seats have no closed form.
    function _countAgreed(Outcome[] memory outcomes, uint256 n, uint256 k, uint256 c, uint256 agreed)
        private
        pure
        returns (uint256 won)
    {
        for (uint256 i; i < n; ++i) {
            if (agreed & (1 << i) == 0) continue;
            ++won;
            for (uint256 r; r < k; ++r) {
                ++outcomes[Seats.positionOf(i, r, k, c)].agreed;
            }
        }
    }

    /// @return milliseconds from draw to commit per compute unit
    function _latency(JobId id, Terms calldata terms, uint256 number, uint256 position, BatchWord word)
        private
        view
        returns (uint32)
    {
        uint256 committedAt = uint32(uint256($.seats[id][JobLib.seatKey(number, position)]));
        uint256 ms = (committedAt - word.drawnAt()) * 1000 / (terms.unitsPerShard * word.load());
        return ms > type(uint32).max ? type(uint32).max : uint32(ms);
    }

    // --- unhappy shards ---

    /// @inheritdoc IJobs
    function advance(Terms calldata terms, uint32 shard) external {
        Resolution.advance($, _env(), terms, shard);
    }

    /// @inheritdoc IJobs
    function openPanel(Terms calldata terms, uint32 shard, ExtraKind kind, uint32 item)
        external
        onlySlashing
        returns (uint16)
    {
        return Resolution.openPanel($, _env(), terms, shard, kind, item);
    }

    /// @inheritdoc IJobs
    function closePanel(Terms calldata terms, uint16 number, bytes32[] calldata results)
        external
        onlySlashing
        returns (bytes32 verdict, uint256 voters, uint256 losers)
    {
        return Faults.closePanel($, _env(), terms, number, results);
    }

    /// @inheritdoc IJobs
    function applyVerdict(Terms calldata terms, uint32 shard, uint16 convictedMask) external onlySlashing {
        Resolution.applyVerdict($, _env(), terms, shard, convictedMask);
    }

    /// @inheritdoc IJobs
    function takeFault(Terms calldata terms, uint16 number, uint8 position)
        external
        onlySlashing
        returns (FaultRecord memory)
    {
        return Faults.take($, terms, number, position);
    }
}
