// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    ExtraKind,
    FaultRecord,
    IJobs,
    JobState,
    ShardCase,
    ShardStatus,
    Terms
} from "./interfaces/IJobs.sol";
import {IParameters, ParameterSet} from "./interfaces/IParameters.sol";
import {Fault, IPools} from "./interfaces/IPools.sol";
import {ISlashing, Opening, Slash, SlashStatus} from "./interfaces/ISlashing.sol";
import {IStaking, Proceeds} from "./interfaces/IStaking.sol";
import {Lanes} from "./libraries/Lanes.sol";
import {ResultTree} from "./libraries/ResultTree.sol";
import {JobId} from "./types/Ids.sol";

/// @title Slashing
contract Slashing is ISlashing {
    /// @dev What a panel was ordered for.
    struct Dispute {
        uint32 shard;
        uint8 replicaA; // of an item panel
        uint8 replicaB;
        ExtraKind kind;
        address prover;
        bytes32 leafA;
        bytes32 leafB;
    }

    IParameters public immutable parameters;
    IStaking public immutable staking;
    IPools public immutable pools;
    IJobs public immutable jobs;
    address public immutable timelock;

    /// @inheritdoc ISlashing
    uint256 public slashCount;
    mapping(uint256 id => Slash) private _slashes;
    mapping(JobId => mapping(uint16 panel => Dispute)) private _disputes;

    constructor(IParameters parameters_, IStaking staking_, IPools pools_, IJobs jobs_) {
        parameters = parameters_;
        staking = staking_;
        pools = pools_;
        jobs = jobs_;
        timelock = parameters_.timelock();
    }

    // --- conflicts ---

    /// @inheritdoc ISlashing
    function openConflict(Terms calldata terms, uint32 shard, uint32 item, Opening calldata a, Opening calldata b)
        external
    {
        JobId id = jobs.jobId(terms);
        if (a.replica == b.replica) revert SlashingSameReplica(a.replica);
        if (a.resultDigest == b.resultDigest) revert SlashingSameResult(item);
        uint256 items = _itemsOf(terms, shard);
        if (item >= items) revert SlashingUnknownItem(item, items);

        ShardCase memory c = _conflictingCase(id, shard);
        Dispute memory d = Dispute({
            shard: shard,
            replicaA: a.replica,
            replicaB: b.replica,
            kind: ExtraKind.ItemPanel,
            prover: msg.sender,
            leafA: _openedLeaf(id, shard, c, item, items, a),
            leafB: _openedLeaf(id, shard, c, item, items, b)
        });
        _order(id, terms, d, item);
    }

    /// @inheritdoc ISlashing
    function openWholeConflict(Terms calldata terms, uint32 shard) external {
        JobId id = jobs.jobId(terms);
        ShardCase memory c = _conflictingCase(id, shard);
        uint256 notBefore = uint256(c.since) + parameters.at(terms.parameters).resolveWindow;
        if (block.timestamp < notBefore) revert SlashingTooEarly(notBefore);
        Dispute memory d;
        d.shard = shard;
        d.kind = ExtraKind.ShardPanel;
        d.prover = msg.sender;
        _order(id, terms, d, 0);
    }

    /// @inheritdoc ISlashing
    function judge(Terms calldata terms, uint16 panel, bytes32[] calldata results) external {
        JobId id = jobs.jobId(terms);
        Dispute memory d = _disputes[id][panel];
        if (d.kind == ExtraKind.None) revert SlashingUnknownPanel(id, panel);
        delete _disputes[id][panel];

        ShardCase memory c = jobs.shardCase(id, d.shard);
        (bytes32 verdict, uint256 voters, uint256 losers) = jobs.closePanel(terms, panel, results);
        if (verdict == 0) {
            emit PanelTied(id, d.shard, panel);
            jobs.applyVerdict(terms, d.shard, 0);
            return;
        }
        // A case that was given up while the panel worked has freed its replicas: only the panel answers then.
        uint16 guilty = c.status == ShardStatus.Pending ? _guilty(id, d, c, verdict) : 0;
        emit VerdictReached(id, d.shard, panel, verdict, guilty);

        uint256 payees = _nodesOf(terms, voters);
        for (uint8 r; r < c.replicas; ++r) {
            if (guilty & (1 << r) == 0) continue;
            uint256 slash = _convict(id, terms, jobs.caseMember(terms, d.shard, r) - 1, 1, Fault.Wrong, d.prover);
            if (payees == 0) continue;
            // The first of the convicted pays the panel: R for a shard, its share of R for an item.
            _slashes[slash].panel = payees;
            _slashes[slash].panelReward = _rewardOf(_slashes[slash].amount, jobs.job(id))
                / (d.kind == ExtraKind.ShardPanel ? 1 : terms.itemsPerShard);
            payees = 0;
        }
        for (uint256 p; p < 8; ++p) {
            uint16 member = Lanes.at(losers, p);
            if (member != 0) _convict(id, terms, member - 1, 1, Fault.Wrong, address(0));
        }
        if (guilty != 0) jobs.applyVerdict(terms, d.shard, guilty);
    }

    // --- faults ---

    /// @inheritdoc ISlashing
    function punish(Terms calldata terms, uint16 batch, uint8 position) external {
        JobId id = jobs.jobId(terms);
        FaultRecord memory fault = jobs.takeFault(terms, batch, position);
        if (fault.fault == Fault.Silent) {
            _convict(id, terms, fault.member, fault.seats, Fault.Silent, msg.sender);
        } else {
            _penalise(id, terms, fault, msg.sender);
        }
    }

    // --- appeals ---

    /// @inheritdoc ISlashing
    function appeal(uint256 id) external {
        Slash storage s = _slashes[id];
        if (staking.ownerOf(s.node) != msg.sender) revert SlashingUnauthorized(msg.sender);
        if (s.status != SlashStatus.Pending) revert SlashingWrongStatus(id, s.status);
        if (block.timestamp >= s.due) revert SlashingTooLate(s.due);
        ParameterSet memory set = parameters.at(s.parameters);
        uint128 bond = uint128(uint256(s.amount) * set.appealBondBps / 10_000);
        s.status = SlashStatus.Appealed;
        s.due = uint40(block.timestamp) + set.decisionWindow;
        s.bond = bond;
        emit AppealFiled(id, bond);
        if (bond != 0) staking.postBond(s.node, bond);
    }

    /// @inheritdoc ISlashing
    function decide(uint256 id, bool cancel) external {
        if (msg.sender != timelock) revert SlashingUnauthorized(msg.sender);
        Slash storage s = _slashes[id];
        if (s.status != SlashStatus.Appealed) revert SlashingWrongStatus(id, s.status);
        if (block.timestamp >= s.due) revert SlashingTooLate(s.due);
        uint128 bond = s.bond;
        if (!cancel) {
            _execute(id, s);
            if (bond != 0) staking.burnBond(s.node, bond);
            return;
        }
        s.status = SlashStatus.Cancelled;
        emit SlashCancelled(id);
        staking.thaw(s.node, s.amount);
        if (bond != 0) staking.releaseBond(s.node, bond);
        if (s.fault == Fault.Wrong) pools.pardon(s.node);
    }

    /// @inheritdoc ISlashing
    function execute(uint256 id) external {
        Slash storage s = _slashes[id];
        if (s.status != SlashStatus.Pending && s.status != SlashStatus.Appealed) {
            revert SlashingWrongStatus(id, s.status);
        }
        if (block.timestamp < s.due) revert SlashingTooEarly(s.due);
        uint128 bond = s.bond;
        _execute(id, s);
        // Governance was silent: the slash stands, the appellant's bond is not at fault.
        if (bond != 0) staking.releaseBond(s.node, bond);
    }

    /// @inheritdoc ISlashing
    function slashOf(uint256 id) external view returns (Slash memory) {
        return _slashes[id];
    }

    // --- internals ---

    function _order(JobId id, Terms calldata terms, Dispute memory d, uint32 item) private {
        uint16 panel = jobs.openPanel(terms, d.shard, d.kind, item);
        _disputes[id][panel] = d;
        emit ConflictOpened(id, d.shard, panel, item, d.prover);
    }

    function _conflictingCase(JobId id, uint32 shard) private view returns (ShardCase memory c) {
        c = jobs.shardCase(id, shard);
        if (c.status != ShardStatus.Pending || !c.conflicting) revert SlashingNotConflicting(id, shard);
    }

    function _itemsOf(Terms calldata terms, uint32 shard) private pure returns (uint256 items) {
        uint256 first = uint256(shard) * terms.itemsPerShard;
        items = terms.items > first ? terms.items - first : 0;
        if (items > terms.itemsPerShard) items = terms.itemsPerShard;
    }

    function _openedLeaf(
        JobId id,
        uint32 shard,
        ShardCase memory c,
        uint32 item,
        uint256 items,
        Opening calldata opening
    ) private view returns (bytes32 leaf) {
        uint256 standing = c.presentMask & ~c.convictedMask;
        if (opening.replica >= c.replicas || standing & (1 << opening.replica) == 0) {
            revert SlashingUnknownReplica(opening.replica);
        }
        leaf = ResultTree.leaf(item, opening.resultDigest);
        bytes32 root = jobs.caseRoot(id, shard, opening.replica);
        if (!ResultTree.verify(root, leaf, item, items, opening.proof)) revert SlashingWrongProof(opening.replica);
    }

    /// @return guilty replicas whose root contains, or is, something other than the verdict
    function _guilty(JobId id, Dispute memory d, ShardCase memory c, bytes32 verdict)
        private
        view
        returns (uint16 guilty)
    {
        bytes32 rootA;
        bytes32 rootB;
        if (d.kind == ExtraKind.ItemPanel) {
            rootA = jobs.caseRoot(id, d.shard, d.replicaA);
            rootB = jobs.caseRoot(id, d.shard, d.replicaB);
        }
        for (uint8 r; r < c.replicas; ++r) {
            if (c.presentMask & ~c.convictedMask & (1 << r) == 0) continue;
            bytes32 root = jobs.caseRoot(id, d.shard, r);
            // An equal root holds an equal leaf; a third root was not opened and is not judged here.
            bool wrong = d.kind == ExtraKind.ShardPanel
                ? root != verdict
                : (root == rootA && d.leafA != verdict) || (root == rootB && d.leafB != verdict);
            if (wrong) guilty |= uint16(1 << r);
        }
    }

    /// @return nodes up to eight 32-bit lanes
    function _nodesOf(Terms calldata terms, uint256 members) private view returns (uint256 nodes) {
        uint256 n;
        for (uint256 p; p < 8; ++p) {
            uint16 member = Lanes.at(members, p);
            if (member == 0) continue;
            (, uint32 node) = pools.seat(terms.pool, member - 1);
            nodes |= uint256(node) << (32 * n++);
        }
    }

    /// @dev Freezes the full lock of `seats` replicas until it is appealed or executed.
    function _convict(
        JobId id,
        Terms calldata terms,
        uint16 member,
        uint16 seats,
        Fault fault,
        address prover
    ) private returns (uint256 slash) {
        JobState memory j = jobs.job(id);
        ParameterSet memory set = parameters.at(terms.parameters);
        (uint32 node, uint128 amount) = pools.seize(terms.pool, member, seats * j.lockSlots);
        pools.recordFault(terms.pool, member, fault, seats);

        slash = ++slashCount;
        Slash storage s = _slashes[slash];
        s.node = node;
        s.fault = fault;
        s.status = SlashStatus.Pending;
        s.due = uint40(block.timestamp) + set.appealWindow;
        s.amount = amount;
        s.parameters = terms.parameters;
        if (prover != address(0)) {
            uint128 reward = _rewardOf(amount, j);
            if (fault != Fault.Wrong) reward = _bounty(reward, set);
            s.prover = prover;
            // Who proves its own guilt must lose by it, also where the lock is no more than R.
            s.proverReward = reward > amount / 2 ? amount / 2 : reward;
        }
        emit SlashProposed(slash, id, node, fault, amount, s.due, prover);
    }

    /// @dev Takes the miss penalty at once: a closed window needs no judge.
    function _penalise(JobId id, Terms calldata terms, FaultRecord memory fault, address prover) private {
        JobState memory j = jobs.job(id);
        ParameterSet memory set = parameters.at(terms.parameters);
        uint16 held = fault.seats * j.lockSlots;
        uint128 slotStake = pools.poolTerms(terms.pool).slotStake;
        uint128 reward = _rewardOf(held * slotStake, j);
        uint128 penalty = uint128(uint256(reward) * set.missPenaltyBps / 10_000);
        uint16 slots = uint16((uint256(penalty) + slotStake - 1) / slotStake);

        pools.recordFault(terms.pool, fault.member, fault.fault, fault.seats);
        if (held > slots) pools.free(terms.pool, fault.member, held - slots);
        (uint32 node, uint128 frozen) = pools.seize(terms.pool, fault.member, slots);
        emit FaultPenalised(id, node, fault.fault, penalty, prover);
        if (frozen > penalty) staking.thaw(node, frozen - penalty);
        // Who declined says so itself. A bounty for it would pay a client that serves its inputs to some members only.
        uint128 bounty = fault.fault == Fault.Declined ? 0 : _bounty(reward, set);
        staking.slash(node, penalty, Proceeds(prover, bounty, 0, 0));
    }

    /// @return R of the seats behind a lock, in wei of INFER as fixed at `open`. A lock is rounded up to slots, R is not.
    function _rewardOf(uint128 lock, JobState memory j) private pure returns (uint128) {
        return uint128(uint256(lock) * j.rewardShare / 1e9);
    }

    /// @return at most half of the miss penalty: reporting faults pays, causing them does not
    function _bounty(uint128 reward, ParameterSet memory set) private pure returns (uint128) {
        return uint128(uint256(reward) * set.missPenaltyBps / 10_000 * set.bountyBps / 10_000);
    }

    function _execute(uint256 id, Slash storage s) private {
        s.status = SlashStatus.Executed;
        emit SlashExecuted(id, s.amount);
        staking.slash(s.node, s.amount, Proceeds(s.prover, s.proverReward, s.panel, s.panelReward));
    }
}
