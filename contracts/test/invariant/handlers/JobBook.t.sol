// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    BatchPhase,
    BatchState,
    JobState,
    JobStatus,
    ShardCase,
    ShardStatus,
    Terms
} from "../../../interfaces/IJobs.sol";
import {ParameterSet} from "../../../interfaces/IParameters.sol";
import {Seats} from "../../../libraries/Seats.sol";
import {JobId} from "../../../types/Ids.sol";
import {Reach} from "./HandlerBase.t.sol";
import {Ledger} from "./Ledger.t.sol";

/// @notice What a campaign knows of a job besides its terms.
struct Book {
    JobId id;
    JobStatus status;
    uint256 deposit;
    uint256 paid; // to replicas and panels
    uint256 fees; // aggregator's and protocol's
    uint256 refunded;
    uint256 drawn; // shards
    uint256 agreed; // shards paid as agreed
    uint128 bond;
}

/// @notice What a seat does.
struct Plan {
    bool committed;
    bool declined;
    bool revealed;
    uint8 taste; // 0 = honest; liars of one taste tell one lie
    uint32 item; // at which it lies
}

/// @title JobBook: jobs, what their seats found, and what is owed for it.
abstract contract JobBook is Ledger {
    uint16 internal constant EXTRA = 1 << 15;

    Terms[] internal _terms;
    Book[] internal _books;
    mapping(uint256 job => mapping(uint256 number => uint16[])) internal _committee; // member indexes
    mapping(uint256 job => mapping(uint256 number => mapping(uint256 position => Plan))) internal _plans;
    /// @dev When the last seat of a batch acted.
    mapping(uint256 job => mapping(uint256 number => uint256)) internal _completeAt;
    mapping(uint256 job => mapping(uint256 number => BatchPhase)) internal _phase;
    mapping(uint256 job => mapping(uint256 shard => ShardStatus)) internal _shard;
    mapping(bytes32 payment => bool) private _paid;

    function jobCount() public view returns (uint256) {
        return _books.length;
    }

    function book(uint256 job) external view returns (Book memory) {
        return _books[job];
    }

    // --- shapes ---

    function _shards(Terms memory t) internal pure returns (uint256) {
        return (uint256(t.items) + t.itemsPerShard - 1) / t.itemsPerShard;
    }

    function _batches(Terms memory t) internal pure returns (uint256) {
        return (_shards(t) + Seats.BATCH - 1) / Seats.BATCH;
    }

    function _itemsOf(Terms memory t, uint256 shard) internal pure returns (uint256 items) {
        items = t.items - shard * t.itemsPerShard;
        if (items > t.itemsPerShard) items = t.itemsPerShard;
    }

    function _isTerminal(JobStatus status) internal pure returns (bool) {
        return status > JobStatus.Active;
    }

    /// @return shards of the job that a position of a regular batch executes, in order
    function _shardsAt(Terms memory t, uint256 number, uint256 position)
        internal
        pure
        returns (uint256[] memory shards)
    {
        uint256 n = Seats.batchSize(_shards(t), number);
        uint256 c = Seats.committeeSize(n, t.replicas, t.committeeWidth);
        shards = new uint256[](Seats.count(position, n, t.replicas, c));
        uint256 found;
        for (uint256 i; i < n; ++i) {
            for (uint256 r; r < t.replicas; ++r) {
                if (Seats.positionOf(i, r, t.replicas, c) == position) shards[found++] = number * Seats.BATCH + i;
            }
        }
    }

    /// @return number and position of the seat behind a replica
    function _seatOf(Terms memory t, uint256 shard, ShardCase memory c, uint256 replica)
        internal
        pure
        returns (uint256 number, uint256 position)
    {
        if (replica >= t.replicas) return (uint16(c.replacements >> (16 * (replica - t.replicas))), 0);
        number = shard / Seats.BATCH;
        uint256 n = Seats.batchSize(_shards(t), number);
        position = Seats.positionOf(
            shard % Seats.BATCH, replica, t.replicas, Seats.committeeSize(n, t.replicas, t.committeeWidth)
        );
    }

    // --- results ---

    function _digest(uint256 job, Terms memory t, uint256 shard, uint256 item, Plan memory plan)
        internal
        pure
        returns (bytes32)
    {
        bool lie = plan.taste != 0 && item == plan.item % _itemsOf(t, shard);
        return keccak256(abi.encode(job, shard, item, lie ? plan.taste : 0));
    }

    function _leaf(uint256 job, Terms memory t, uint256 shard, uint256 item, Plan memory plan)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(uint64(item), _digest(job, t, shard, item, plan)));
    }

    /// @return root of a seat's results of a shard
    /// @return proof of one of its items
    function _tree(uint256 job, Terms memory t, uint256 shard, Plan memory plan, uint256 item)
        internal
        pure
        returns (bytes32 root, bytes32[] memory proof)
    {
        uint256 items = _itemsOf(t, shard);
        uint256 width = 1;
        uint256 depth;
        for (; width < items; width <<= 1) {
            ++depth;
        }
        bytes32[] memory level = new bytes32[](width);
        for (uint256 i; i < items; ++i) {
            level[i] = _leaf(job, t, shard, i, plan);
        }
        proof = new bytes32[](depth);
        for (uint256 d; d < depth; ++d) {
            proof[d] = level[(item >> d) ^ 1];
            width >>= 1;
            for (uint256 i; i < width; ++i) {
                level[i] = keccak256(abi.encodePacked(level[2 * i], level[2 * i + 1]));
            }
        }
        root = level[0];
    }

    function _root(uint256 job, Terms memory t, uint256 shard, Plan memory plan) internal pure returns (bytes32 root) {
        (root,) = _tree(job, t, shard, plan, 0);
    }

    // --- members ---

    function _nodeAt(uint256 job, uint256 number, uint256 position) internal view returns (uint32 node) {
        (, node) = net.pools.seat(net.pool, _committee[job][number][position]);
    }

    /// @dev When reveals of a drawn batch end.
    function _revealEnd(uint256 job, Terms memory t, uint256 number, BatchState memory b)
        internal
        view
        returns (uint256)
    {
        uint256 from = _completeAt[job][number];
        return (from == 0 ? b.drawnAt + t.commitWindow : from) + t.revealWindow;
    }

    // --- payments ---

    function _pay(uint256 job, uint32 node, uint256 amount) internal {
        earnings[node] += amount;
        _books[job].paid += amount;
    }

    /// @dev R to a replica; once for its owner and shard.
    function _payReplica(uint256 job, uint256 shard, uint32 node) internal {
        bytes32 payment = keccak256(abi.encode(job, shard, node));
        _hold(4, !_paid[payment], "a provider was due twice for one shard");
        _paid[payment] = true;
        _pay(job, node, _terms[job].shardReward);
    }

    // --- what has become of it ---

    /// @dev Follows a shard: its status moves forward, and its end pays those who stand.
    function _observeShard(uint256 job, Terms memory t, uint256 shard) internal {
        ShardCase memory c = net.jobs.shardCase(_books[job].id, uint32(shard));
        ShardStatus before = _shard[job][shard];
        if (c.status == before) return;
        bool forward = before == ShardStatus.None
            || (before == ShardStatus.Pending && c.status != ShardStatus.None)
            || (before == ShardStatus.Agreed && c.status == ShardStatus.Final);
        _hold(3, forward, "a shard moved backwards");
        _shard[job][shard] = c.status;
        if (before == ShardStatus.None) _saw(Reach.ShardUnhappy);
        if (c.status == ShardStatus.Refunded) _saw(Reach.ShardRefunded);
        if (c.status != ShardStatus.Final && c.status != ShardStatus.Tied) return;
        _saw(c.status == ShardStatus.Final ? Reach.ShardFinal : Reach.ShardTied);
        _payStanding(job, t, shard, c);
    }

    function _payStanding(uint256 job, Terms memory t, uint256 shard, ShardCase memory c) private {
        bool final_ = c.status == ShardStatus.Final;
        bytes32 root;
        uint256 standing;
        for (uint256 r; r < c.replicas; ++r) {
            if (c.presentMask & ~c.convictedMask & (1 << r) == 0) continue;
            (uint256 number, uint256 position) = _seatOf(t, shard, c, r);
            Plan memory plan = _plans[job][number][position];
            bytes32 shown = _root(job, t, shard, plan);
            _hold(5, plan.revealed, "paid without a reveal");
            _hold(5, !final_ || root == 0 || shown == root, "paid as agreed with another root");
            root = shown;
            ++standing;
            _payReplica(job, shard, _nodeAt(job, number, position));
        }
        if (!final_) return;
        _hold(5, standing >= t.replicas, "final with fewer than k");
        ++_books[job].agreed;
    }

    /// @dev Follows a job: its status moves forward, and its end pays fees and refund.
    function _observeJob(uint256 job, Terms memory t) internal {
        Book storage b = _books[job];
        JobState memory j = net.jobs.job(b.id);
        if (j.status == b.status) return;
        _hold(3, j.status > b.status && !_isTerminal(b.status), "a job moved backwards");
        b.status = j.status;
        if (_isTerminal(j.status)) _close(b, t, j, b.drawn);
    }

    /// @param drawn shards whose draw fee is kept
    function _close(Book storage b, Terms memory t, JobState memory j, uint256 drawn) internal {
        ParameterSet memory set = net.parameters.at(t.parameters);
        uint256 perShard = uint256(t.shardReward) * t.replicas;
        uint256 fee = perShard * b.agreed * t.aggregatorFeeBps / 10_000;
        uint256 protocolFee = perShard * b.agreed * set.protocolFeeBps / 10_000;
        uint256 drawFee = perShard * drawn * set.drawFeeBps / 10_000;
        if (protocolFee < drawFee) protocolFee = drawFee;
        _hold(11, fee * 10_000 <= perShard * b.agreed * 200, "aggregator fee over its cap");
        _hold(11, protocolFee * 10_000 <= perShard * _shards(t) * 1_000, "protocol fee over its cap");
        b.status = j.status;
        b.fees = fee + protocolFee;
        b.refunded = b.deposit - b.paid - b.fees;
        earnings[j.aggregator] += fee;
        credit[net.timelock] += protocolFee;
        credit[t.client] += b.refunded;
        bonded[j.aggregator] -= b.bond;
        b.bond = 0;
        if (j.status == JobStatus.Completed) _saw(Reach.Completed);
        else if (j.status == JobStatus.Partial) _saw(Reach.Partial);
        else if (j.status == JobStatus.Refunded) _saw(Reach.Refunded);
        else _saw(Reach.Cancelled);
    }

    function _observeBatch(uint256 job, uint256 number, BatchPhase phase) internal {
        _hold(3, phase >= _phase[job][number], "a batch moved backwards");
        _phase[job][number] = phase;
    }
}
