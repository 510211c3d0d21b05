// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DrawRequest, IPools, Member} from "../interfaces/IPools.sol";
import {PoolId} from "../types/Ids.sol";
import {CoreBase} from "./CoreBase.t.sol";

contract PoolsDrawTest is CoreBase {
    uint256 internal constant MEMBERS = 6;
    uint16 internal constant CAPACITY = 4;

    PoolId internal pool;

    function setUp() public {
        deployCore();
        pool = createPool(0);
        fill(pool, MEMBERS, CAPACITY);
        addNode(ownerAt(MEMBERS), 100 * SLOT); // free to join later
        nextEpoch();
    }

    /// @dev Capacity 1 : 2 : 3 : 4, newcomers' scores: shares 10, 20, 30, 40 %, each within five standard deviations.
    function test_DrawsFollowWeights() public {
        PoolId own = createPool(7);
        for (uint256 i; i < 4; ++i) {
            address owner = address(uint160(0x900 + 2 * i));
            addNode(owner, (i + 1) * 1_000 * SLOT);
            vm.prank(owner);
            pools.joinPool(own, uint16((i + 1) * 1_000));
        }
        nextEpoch();
        uint256[4] memory hits;
        uint256 n = 4_000;
        for (uint256 i; i < n; ++i) {
            ++hits[draw(request(own, i, 1, 0)) - 1];
        }
        for (uint256 i; i < 4; ++i) {
            uint256 p = (i + 1) * 1_000; // × 1e4
            uint256 variance = n * p * (10_000 - p) / 1e8;
            uint256 mean = n * p / 10_000;
            uint256 off = hits[i] > mean ? hits[i] - mean : mean - hits[i];
            assertLe(off * off, 25 * variance);
        }
    }

    /// @dev Members are distinct, none is excluded, each has the slots; too few is an error and changes nothing.
    function testFuzz_DrawsEligibleMembersOnly(uint256 seed) public {
        DrawRequest memory r = request(pool, seed, uint8(1 + seed % 8), uint16(1 + (seed >> 8) % 5));
        r.clientNode = uint32((seed >> 16) % (MEMBERS + 2));
        r.aggregatorNode = uint32((seed >> 24) % (MEMBERS + 2));
        uint256 banned = (seed >> 32) % (1 << MEMBERS);
        uint256 eligible;
        for (uint256 i; i < MEMBERS; ++i) {
            if ((banned >> i) & 1 != 0) r.excluded = (r.excluded << 16) | (i + 1);
            else if (i + 1 != r.clientNode && i + 1 != r.aggregatorNode && r.slots <= CAPACITY) ++eligible;
        }
        if (eligible < r.size) {
            vm.expectRevert(abi.encodeWithSelector(IPools.PoolsTooFewEligible.selector, pool, eligible, r.size));
            draw(r);
            return;
        }
        uint256 committee = draw(r);
        uint256 seen;
        for (uint256 i; i < r.size; ++i) {
            uint16 index = uint16(committee >> (16 * i)) - 1;
            assertEq(seen & (1 << index), 0, "repeated");
            seen |= 1 << index;
            assertEq(banned & (1 << index), 0, "excluded");
            Member memory m = pools.member(pool, index);
            assertTrue(m.node != r.clientNode && m.node != r.aggregatorNode, "client or aggregator");
            assertEq(m.busy, r.slots, "busy");
        }
        assertEq(committee >> (16 * r.size), 0, "lanes");
    }

    /// @dev Whatever owners do in an epoch, a draw of that epoch with a known seed stays the same.
    function testFuzz_OwnersCannotMoveDrawsOfTheEpoch(uint256 seed) public {
        if (seed & 1 != 0) _act(seed >> 1); // a change of the epoch before, not yet applied
        nextEpoch();
        DrawRequest memory r = request(pool, seed, uint8(1 + seed % 3), uint16(1 + (seed >> 8) % CAPACITY));
        uint256 snapshot = vm.snapshotState();
        bytes memory undisturbed = _tryDraw(r);
        vm.revertToState(snapshot);
        for (uint256 i; i < 3; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _act(seed);
        }
        assertEq(_tryDraw(r), undisturbed);
    }

    function _tryDraw(DrawRequest memory r) internal returns (bytes memory) {
        vm.prank(jobs);
        (, bytes memory answer) = address(pools).call(abi.encodeCall(IPools.draw, (r)));
        return answer;
    }

    function _act(uint256 seed) internal {
        uint256 i = (seed >> 8) % MEMBERS;
        uint256 kind = seed % 5;
        address owner = ownerAt(i);
        if (kind == 0) {
            (, bool found) = pools.memberOf(pool, uint32(MEMBERS + 1));
            if (found) return;
            vm.prank(ownerAt(MEMBERS));
            pools.joinPool(pool, 50);
        } else if (kind == 1) {
            vm.prank(owner);
            pools.setCapacity(pool, uint16((seed >> 16) % (CAPACITY + 1)));
        } else if (kind == 2) {
            infer.approve(address(staking), 10 * SLOT);
            staking.deposit(uint32(i + 1), 10 * SLOT);
            vm.prank(owner);
            pools.setCapacity(pool, uint16((seed >> 16) % 10));
        } else if (kind == 3) {
            vm.prank(owner);
            pools.setPaused(pool, uint16(i), (seed >> 16) & 1 != 0);
        } else {
            pools.sync(pool, uint16(i));
        }
    }
}
