// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Seats: which member of a committee executes which shard of its batch.
/// @dev Shard i (0 … n−1) and replica r (0 … k−1) belong to position (i + offset(r, i / c)) mod c of a committee of c.
/// The offset turns by k − 1 with every c shards so that the same two members do not always meet.
library Seats {
    uint256 internal constant BATCH = 32; // shards
    uint256 internal constant MAX_COMMITTEE = 8;

    /// @return n shards of batch `b` in a job of `shards`
    function batchSize(uint256 shards, uint256 b) internal pure returns (uint256 n) {
        n = shards - b * BATCH;
        if (n > BATCH) n = BATCH;
    }

    /// @return c members of the committee: one a shard, at least k, at most `width`
    function committeeSize(uint256 n, uint256 k, uint256 width) internal pure returns (uint256 c) {
        c = n < k ? k : n;
        if (c > width) c = width;
    }

    function offset(uint256 r, uint256 d, uint256 k, uint256 c) internal pure returns (uint256) {
        unchecked {
            return r == 0 ? 0 : 1 + ((d * (k - 1) + r - 1) % (c - 1));
        }
    }

    function positionOf(uint256 i, uint256 r, uint256 k, uint256 c) internal pure returns (uint256) {
        unchecked {
            return (i + offset(r, i / c, k, c)) % c;
        }
    }

    /// @return shards that no member of the committee exceeds; the fullest holds one less where the last round is short
    function load(uint256 n, uint256 k, uint256 c) internal pure returns (uint256) {
        unchecked {
            uint256 last = n % c;
            uint256 full = (n / c) * k;
            return last == 0 ? full : full + (last < k ? last : k);
        }
    }

    /// @return seats shards that position `p` holds
    function count(uint256 p, uint256 n, uint256 k, uint256 c) internal pure returns (uint256 seats) {
        unchecked {
            uint256 d = n / c;
            uint256 last = n % c;
            seats = d * k;
            if (last != 0) {
                for (uint256 r; r < k; ++r) {
                    if ((p + c - offset(r, d, k, c)) % c < last) ++seats;
                }
            }
        }
    }
}
