// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev keccak256(abi.encode(chain id, Jobs address, terms)).
type JobId is bytes32;

/// @dev keccak256(abi.encode(chain id, Pools address, pool terms)).
type PoolId is bytes32;

using {jobIdEquals as ==} for JobId global;
using {poolIdEquals as ==} for PoolId global;

function jobIdEquals(JobId a, JobId b) pure returns (bool) {
    return JobId.unwrap(a) == JobId.unwrap(b);
}

function poolIdEquals(PoolId a, PoolId b) pure returns (bool) {
    return PoolId.unwrap(a) == PoolId.unwrap(b);
}
