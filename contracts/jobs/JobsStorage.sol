// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Extra, JobState, ShardCase} from "../interfaces/IJobs.sol";
import {IParameters} from "../interfaces/IParameters.sol";
import {IPools} from "../interfaces/IPools.sol";
import {IRandomness} from "../interfaces/IRandomness.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {BatchWord} from "../types/BatchWord.sol";
import {JobId} from "../types/Ids.sol";

/// @notice Everything that Jobs stores. Its logic is spread over linked libraries that are given this.
struct JobsStorage {
    mapping(address token => mapping(address account => uint256)) credit;
    mapping(address token => mapping(uint32 node => uint256)) earnings;
    mapping(address token => uint256) liabilities;
    mapping(JobId => JobState) jobs;
    mapping(JobId => mapping(uint256 number => BatchWord)) batches;
    /// key = number << 8 | position. Upper 224 bits: commitment, then hash of the roots. Lower 32: commit time.
    mapping(JobId => mapping(uint256 key => bytes32)) seats;
    mapping(JobId => mapping(uint256 number => Extra)) extras;
    mapping(JobId => mapping(uint256 shard => ShardCase)) cases;
    /// key = shard << 8 | replica
    mapping(JobId => mapping(uint256 key => bytes32)) caseRoots;
    /// eight 32-bit lanes: fault 8 | reason 16 | 8 spare
    mapping(JobId => mapping(uint256 number => uint256)) faults;
    mapping(JobId => uint128) bonds;
}

/// @notice The contracts that Jobs is wired to: its immutables, which linked libraries cannot read.
struct Env {
    IParameters parameters;
    IStaking staking;
    IPools pools;
    IRandomness randomness;
    address treasury;
    uint256 epoch; // seconds
}
