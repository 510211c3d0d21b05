// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IEscrow} from "../interfaces/IEscrow.sol";
import {BatchPhase, IJobs, JobState, JobStatus, Quote, Terms} from "../interfaces/IJobs.sol";
import {ParameterSet, TokenTerms} from "../interfaces/IParameters.sol";
import {Metric} from "../interfaces/IPools.sol";
import {Seats} from "../libraries/Seats.sol";
import {BatchWord} from "../types/BatchWord.sol";
import {JobId} from "../types/Ids.sol";
import {JobLib} from "./JobLib.sol";
import {Env, JobsStorage} from "./JobsStorage.sol";

/// @title Admission: which jobs come in, at what worst-case cost, and who aggregates them.
/// @dev Linked library of Jobs: runs in its storage, emits its events.
library Admission {
    /// @dev Keeps the numbers of replacements and panels inside 15 bits whatever goes wrong.
    uint256 private constant MAX_SHARDS = 64 * Seats.BATCH;
    uint256 private constant MAX_ITEMS_PER_SHARD = 1 << 24;
    uint256 private constant MAX_LOCATORS = 1024;
    bytes32 private constant QUOTE_TYPEHASH = keccak256("Quote(bytes32 job,uint40 validUntil)");
    uint256 private constant BILLION = 1e9;

    /// @notice Checks terms, stores the job and takes the aggregator's bond; the caller takes the deposit. See `IJobs.open`.
    /// @return id of the job
    /// @return deposit the client's worst case, in base units
    function open(
        JobsStorage storage $,
        Env memory env,
        Terms calldata terms,
        Quote calldata quote,
        bytes calldata locators,
        bytes32 domainSeparator
    ) external returns (JobId id, uint256 deposit) {
        id = JobLib.idOf(terms);
        JobState storage j = $.jobs[id];
        if (j.status != JobStatus.None) revert IJobs.JobsExists(id);
        if (locators.length > MAX_LOCATORS) revert IJobs.JobsInvalidTerms("locators");

        (ParameterSet memory set, TokenTerms memory token, uint32 newest, bool paused) =
            env.parameters.forOpen(terms.parameters, terms.token);
        if (paused) revert IJobs.JobsOpenPaused();
        if (terms.parameters != newest) revert IJobs.JobsStaleParameters(terms.parameters, newest);
        if (!token.allowed) revert IEscrow.EscrowTokenRefused(terms.token);
        _checkTerms(terms, set);

        deposit = _worstCase(terms, set);
        j.status = JobStatus.Open;
        j.openedAt = uint40(block.timestamp);
        j.aggregatorSince = uint32(block.timestamp);
        j.aggregator = terms.aggregator;
        (j.fullLock, j.lockSlots, j.rewardShare) = _lock(env, terms, set, token);
        j.remaining = uint128(deposit);
        emit IJobs.JobOpened(id, terms.client, terms.pool, deposit, terms, locators);
        (j.round, j.epoch) = JobLib.arm(env, id, JobLib.ALL);
        if (terms.aggregator != 0) _engage($, env, id, terms, quote, set, token, domainSeparator);
    }

    /// @notice The worst case of a job in base units. See `IJobs.cost`.
    function cost(Env memory env, Terms calldata terms) external view returns (uint256) {
        return _worstCase(terms, env.parameters.at(terms.parameters));
    }

    /// @notice Puts another aggregator in a stalled one's place. See `IJobs.replaceAggregator`.
    function replaceAggregator(
        JobsStorage storage $,
        Env memory env,
        Terms calldata terms,
        uint16 stalledBatch,
        uint32 node
    ) external {
        JobId id = JobLib.idOf(terms);
        JobState storage j = $.jobs[id];
        JobLib.requireLive(id, j);
        if (j.aggregator == 0) revert IJobs.JobsNoAggregator();
        if (env.staking.operatorOf(node) != msg.sender) revert IJobs.JobsUnauthorized(msg.sender);
        if (stalledBatch * Seats.BATCH >= JobLib.shardsOf(terms)) revert IJobs.JobsUnknownBatch(stalledBatch);

        BatchWord word = $.batches[id][stalledBatch];
        bool drawn = word.phase() == BatchPhase.Drawn;
        if (!drawn && (word.phase() != BatchPhase.None || j.drawn != 0)) {
            revert IJobs.JobsWrongPhase(id, stalledBatch, word.phase());
        }
        uint256 idleSince = drawn ? word.revealEnd(terms.commitWindow, terms.revealWindow) : j.openedAt;
        // A newcomer gets the same patience, or it could be replaced in the same block.
        uint256 notBefore =
            Math.max(idleSince, j.aggregatorSince) + env.parameters.at(terms.parameters).resolveWindow;
        if (block.timestamp < notBefore) revert IJobs.JobsNotStalled(notBefore);

        uint32 stalled = j.aggregator;
        uint128 bond = $.bonds[id];
        j.aggregator = node;
        j.aggregatorSince = uint32(block.timestamp);
        emit IJobs.AggregatorReplaced(id, stalled, node);
        if (bond != 0) {
            // Only a closed window convicts: a pool without free members, too, keeps a job from being drawn.
            if (drawn) env.staking.burnBond(stalled, bond);
            else env.staking.releaseBond(stalled, bond);
            env.staking.postBond(node, bond);
        }
    }

    // --- internals ---

    /// @dev Per shard k + 1 replicas and one panel on an item, and the fees of the whole job.
    function _worstCase(Terms calldata terms, ParameterSet memory set) private pure returns (uint256 total) {
        uint256 reward = terms.shardReward;
        uint256 shards = JobLib.shardsOf(terms);
        uint256 base = shards * reward * terms.replicas;
        total = base + shards * (reward + set.panelSize * (reward / terms.itemsPerShard))
            + base * terms.aggregatorFeeBps / 10_000 + base * Math.max(set.protocolFeeBps, set.drawFeeBps) / 10_000;
    }

    function _checkTerms(Terms calldata terms, ParameterSet memory set) private view {
        if (terms.manifest == 0) revert IJobs.JobsInvalidTerms("manifest");
        if (terms.shardReward == 0 || terms.shardReward > type(uint96).max) {
            revert IJobs.JobsInvalidTerms("shardReward");
        }
        if (terms.itemsPerShard == 0 || terms.itemsPerShard > MAX_ITEMS_PER_SHARD) {
            revert IJobs.JobsInvalidTerms("itemsPerShard");
        }
        if (terms.items == 0 || JobLib.shardsOf(terms) > MAX_SHARDS) revert IJobs.JobsInvalidTerms("items");
        if (terms.unitsPerShard == 0) revert IJobs.JobsInvalidTerms("unitsPerShard");
        if (terms.replicas < set.minReplicas || terms.replicas > Seats.MAX_COMMITTEE) {
            revert IJobs.JobsInvalidTerms("replicas");
        }
        if (terms.committeeWidth < terms.replicas || terms.committeeWidth > Seats.MAX_COMMITTEE) {
            revert IJobs.JobsInvalidTerms("committeeWidth");
        }
        if (terms.verifier != address(0)) revert IJobs.JobsInvalidTerms("verifier");
        if (terms.verification != 0) revert IJobs.JobsInvalidTerms("verification");
        if (terms.flags != 0) revert IJobs.JobsInvalidTerms("flags");
        if (terms.deadline <= block.timestamp || terms.deadline > block.timestamp + set.maxDuration) {
            revert IJobs.JobsInvalidTerms("deadline");
        }
        bool feeRight = terms.aggregator == 0
            ? terms.aggregatorFeeBps == 0
            : terms.aggregatorFeeBps >= set.minAggregatorFeeBps && terms.aggregatorFeeBps <= set.maxAggregatorFeeBps;
        if (!feeRight) revert IJobs.JobsInvalidTerms("aggregatorFeeBps");
        _checkWindow("revealWindow", terms.revealWindow, set.minRevealWindow, set.maxWindow);
    }

    function _checkWindow(string memory name, uint256 given, uint256 least, uint256 most) private pure {
        if (given < least) revert IJobs.JobsWindowTooShort(name, given, least);
        if (given > most) revert IJobs.JobsWindowTooLong(name, given, most);
    }

    /// @dev Holds the terms against their pool: windows against honest work, the price against the floor, the lock
    /// against the slots.
    function _lock(Env memory env, Terms calldata terms, ParameterSet memory set, TokenTerms memory token)
        private
        view
        returns (bool full, uint16 slots, uint32 share)
    {
        (Metric metric, uint128 slotStake, uint128 floor, uint32 secondsPerUnit, bool listed, uint32 members) =
            env.pools.forOpen(terms.pool);
        if (metric != Metric.Exact) revert IJobs.JobsInvalidTerms("pool");
        if (members < terms.replicas) revert IJobs.JobsPoolTooSmall(terms.pool, members, terms.replicas);

        (uint256 n, uint256 c) = JobLib.shape(terms, 0);
        uint256 load = Seats.load(n, terms.replicas, c);
        uint256 honest = 2 * load * terms.unitsPerShard * secondsPerUnit / 1e6;
        _checkWindow("commitWindow", terms.commitWindow, set.minCommitWindow + honest, set.maxWindow);
        uint256 value = JobLib.shardsOf(terms) * terms.shardReward * terms.replicas;
        _checkWindow(
            "challengeWindow",
            terms.challengeWindow,
            value < token.largeJob ? set.minChallengeWindow : set.minLargeChallengeWindow,
            set.maxWindow
        );

        uint256 stake = Math.mulDiv(terms.shardReward, token.stakeRate, 1e18, Math.Rounding.Ceil);
        uint256 least = uint256(floor) * terms.unitsPerShard;
        if (stake < least) revert IJobs.JobsPriceBelowFloor(stake, least);
        full = listed && members >= uint256(terms.replicas) + set.fullLockMargin;
        uint256 needed = Math.max(1, Math.ceilDiv(full ? stake * set.lockMultiple : stake, slotStake));
        if (needed * load > type(uint16).max) revert IJobs.JobsInvalidTerms("shardReward");
        slots = uint16(needed);
        share = uint32(stake * BILLION / (needed * slotStake));
    }

    /// @dev Checks the aggregator's signed fee and takes its bond.
    function _engage(
        JobsStorage storage $,
        Env memory env,
        JobId id,
        Terms calldata terms,
        Quote calldata quote,
        ParameterSet memory set,
        TokenTerms memory token,
        bytes32 domainSeparator
    ) private {
        if (block.timestamp > quote.validUntil) revert IJobs.JobsQuoteExpired(quote.validUntil);
        bytes32 digest = MessageHashUtils.toTypedDataHash(domainSeparator, _quoteHash(id, quote.validUntil));
        address signer = ECDSA.recover(digest, quote.signature);
        address operator = env.staking.operatorOf(terms.aggregator);
        if (signer != operator) revert IJobs.JobsQuoteSignature(signer, operator);

        uint256 value = JobLib.shardsOf(terms) * terms.shardReward * terms.replicas;
        uint256 bond = Math.mulDiv(value, token.stakeRate, 1e18) * set.aggregatorBondBps / 10_000;
        if (bond > type(uint128).max) revert IJobs.JobsInvalidTerms("shardReward");
        if (bond != 0) {
            $.bonds[id] = uint128(bond);
            env.staking.postBond(terms.aggregator, uint128(bond));
        }
    }

    function _quoteHash(JobId id, uint40 validUntil) private pure returns (bytes32) {
        return keccak256(abi.encode(QUOTE_TYPEHASH, id, validUntil));
    }
}
