// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title WeightTree: weights of up to 4,096 members, as they stood when an epoch began.
/// @notice An 8-ary tree of 4 levels. A node of the tree is one word: eight lanes of 28 bits hold the weights of its
/// children (level 3: of members), the top 32 bits hold the epoch of its last change.
/// @dev A second mapping keeps each word as it stood before that epoch. Readers of epoch e take the current word, unless
/// it was changed in e itself: then they take the kept one. So nothing that happens in an epoch moves its draws, and a
/// seed that is already known cannot be ground by joining, leaving, pausing or being seized.
/// Where nothing changed, a reader pays one SLOAD a word.
library WeightTree {
    struct Tree {
        mapping(uint256 key => uint256 word) current;
        mapping(uint256 key => uint256 word) previous;
    }

    uint256 internal constant CAPACITY = 4_096;
    /// @dev 512 members of this weight still fit the root's 28-bit lanes.
    uint256 internal constant MAX_WEIGHT = 524_280;

    uint256 private constant LEVELS = 4;
    uint256 private constant LANE = 28;
    uint256 private constant LANE_MASK = (1 << LANE) - 1;
    uint256 private constant EVEN_LANES = 0xfffffff0000000fffffff0000000fffffff0000000fffffff;
    uint256 private constant PAIR = 2 * LANE;
    uint256 private constant PAIR_MASK = (1 << PAIR) - 1;
    uint256 private constant PAIR_ONES = 0x1000000000000010000000000000100000000000001;
    uint256 private constant LANES_MASK = (1 << 224) - 1;
    uint256 private constant STAMP = 224;

    /// @notice Sets a member's weight from the epoch after `epoch` on.
    /// @param leaf index of the member, below CAPACITY
    /// @param weight at most MAX_WEIGHT
    /// @param epoch the running epoch, at least that of any earlier call and below 2^32
    /// @return old the weight it had before
    function set(Tree storage tree, uint256 leaf, uint256 weight, uint256 epoch) internal returns (uint256 old) {
        unchecked {
            old = latest(tree, leaf);
            if (weight == old) return old;
            for (uint256 level; level < LEVELS; ++level) {
                uint256 child = leaf >> (3 * (LEVELS - 1 - level));
                uint256 key = _key(level, child >> 3);
                uint256 word = tree.current[key];
                if (word >> STAMP != epoch) {
                    tree.previous[key] = word;
                    word = (word & LANES_MASK) | (epoch << STAMP);
                }
                // no lane over- or underflows: each holds the sum of what lies below it
                uint256 shift = LANE * (child & 7);
                tree.current[key] = word + (weight << shift) - (old << shift);
            }
        }
    }

    /// @notice A member's weight after every change so far: what the next epoch will see.
    function latest(Tree storage tree, uint256 leaf) internal view returns (uint256) {
        return (tree.current[_key(LEVELS - 1, leaf >> 3)] >> (LANE * (leaf & 7))) & LANE_MASK;
    }

    /// @notice A member's weight in draws of `epoch`.
    function weightAt(Tree storage tree, uint256 leaf, uint256 epoch) internal view returns (uint256) {
        return (_read(tree, _key(LEVELS - 1, leaf >> 3), epoch) >> (LANE * (leaf & 7))) & LANE_MASK;
    }

    /// @notice Sum of all weights that draws of `epoch` see.
    function total(Tree storage tree, uint256 epoch) internal view returns (uint256) {
        unchecked {
            return ((_pairs(_read(tree, 0, epoch)) * PAIR_ONES) >> (3 * PAIR)) & PAIR_MASK;
        }
    }

    /// @notice The member in whose interval `r` falls, when the taken members are left out.
    /// @param r below `total` less the weights of the taken members
    /// @param epoch of the draw
    /// @param taken `leaf << 32 | weight` of members already seen by this draw
    /// @param count of entries of `taken` in use
    /// @return leaf index of the member found
    /// @return weight of that member in `epoch`
    function find(Tree storage tree, uint256 r, uint256 epoch, uint256[] memory taken, uint256 count)
        internal
        view
        returns (uint256 leaf, uint256 weight)
    {
        unchecked {
            for (uint256 level; level < LEVELS; ++level) {
                uint256 word = _left(_read(tree, _key(level, leaf), epoch), leaf, 3 * (LEVELS - 1 - level), taken, count);
                uint256 sums = _pairs(word) * PAIR_ONES; // of pairs 0 … j in lane j
                uint256 pair = r < (sums >> PAIR) & PAIR_MASK ? 0 : 2;
                if (r >= (sums >> (PAIR * pair)) & PAIR_MASK) ++pair;
                r -= ((sums << PAIR) >> (PAIR * pair)) & PAIR_MASK;
                uint256 lane = 2 * pair;
                weight = (word >> (LANE * lane)) & LANE_MASK;
                if (r >= weight) {
                    r -= weight;
                    weight = (word >> (LANE * ++lane)) & LANE_MASK;
                }
                leaf = (leaf << 3) | lane;
            }
        }
    }

    /// @dev Sums of neighbouring lanes, in four lanes of 56 bits: sums of those cannot overflow.
    function _pairs(uint256 word) private pure returns (uint256) {
        unchecked {
            return (word & EVEN_LANES) + ((word >> LANE) & EVEN_LANES);
        }
    }

    /// @dev The lanes of a word, less the weights of the taken members below it.
    function _left(uint256 word, uint256 index, uint256 shift, uint256[] memory taken, uint256 count)
        private
        pure
        returns (uint256 lanes)
    {
        lanes = word & LANES_MASK;
        // the hottest loop of a draw: no bounds checks, `count` is at most the array's length
        assembly ("memory-safe") {
            let entry := add(taken, 32)
            for { let end := add(entry, shl(5, count)) } lt(entry, end) { entry := add(entry, 32) } {
                let member := mload(entry)
                let child := shr(add(shift, 32), member)
                if eq(shr(3, child), index) {
                    lanes := sub(lanes, shl(mul(28, and(child, 7)), and(member, 0xffffffff)))
                }
            }
        }
    }

    /// @dev The word as it stood when `epoch` began.
    function _read(Tree storage tree, uint256 key, uint256 epoch) private view returns (uint256 word) {
        word = tree.current[key];
        if (word >> STAMP == epoch) word = tree.previous[key];
    }

    function _key(uint256 level, uint256 index) private pure returns (uint256) {
        return (level << 16) | index;
    }
}
