// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IRandomness} from "../interfaces/IRandomness.sol";

/// @title BlockhashRandomness: a round is a future block, its value that block's hash.
/// @notice For development chains only. Whoever builds blocks can withhold or choose them and so grind a draw;
/// a public chain uses an adapter that verifies a beacon nobody can withhold (drand).
contract BlockhashRandomness is IRandomness {
    /// @notice How many blocks ahead `nextRound` names.
    uint64 public immutable DELAY_BLOCKS;

    /// @param delayBlocks at least 1, so that the round is unknown when it is named
    constructor(uint64 delayBlocks) {
        DELAY_BLOCKS = delayBlocks == 0 ? 1 : delayBlocks;
    }

    /// @inheritdoc IRandomness
    function nextRound() external view returns (uint64 round) {
        return uint64(block.number) + DELAY_BLOCKS;
    }

    /// @inheritdoc IRandomness
    /// @dev The chain keeps 256 hashes; older rounds read as 0.
    function valueOf(uint64 round) external view returns (bytes32 value) {
        if (round >= block.number) revert RandomnessPending(round);
        return blockhash(round);
    }
}
