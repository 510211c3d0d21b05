// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Escrow} from "../Escrow.sol";
import {BatchState, Extra, IJobs, JobState, ShardCase, Terms} from "../interfaces/IJobs.sol";
import {Fault, IPools} from "../interfaces/IPools.sol";
import {IRandomness} from "../interfaces/IRandomness.sol";
import {JobId} from "../types/Ids.sol";
import {Admission} from "./Admission.sol";
import {JobLib} from "./JobLib.sol";
import {Env} from "./JobsStorage.sol";

/// @title JobsViews: what Jobs is wired to and what it knows.
abstract contract JobsViews is Escrow, IJobs {
    IPools public immutable pools;
    IRandomness public immutable randomness;
    address public immutable slashing;
    address public immutable treasury;
    uint256 private immutable EPOCH_SECONDS;

    constructor(IPools pools_, IRandomness randomness_, address slashing_) {
        pools = pools_;
        randomness = randomness_;
        slashing = slashing_;
        treasury = parameters.timelock();
        EPOCH_SECONDS = pools_.EPOCH();
    }

    modifier onlySlashing() {
        if (msg.sender != slashing) revert JobsUnauthorized(msg.sender);
        _;
    }

    /// @inheritdoc IJobs
    function EXTRA() external pure returns (uint16) {
        return JobLib.EXTRA;
    }

    /// @inheritdoc IJobs
    function jobId(Terms calldata terms) external view returns (JobId) {
        return JobLib.idOf(terms);
    }

    /// @inheritdoc IJobs
    function cost(Terms calldata terms) external view returns (uint256) {
        return Admission.cost(_env(), terms);
    }

    /// @inheritdoc IJobs
    function job(JobId id) external view returns (JobState memory) {
        return $.jobs[id];
    }

    /// @inheritdoc IJobs
    function batch(JobId id, uint16 number) external view returns (BatchState memory) {
        return $.batches[id][number].decode();
    }

    /// @inheritdoc IJobs
    function extra(JobId id, uint16 number) external view returns (Extra memory) {
        return $.extras[id][number];
    }

    /// @inheritdoc IJobs
    function shardCase(JobId id, uint32 shard) external view returns (ShardCase memory) {
        return $.cases[id][shard];
    }

    /// @inheritdoc IJobs
    function caseRoot(JobId id, uint32 shard, uint8 replica) external view returns (bytes32) {
        return $.caseRoots[id][JobLib.caseKey(shard, replica)];
    }

    /// @inheritdoc IJobs
    function caseMember(Terms calldata terms, uint32 shard, uint8 replica) external view returns (uint16) {
        JobId id = JobLib.idOf(terms);
        ShardCase memory c = $.cases[id][shard];
        if (c.presentMask & (1 << replica) == 0) return 0;
        return JobLib.replicaMember($, id, terms, shard, c, replica) + 1;
    }

    /// @inheritdoc IJobs
    function faultOf(JobId id, uint16 number, uint8 position) external view returns (Fault, uint16) {
        return JobLib.faultAt($, id, number, position);
    }

    /// @inheritdoc IJobs
    function seatWord(JobId id, uint16 number, uint8 position) external view returns (bytes32) {
        return $.seats[id][JobLib.seatKey(number, position)];
    }

    /// @inheritdoc IJobs
    function bondOf(JobId id) external view returns (uint128) {
        return $.bonds[id];
    }

    function _env() internal view returns (Env memory) {
        return Env({
            parameters: parameters,
            staking: staking,
            pools: pools,
            randomness: randomness,
            treasury: treasury,
            epoch: EPOCH_SECONDS
        });
    }
}
