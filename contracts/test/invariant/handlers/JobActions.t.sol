// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BatchPhase, BatchState, IJobs, JobState, JobStatus, Quote, ShardCase, ShardStatus, Terms} from
    "../../../interfaces/IJobs.sol";
import {ParameterSet, TokenTerms} from "../../../interfaces/IParameters.sol";
import {Fault} from "../../../interfaces/IPools.sol";
import {JobId} from "../../../types/Ids.sol";
import {Seats} from "../../../libraries/Seats.sol";
import {Reach} from "./HandlerBase.t.sol";
import {CommitteeActions} from "./CommitteeActions.t.sol";
import {Book, Plan} from "./JobBook.t.sol";

/// @title JobActions: jobs are opened, settled, paid, taken back, and end with their deadlines.
abstract contract JobActions is CommitteeActions {
    // --- open ---

    function _open(uint256 seed) internal {
        Terms memory t = _newTerms(seed);
        (,,,,, uint32 members) = net.pools.forOpen(net.pool);
        if (members < t.replicas) return;
        uint256 bond = _bondOf(t);
        if (t.aggregator != 0 && net.staking.stakeOf(t.aggregator).free < bond) {
            (t.aggregator, t.aggregatorFeeBps, bond) = (0, 0, 0);
        }
        uint256 cost = net.jobs.cost(t);
        if (credit[t.client] < cost) _fund(t.client, cost);
        Quote memory quote = Quote(0, "");
        if (t.aggregator != 0) quote = _quote(t);
        if (net.parameters.openPaused()) {
            vm.prank(t.client);
            vm.expectRevert(IJobs.JobsOpenPaused.selector);
            net.jobs.open(t, quote, "");
            _saw(Reach.OpenRefused);
            vm.prank(net.guardian);
            net.parameters.resumeOpen();
        }
        vm.prank(t.client);
        JobId id = net.jobs.open(t, quote, "");
        credit[t.client] -= cost;
        bonded[t.aggregator] += bond;
        _terms.push(t);
        Book storage b = _books.push();
        (b.id, b.status, b.deposit, b.bond) = (id, JobStatus.Open, cost, uint128(bond));
        _saw(Reach.Opened);
    }

    function _newTerms(uint256 seed) private view returns (Terms memory t) {
        t.client = _people[seed % CLIENTS];
        t.nonce = uint64(_books.length);
        t.parameters = net.parameters.version();
        t.manifest = "manifest";
        t.pool = net.pool;
        t.token = address(net.usdc);
        t.shardReward = uint128(50_000 * (1 + (seed >> 8) % 40)) + uint128((seed >> 16) % 1_000);
        t.itemsPerShard = uint32(1 + (seed >> 32) % 4);
        uint256 shards = (seed >> 40) % 24 == 0 ? 33 + (seed >> 48) % 3 : 1 + (seed >> 48) % 4;
        t.items = uint64(shards * t.itemsPerShard - (seed >> 56) % t.itemsPerShard);
        t.unitsPerShard = 10;
        t.replicas = uint8((seed >> 64) % 8 == 0 ? 1 : 2 + (seed >> 72) % 4 / 3);
        t.committeeWidth = t.replicas + uint8((seed >> 80) % 3);
        if ((seed >> 88) % 3 == 0) {
            t.aggregator = _aggregator(seed >> 96);
            t.aggregatorFeeBps = uint16(50 + (seed >> 104) % 151);
        }
        t.commitWindow = uint32(601 + (seed >> 112) % 900);
        t.revealWindow = uint32(600 + (seed >> 120) % 600);
        uint256 value = shards * t.shardReward * t.replicas;
        t.challengeWindow = value < net.parameters.tokenTerms(t.token).largeJob ? 30 minutes : 1 days;
        t.deadline = uint40(_now() + 1 hours + (seed >> 128) % (6 days));
    }

    /// @return node of one of the two aggregators
    function _aggregator(uint256 seed) internal view returns (uint32) {
        return net.staking.nodeOf(_owners[9 + seed % 2]);
    }

    function _bondOf(Terms memory t) private view returns (uint256) {
        if (t.aggregator == 0) return 0;
        uint256 value = _shards(t) * t.shardReward * t.replicas;
        ParameterSet memory set = net.parameters.at(t.parameters);
        return value * net.parameters.tokenTerms(t.token).stakeRate / 1e18 * set.aggregatorBondBps / 10_000;
    }

    function _quote(Terms memory t) private view returns (Quote memory quote) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Infernet"),
                keccak256("1"),
                block.chainid,
                address(net.jobs)
            )
        );
        bytes32 inner = keccak256(
            abi.encode(keccak256("Quote(bytes32 job,uint40 validUntil)"), net.jobs.jobId(t), t.deadline)
        );
        quote.validUntil = t.deadline;
        quote.signature = _sign(
            net.staking.operatorOf(t.aggregator), keccak256(abi.encodePacked("\x19\x01", domain, inner))
        );
    }

    /// @dev A sponsor deposits for a client.
    function _fund(address account, uint256 amount) internal {
        net.usdc.mint(address(this), amount);
        net.usdc.approve(address(net.jobs), amount);
        net.jobs.deposit(address(net.usdc), account, amount);
        credit[account] += amount;
        _saw(Reach.Deposited);
    }

    // --- settle, finalise, advance ---

    /// @dev Settles a regular batch or a replacement, after waiting for it.
    function _settle(uint256 job, Terms memory t, uint256 number) internal returns (bool) {
        BatchState memory b = net.jobs.batch(_books[job].id, uint16(number));
        if (b.phase != BatchPhase.Drawn) return false;
        if (b.revealedMask != (1 << _committee[job][number].length) - 1) _waitUntil(_revealEnd(job, t, number, b));
        net.jobs.settle(t, uint16(number), _lists(job, t, number));
        b = net.jobs.batch(_books[job].id, uint16(number));
        _observeBatch(job, number, b.phase);
        if (number >= EXTRA) {
            if (!b.faulty) _saw(Reach.Replaced);
            _observeShard(job, t, net.jobs.extra(_books[job].id, uint16(number)).shard);
        } else {
            _hold(5, b.agreedMask == _agreedMask(job, t, number), "agreement is not equality of k roots");
            if (b.agreedMask != 0) _saw(Reach.ShardAgreed);
            _noteWaived(job, number);
            uint256 n = Seats.batchSize(_shards(t), number);
            for (uint256 i; i < n; ++i) {
                if (b.agreedMask & (1 << i) == 0) _observeShard(job, t, number * Seats.BATCH + i);
            }
        }
        _observeJob(job, t);
        return true;
    }

    function _noteWaived(uint256 job, uint256 number) private {
        for (uint256 p; p < _committee[job][number].length; ++p) {
            if (!_plans[job][number][p].declined) continue;
            (Fault fault,) = net.jobs.faultOf(_books[job].id, uint16(number), uint8(p));
            if (fault == Fault.None) _saw(Reach.Waived);
        }
    }

    /// @return mask of the shards whose k seats showed one root, by their plans
    function _agreedMask(uint256 job, Terms memory t, uint256 number) private view returns (uint256 mask) {
        uint256 n = Seats.batchSize(_shards(t), number);
        uint256 c = _committee[job][number].length;
        for (uint256 i; i < n; ++i) {
            bytes32 root;
            bool equal = true;
            for (uint256 r; r < t.replicas && equal; ++r) {
                Plan memory plan = _plans[job][number][Seats.positionOf(i, r, t.replicas, c)];
                bytes32 shown = plan.revealed ? _root(job, t, number * Seats.BATCH + i, plan) : bytes32(0);
                equal = shown != 0 && (r == 0 || shown == root);
                root = shown;
            }
            if (equal) mask |= 1 << i;
        }
    }

    function _finalise(uint256 job, Terms memory t, uint256 number) internal returns (bool) {
        if (number >= EXTRA || _phase[job][number] != BatchPhase.Settled) return false;
        BatchState memory b = net.jobs.batch(_books[job].id, uint16(number));
        _waitUntil(b.settledAt + t.challengeWindow);
        uint16[] memory numbers = new uint16[](1);
        numbers[0] = uint16(number);
        net.jobs.finalise(t, numbers);
        _observeBatch(job, number, BatchPhase.Finalised);
        uint256 n = Seats.batchSize(_shards(t), number);
        uint256 c = _committee[job][number].length;
        for (uint256 i; i < n; ++i) {
            if (b.agreedMask & (1 << i) == 0) continue;
            for (uint256 r; r < t.replicas; ++r) {
                uint256 p = Seats.positionOf(i, r, t.replicas, c);
                _payReplica(job, number * Seats.BATCH + i, _nodeAt(job, number, p));
            }
            ++_books[job].agreed;
        }
        _observeJob(job, t);
        return true;
    }

    /// @param patient whether to wait for a shard to be given up
    function _advance(uint256 job, Terms memory t, uint256 shard, bool patient) internal returns (bool) {
        ShardStatus status = _shard[job][shard];
        if (status != ShardStatus.Agreed && !(status == ShardStatus.Pending && patient)) return false;
        ShardCase memory c = net.jobs.shardCase(_books[job].id, uint32(shard));
        _waitUntil(status == ShardStatus.Agreed ? c.since + t.challengeWindow : c.deadline);
        net.jobs.advance(t, uint32(shard));
        _observeShard(job, t, shard);
        _observeJob(job, t);
        return true;
    }

    // --- the end ---

    function _cancel(uint256 job, Terms memory t) internal returns (bool) {
        Book storage b = _books[job];
        if (b.status != JobStatus.Open) return false;
        JobState memory j = net.jobs.job(b.id);
        bool known;
        if (j.epoch == _now() / EPOCH_SECONDS && vm.getBlockNumber() > j.round) {
            known = net.randomness.valueOf(j.round) != 0;
        }
        vm.prank(t.client);
        net.jobs.cancel(t);
        j = net.jobs.job(b.id);
        _hold(3, j.status == JobStatus.Cancelled, "a cancelled job is not");
        _close(b, t, j, known ? _shards(t) : 0);
        return true;
    }

    function _expire(uint256 job, Terms memory t) internal returns (bool) {
        if (_isTerminal(_books[job].status)) return false;
        JobState memory j = net.jobs.job(_books[job].id);
        if (j.expired || j.drawn == _shards(t)) return false;
        _waitUntil(uint256(t.deadline) + 1);
        net.jobs.expire(t);
        _saw(Reach.Expired);
        _observeJob(job, t);
        return true;
    }

    function _replaceAggregator(uint256 job, Terms memory t, uint256 seed) internal returns (bool) {
        Book storage b = _books[job];
        JobState memory j = net.jobs.job(b.id);
        if (_isTerminal(b.status) || j.aggregator == 0) return false;
        uint256 number = seed % _batches(t);
        bool drawn = _phase[job][number] == BatchPhase.Drawn;
        if (!drawn && (_phase[job][number] != BatchPhase.None || j.drawn != 0)) return false;
        uint32 newcomer = _aggregator(seed >> 8);
        if (net.staking.stakeOf(newcomer).free < b.bond) return false;

        uint256 idle = drawn ? _revealEnd(job, t, number, net.jobs.batch(b.id, uint16(number))) : j.openedAt;
        if (idle < j.aggregatorSince) idle = j.aggregatorSince;
        _waitUntil(idle + net.parameters.at(t.parameters).resolveWindow);
        vm.prank(net.staking.operatorOf(newcomer));
        net.jobs.replaceAggregator(t, uint16(number), newcomer);
        bonded[j.aggregator] -= b.bond;
        bonded[newcomer] += b.bond;
        if (drawn && b.bond != 0) {
            _burnStake(j.aggregator, b.bond);
            _saw(Reach.BondBurned);
        }
        _saw(Reach.TakenOver);
        return true;
    }
}
