// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// @title ResultTree: the Merkle tree over a shard's results.
/// @dev Leaves are keccak256(uint64 index ‖ sha2-256 of the result), padded with zero up to a power of two; a node is
/// keccak256(left ‖ right). A leaf's preimage has 40 bytes and a node's 64, so neither passes for the other.
library ResultTree {
    function leaf(uint64 index, bytes32 resultDigest) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(index, resultDigest));
    }

    /// @param items of the shard: the proof must have exactly ceil(log2(items)) siblings
    function verify(bytes32 root, bytes32 leaf_, uint256 index, uint256 items, bytes32[] calldata proof)
        internal
        pure
        returns (bool)
    {
        if (index >= items) return false;
        uint256 width = 1;
        for (uint256 i; i < proof.length; ++i) {
            if (width >= items) return false;
            leaf_ = index & 1 == 0
                ? Hashes.efficientKeccak256(leaf_, proof[i])
                : Hashes.efficientKeccak256(proof[i], leaf_);
            index >>= 1;
            width <<= 1;
        }
        return width >= items && leaf_ == root;
    }
}
