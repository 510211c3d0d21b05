// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Lanes: up to sixteen 16-bit numbers in one word; 0 is empty, filled from the lowest lane.
library Lanes {
    function at(uint256 word, uint256 i) internal pure returns (uint16) {
        return uint16(word >> (i * 16));
    }

    function put(uint256 word, uint256 i, uint256 value) internal pure returns (uint256) {
        return word | (value << (i * 16));
    }

    /// @return n lanes before the first empty one
    function count(uint256 word) internal pure returns (uint256 n) {
        unchecked {
            for (; word & 0xffff != 0; word >>= 16) {
                ++n;
            }
        }
    }
}
