// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {WeightTree} from "../libraries/WeightTree.sol";

/// @dev The tree against arrays: weights now, and as they stood when the running epoch began.
contract WeightTreeTest is Test {
    using WeightTree for WeightTree.Tree;

    uint256 internal constant LEAVES = 6;

    WeightTree.Tree internal tree;
    uint256[LEAVES] internal leaves;
    uint256[LEAVES] internal now_;
    uint256[LEAVES] internal begun;
    uint256 internal epoch;

    function testFuzz_FollowsArrays(uint256 seed) public {
        _spread(seed);
        epoch = seed % 3; // epoch 0 is where fresh words carry the right stamp by chance
        for (uint256 step; step < 8; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            if (seed & 3 == 0) _advance(1 + (seed >> 250));
            uint256 i = (seed >> 8) % LEAVES;
            // small, zero and extreme weights
            uint256 weight = seed >> 254 == 0 ? WeightTree.MAX_WEIGHT : (seed >> 16) % 9;
            assertEq(tree.set(leaves[i], weight, epoch), now_[i], "old");
            now_[i] = weight;
        }
        uint256 total;
        for (uint256 i; i < LEAVES; ++i) {
            assertEq(tree.weightAt(leaves[i], epoch), begun[i], "weightAt");
            assertEq(tree.latest(leaves[i]), now_[i], "latest");
            total += begun[i];
        }
        assertEq(tree.total(epoch), total, "total");
        _drawAll(seed, total);
    }

    /// @dev A full pool of the heaviest members fits the lanes.
    function test_HoldsFourThousandHeaviest() public {
        for (uint256 leaf; leaf < WeightTree.CAPACITY; ++leaf) {
            tree.set(leaf, WeightTree.MAX_WEIGHT, 1);
        }
        uint256 total = WeightTree.CAPACITY * WeightTree.MAX_WEIGHT;
        assertEq(tree.total(1), 0);
        assertEq(tree.total(2), total);
        uint256[] memory none = new uint256[](0);
        (uint256 first,) = tree.find(0, 2, none, 0);
        (uint256 last, uint256 weight) = tree.find(total - 1, 2, none, 0);
        assertEq(first, 0);
        assertEq(last, WeightTree.CAPACITY - 1);
        assertEq(weight, WeightTree.MAX_WEIGHT);
    }

    /// @dev Without replacement, every member with weight comes exactly once, each time where the arrays say.
    function _drawAll(uint256 seed, uint256 total) internal view {
        uint256[] memory taken = new uint256[](LEAVES);
        uint256[LEAVES] memory left = begun;
        uint256 count;
        while (total != 0) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 r = seed % total;
            (uint256 leaf, uint256 weight) = tree.find(r, epoch, taken, count);
            uint256 i;
            while (r >= left[i]) r -= left[i++];
            assertEq(leaf, leaves[i], "leaf");
            assertEq(weight, left[i], "weight");
            taken[count++] = (leaf << 32) | weight;
            total -= weight;
            left[i] = 0;
        }
    }

    function _advance(uint256 by) internal {
        epoch += by;
        begun = now_;
    }

    /// @dev Ascending leaves: neighbours in one word, and far apart.
    function _spread(uint256 seed) internal {
        uint256 leaf = seed % 8;
        for (uint256 i; i < LEAVES; ++i) {
            leaves[i] = leaf;
            leaf += (seed >> (32 + 16 * i)) & 1 == 0 ? 1 : 1 + (seed >> (36 + 16 * i)) % 700;
        }
    }
}
