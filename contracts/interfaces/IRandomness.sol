// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Randomness: rounds that nobody knows when they are named and nobody can withhold.
interface IRandomness {
    error RandomnessPending(uint64 round);

    /// @notice A round that is unknown to everybody in this block.
    function nextRound() external view returns (uint64 round);

    /// @notice The round's randomness. Reverts `RandomnessPending` before it exists.
    /// @return value 0 when the round can no longer be read: the caller names a new one
    function valueOf(uint64 round) external view returns (bytes32 value);
}
