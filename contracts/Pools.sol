// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Reputation} from "./Reputation.sol";
import {IParameters} from "./interfaces/IParameters.sol";
import {DrawRequest, Fault, IPools, Member, Metric, Outcome, PoolTerms} from "./interfaces/IPools.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {MemberWord, MemberWordLib, PendingWord, PendingWordLib} from "./libraries/MemberWord.sol";
import {WeightTree} from "./libraries/WeightTree.sol";
import {PoolId} from "./types/Ids.sol";

/// @title Pools: who may be drawn, with which weight, and what is known about them.
/// @dev Two rules hold after every call:
/// - earmarked(node) = Σ over its memberships of max(capacity, next capacity) × slotStake;
/// - busy ≤ capacity: every slot that answers for work has its stake behind it.
/// A change of capacity or pause waits in a second word until the next epoch and is applied lazily; until then draws
/// respect the capacity and the weight that stood when the epoch began, so nobody can steer a draw whose seed is known.
contract Pools is Reputation {
    using WeightTree for WeightTree.Tree;

    struct Pool {
        // slot 0
        uint128 slotStake; // 0 = no such pool
        uint128 priceFloor;
        // slot 1
        Metric metric;
        bool listed;
        uint32 secondsPerUnit;
        uint16 count; // indexes handed out
        uint16 eligible; // members with a weight, changes of this epoch included
        // slot 2
        bytes32 runtime;
        mapping(uint32 node => uint256 memberPlusOne) indexes;
        mapping(uint256 member => MemberWord) words;
        mapping(uint256 member => PendingWord) pending;
        WeightTree.Tree tree;
    }

    /// @dev Keeps 65,535 slots within 128 bits.
    uint256 internal constant MAX_SLOT_STAKE = type(uint112).max;
    /// @dev weight = capacity × (10 000 + score) / 2 500: eighths of a slot, 4 … 8 a slot.
    uint256 internal constant WEIGHT_DIVISOR = 2_500;
    uint256 internal constant LANE_ONES = 0x0001000100010001000100010001000100010001000100010001000100010001;

    IParameters public immutable parameters;
    IStaking public immutable staking;
    address public immutable jobs;
    address public immutable slashing;
    /// @inheritdoc IPools
    uint32 public immutable EPOCH;

    mapping(PoolId pool => Pool) internal _pools;

    modifier onlySlashing() {
        if (msg.sender != slashing) revert PoolsUnauthorized(msg.sender);
        _;
    }

    modifier onlyJobs() {
        if (msg.sender != jobs) revert PoolsUnauthorized(msg.sender);
        _;
    }

    /// @param epochSeconds length of an epoch, above 0
    constructor(IParameters parameters_, IStaking staking_, address jobs_, address slashing_, uint32 epochSeconds) {
        if (epochSeconds == 0) revert PoolsInvalidTerms("epochSeconds");
        parameters = parameters_;
        staking = staking_;
        jobs = jobs_;
        slashing = slashing_;
        EPOCH = epochSeconds;
    }

    // --- anyone, owners ---

    /// @inheritdoc IPools
    function createPool(PoolTerms calldata terms) external returns (PoolId pool) {
        if (terms.runtime == 0) revert PoolsInvalidTerms("runtime");
        if (terms.metric > Metric.Exact) revert PoolsInvalidTerms("metric");
        if (terms.slotStake == 0 || terms.slotStake > MAX_SLOT_STAKE) revert PoolsInvalidTerms("slotStake");
        if (terms.verifier != address(0)) revert PoolsInvalidTerms("verifier");
        if (terms.extension != 0) revert PoolsInvalidTerms("extension");
        pool = poolId(terms);
        Pool storage p = _pools[pool];
        if (p.slotStake != 0) revert PoolsPoolExists(pool);
        p.slotStake = terms.slotStake;
        p.priceFloor = terms.priceFloor;
        p.metric = terms.metric;
        p.secondsPerUnit = terms.secondsPerUnit;
        p.runtime = terms.runtime;
        emit PoolCreated(pool, msg.sender, terms);
    }

    /// @inheritdoc IPools
    function listPool(PoolId pool, bool listed) external {
        if (msg.sender != parameters.timelock()) revert PoolsUnauthorized(msg.sender);
        _existing(pool).listed = listed;
        emit PoolListed(pool, listed);
    }

    /// @inheritdoc IPools
    function joinPool(PoolId pool, uint16 capacity) external returns (uint16 index) {
        Pool storage p = _existing(pool);
        uint32 node = _callersNode();
        if (capacity == 0) revert PoolsZeroCapacity();
        if (p.indexes[node] != 0) revert PoolsAlreadyMember(pool, node);
        if (p.count == WeightTree.CAPACITY) revert PoolsFull(pool);
        _requireFree(node);
        index = p.count++;
        p.indexes[node] = uint256(index) + 1;
        _startRecord(pool, index);
        MemberWord word = MemberWord.wrap(0).withNode(node).withOperator(staking.operatorOf(node));
        emit MemberJoined(pool, node, index, capacity);
        _change(pool, p, index, word, capacity, false);
    }

    /// @inheritdoc IPools
    function setCapacity(PoolId pool, uint16 capacity) external {
        Pool storage p = _existing(pool);
        uint32 node = _callersNode();
        uint256 plusOne = p.indexes[node];
        if (plusOne == 0) revert PoolsNotMember(pool, node);
        uint256 index = plusOne - 1;
        MemberWord word = _mature(p, index, p.words[index]);
        (uint16 next, bool paused) = _target(p, index, word);
        if (capacity > next) _requireFree(node);
        _change(pool, p, index, word, capacity, paused);
    }

    /// @inheritdoc IPools
    function setPaused(PoolId pool, uint16 index, bool paused) external {
        Pool storage p = _pools[pool];
        MemberWord word = _joined(pool, p, index);
        if (msg.sender != word.operator() && msg.sender != staking.ownerOf(word.node())) {
            revert PoolsUnauthorized(msg.sender);
        }
        word = _mature(p, index, word);
        (uint16 next,) = _target(p, index, word);
        _change(pool, p, index, word, next, paused);
    }

    /// @inheritdoc IPools
    function sync(PoolId pool, uint16 index) external {
        Pool storage p = _pools[pool];
        MemberWord word = _joined(pool, p, index);
        uint32 node = word.node();
        bool suspended = _isSuspended(node);
        word = _mature(p, index, word).withOperator(staking.operatorOf(node)).withFlag(
            MemberWordLib.SUSPENDED, suspended
        );
        p.words[index] = word;
        _reweigh(pool, p, index, word);
        emit MemberSynced(pool, node, index, word.capacity(), word.has(MemberWordLib.PAUSED), suspended);
    }

    // --- Jobs ---

    /// @inheritdoc IPools
    function draw(DrawRequest calldata request) external onlyJobs returns (uint256 committee) {
        unchecked {
            Pool storage p = _pools[request.pool];
            uint256 now_ = epoch();
            uint256 total = p.tree.total(now_);
            // excluded members, the client and the aggregator fit into the tries, saturated ones usually do
            uint256[] memory taken = new uint256[](3 * uint256(request.size) + 16);
            uint256 found;
            for (uint256 n; n < taken.length && found < request.size && total != 0; ++n) {
                // 2^256 mod total is of no weight: total is below 2^31
                uint256 r = uint256(keccak256(abi.encode(request.seed, n))) % total;
                (uint256 leaf, uint256 weight) = p.tree.find(r, now_, taken, n);
                taken[n] = (leaf << 32) | weight;
                total -= weight;
                if (_seat(p, request, leaf, now_)) {
                    committee |= (leaf + 1) << (16 * found);
                    ++found;
                }
            }
            if (found < request.size) revert PoolsTooFewEligible(request.pool, found, request.size);
        }
    }

    /// @inheritdoc IPools
    function settle(PoolId pool, Outcome[] calldata outcomes) external onlyJobs returns (uint32[] memory nodes) {
        Pool storage p = _pools[pool];
        nodes = new uint32[](outcomes.length);
        for (uint256 i; i < outcomes.length; ++i) {
            Outcome calldata outcome = outcomes[i];
            nodes[i] = _unbusy(pool, p, outcome.member, outcome.slots).node();
            if (outcome.agreed != 0 || outcome.latency != 0) {
                _credit(pool, outcome.member, outcome.agreed, outcome.latency);
            }
        }
    }

    // --- Slashing ---

    /// @inheritdoc IPools
    function seize(PoolId pool, uint16 index, uint16 slots)
        external
        onlySlashing
        returns (uint32 node, uint128 amount)
    {
        Pool storage p = _pools[pool];
        MemberWord word = _unbusy(pool, p, index, slots);
        node = word.node();
        word = word.withCapacity(word.capacity() - slots);
        p.words[index] = word;
        if (word.has(MemberWordLib.PENDING)) {
            PendingWord wait = p.pending[index];
            p.pending[index] = PendingWordLib.pack(
                _less(wait.nextCapacity(), slots),
                _less(wait.activeCapacity(), slots),
                wait.changedAt(),
                wait.nextPaused()
            );
        }
        _reweigh(pool, p, index, word);
        amount = slots * p.slotStake;
        emit MemberSeized(pool, node, index, slots);
        staking.freeze(node, amount);
    }

    /// @inheritdoc IPools
    function free(PoolId pool, uint16 index, uint16 slots) external onlySlashing {
        _unbusy(pool, _pools[pool], index, slots);
    }

    /// @inheritdoc IPools
    function recordFault(PoolId pool, uint16 index, Fault fault, uint16 count) external onlySlashing {
        Pool storage p = _pools[pool];
        MemberWord word = _joined(pool, p, index);
        uint32 node = word.node();
        _blame(pool, index, node, fault, count);
        if (_isSuspended(node) && !word.has(MemberWordLib.SUSPENDED)) {
            word = word.withFlag(MemberWordLib.SUSPENDED, true);
            p.words[index] = word;
            _reweigh(pool, p, index, word);
        }
    }

    /// @inheritdoc IPools
    function pardon(uint32 node) external onlySlashing {
        _pardon(node);
    }

    // --- views ---

    /// @inheritdoc IPools
    function epoch() public view returns (uint256) {
        return block.timestamp / EPOCH;
    }

    /// @inheritdoc IPools
    function poolId(PoolTerms calldata terms) public view returns (PoolId) {
        return PoolId.wrap(keccak256(abi.encode(block.chainid, address(this), terms)));
    }

    /// @inheritdoc IPools
    function poolTerms(PoolId pool) external view returns (PoolTerms memory) {
        Pool storage p = _existing(pool);
        return PoolTerms(p.runtime, p.metric, p.slotStake, p.priceFloor, p.secondsPerUnit, address(0), 0);
    }

    /// @inheritdoc IPools
    function forOpen(PoolId pool)
        external
        view
        returns (
            Metric metric,
            uint128 slotStake,
            uint128 priceFloor,
            uint32 secondsPerUnit,
            bool listed,
            uint32 members
        )
    {
        Pool storage p = _existing(pool);
        return (p.metric, p.slotStake, p.priceFloor, p.secondsPerUnit, p.listed, p.eligible);
    }

    /// @inheritdoc IPools
    function memberCount(PoolId pool) external view returns (uint32) {
        return _pools[pool].count;
    }

    /// @inheritdoc IPools
    function memberOf(PoolId pool, uint32 node) external view returns (uint16 index, bool found) {
        uint256 plusOne = _pools[pool].indexes[node];
        if (plusOne != 0) return (uint16(plusOne - 1), true);
    }

    /// @inheritdoc IPools
    function member(PoolId pool, uint16 index) external view returns (Member memory) {
        Pool storage p = _pools[pool];
        MemberWord word = p.words[index];
        (uint16 next, bool nextPaused) = _target(p, index, word);
        return Member({
            operator: word.operator(),
            node: word.node(),
            capacity: word.capacity(),
            busy: word.busy(),
            paused: word.has(MemberWordLib.PAUSED),
            suspended: word.has(MemberWordLib.SUSPENDED),
            nextCapacity: next,
            nextPaused: nextPaused,
            changedAt: word.has(MemberWordLib.PENDING) ? p.pending[index].changedAt() : 0
        });
    }

    /// @inheritdoc IPools
    function seat(PoolId pool, uint16 index) external view returns (address operator, uint32 node) {
        MemberWord word = _pools[pool].words[index];
        return (word.operator(), word.node());
    }

    /// @inheritdoc IPools
    function weightOf(PoolId pool, uint16 index) external view returns (uint256) {
        return _pools[pool].tree.weightAt(index, epoch());
    }

    /// @inheritdoc IPools
    function totalWeight(PoolId pool) external view returns (uint256) {
        return _pools[pool].tree.total(epoch());
    }

    // --- draws ---

    /// @dev Seats the drawn member if it may serve.
    function _seat(Pool storage p, DrawRequest calldata request, uint256 index, uint256 now_) private returns (bool) {
        unchecked {
            if (_hasLane(request.excluded, index + 1)) return false;
            MemberWord word = p.words[index];
            uint32 node = word.node();
            if (node == request.clientNode || node == request.aggregatorNode) return false;
            uint256 limit = word.capacity();
            bool paused = word.has(MemberWordLib.PAUSED);
            if (word.has(MemberWordLib.PENDING)) {
                PendingWord wait = p.pending[index];
                if (now_ > wait.changedAt()) {
                    limit = wait.nextCapacity();
                    paused = wait.nextPaused();
                    // less capacity is applied by `sync`, which also releases its stake
                    if (limit >= word.capacity()) word = _applied(word, wait);
                } else {
                    limit = wait.activeCapacity();
                }
            }
            if (paused || word.has(MemberWordLib.SUSPENDED)) return false;
            uint256 busy = uint256(word.busy()) + request.slots;
            if (busy > limit) return false;
            p.words[index] = word.withBusy(uint16(busy));
            return true;
        }
    }

    /// @dev Whether one of sixteen lanes equals `lane`: a zero lane of the difference.
    /// "Determine if a word has a zero byte", Anderson, Bit Twiddling Hacks, with 16-bit lanes.
    function _hasLane(uint256 lanes, uint256 lane) private pure returns (bool) {
        unchecked {
            uint256 difference = lanes ^ (lane * LANE_ONES);
            return (difference - LANE_ONES) & ~difference & (LANE_ONES << 15) != 0;
        }
    }

    // --- changes ---

    /// @dev The pending change, written into the member's word.
    function _applied(MemberWord word, PendingWord wait) private pure returns (MemberWord) {
        return word.withCapacity(wait.nextCapacity()).withFlag(MemberWordLib.PAUSED, wait.nextPaused()).withFlag(
            MemberWordLib.PENDING, false
        );
    }

    /// @dev Applies a change whose epoch has come, as far as open work lets it, and releases the stake it sets free.
    /// @return the member's word; the caller stores it
    function _mature(Pool storage p, uint256 index, MemberWord word) private returns (MemberWord) {
        if (!word.has(MemberWordLib.PENDING)) return word;
        PendingWord wait = p.pending[index];
        if (epoch() <= wait.changedAt()) return word;
        uint16 capacity = word.capacity();
        uint16 next = wait.nextCapacity();
        if (next >= capacity) return _applied(word, wait);
        uint16 kept = word.busy() > next ? word.busy() : next;
        // not yet free of work: hold what answers for it, stay pending
        word = kept == next
            ? _applied(word, wait)
            : word.withCapacity(kept).withFlag(MemberWordLib.PAUSED, wait.nextPaused());
        if (kept < capacity) staking.release(word.node(), (capacity - kept) * p.slotStake);
        return word;
    }

    /// @dev What a member will be when all is applied.
    function _target(Pool storage p, uint256 index, MemberWord word)
        private
        view
        returns (uint16 capacity, bool paused)
    {
        if (!word.has(MemberWordLib.PENDING)) return (word.capacity(), word.has(MemberWordLib.PAUSED));
        PendingWord wait = p.pending[index];
        return (wait.nextCapacity(), wait.nextPaused());
    }

    /// @dev Makes (next, paused) the member's target from the next epoch on. `word` has been matured.
    function _change(PoolId pool, Pool storage p, uint256 index, MemberWord word, uint16 next, bool paused) private {
        uint256 now_ = epoch();
        uint16 capacity = word.capacity();
        uint16 active = capacity;
        uint16 before = capacity;
        if (word.has(MemberWordLib.PENDING)) {
            PendingWord wait = p.pending[index];
            active = now_ > wait.changedAt() ? wait.nextCapacity() : wait.activeCapacity();
            before = _max(capacity, wait.nextCapacity());
        }
        uint16 later = _max(capacity, next);
        word = word.withFlag(MemberWordLib.PENDING, true);
        p.words[index] = word;
        p.pending[index] = PendingWordLib.pack(next, active, now_, paused);
        _reweigh(pool, p, index, word);
        uint32 node = word.node();
        emit MemberChanged(pool, node, uint16(index), next, paused, now_ + 1);
        if (later > before) staking.earmark(node, (later - before) * p.slotStake);
        else if (later < before) staking.release(node, (before - later) * p.slotStake);
    }

    /// @dev Gives the member the weight of its target and score from the next epoch on.
    function _reweigh(PoolId pool, Pool storage p, uint256 index, MemberWord word) private {
        uint256 weight;
        if (!word.has(MemberWordLib.SUSPENDED)) {
            (uint16 capacity, bool paused) = _target(p, index, word);
            if (!paused) weight = capacity * (MAX_SCORE + _score(pool, index)) / WEIGHT_DIVISOR;
        }
        uint256 old = p.tree.set(index, weight, epoch());
        if (old == 0 && weight != 0) ++p.eligible;
        else if (old != 0 && weight == 0) --p.eligible;
    }

    /// @dev Frees slots. The hot path of settlement: one SLOAD, one SSTORE.
    function _unbusy(PoolId pool, Pool storage p, uint16 index, uint16 slots) private returns (MemberWord word) {
        word = p.words[index];
        uint16 busy = word.busy();
        if (slots > busy) revert PoolsBusy(pool, index, busy);
        unchecked {
            word = word.withBusy(busy - slots);
        }
        p.words[index] = word;
    }

    // --- internals ---

    function _existing(PoolId pool) private view returns (Pool storage p) {
        p = _pools[pool];
        if (p.slotStake == 0) revert PoolsUnknownPool(pool);
    }

    function _joined(PoolId pool, Pool storage p, uint16 index) private view returns (MemberWord word) {
        word = p.words[index];
        if (word.node() == 0) revert PoolsNotMember(pool, 0);
    }

    function _callersNode() private view returns (uint32 node) {
        node = staking.nodeOf(msg.sender);
        if (node == 0) revert IStaking.StakingUnknownNode(0);
    }

    function _requireFree(uint32 node) private view {
        if (_isSuspended(node)) revert PoolsSuspended(node, _standings[node].jailedUntil);
    }

    function _max(uint16 a, uint16 b) private pure returns (uint16) {
        return a > b ? a : b;
    }

    /// @dev a − b, at least 0.
    function _less(uint16 a, uint16 b) private pure returns (uint16) {
        return a > b ? a - b : 0;
    }
}
