// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Member} from "../../interfaces/IPools.sol";
import {Stake} from "../../interfaces/IStaking.sol";
import {PoolId} from "../../types/Ids.sol";
import {CoreBase} from "../CoreBase.t.sol";
import {CoreHandler} from "./handlers/CoreHandler.t.sol";

/// @dev The invariants in prose: docs/INVARIANTS.md.
contract CoreInvariantsTest is CoreBase {
    uint256 internal constant STAKE = 20 * SLOT;

    CoreHandler internal handler;

    function setUp() public {
        deployCore();
        PoolId[2] memory poolIds = [createPool(0), createPool(1)];
        for (uint256 i; i < 4; ++i) {
            addNode(ownerAt(i), STAKE);
            vm.prank(ownerAt(i));
            pools.joinPool(poolIds[0], 6);
        }
        nextEpoch();
        handler = new CoreHandler(infer, staking, pools, jobs, slashing, poolIds, STAKE);
        infer.transfer(address(handler), infer.balanceOf(address(this)));
        targetContract(address(handler));
    }

    function invariant_StakingIsSolvent() public view {
        uint256 owed = staking.rewardOf(address(0xbeef));
        for (uint32 node = 1; node <= handler.NODES(); ++node) {
            owed += _total(staking.stakeOf(node));
        }
        assertEq(infer.balanceOf(address(staking)), owed);
        assertEq(infer.totalSupply() + handler.burned(), infer.SUPPLY());
    }

    function invariant_StakeFallsOnlyByWithdrawalSlashOrBurnedBond() public view {
        for (uint32 node = 1; node <= handler.NODES(); ++node) {
            Stake memory stake = staking.stakeOf(node);
            assertEq(_total(stake), handler.paidIn(node) - handler.paidOut(node));
            assertEq(stake.unbonding, handler.unbonding(node));
        }
    }

    function invariant_EarmarksCoverCapacity() public view {
        for (uint32 node = 1; node <= handler.NODES(); ++node) {
            uint256 slots;
            for (uint256 i; i < handler.POOLS(); ++i) {
                PoolId pool = handler.poolIds(i);
                (uint16 index, bool found) = pools.memberOf(pool, node);
                if (!found) continue;
                Member memory m = pools.member(pool, index);
                slots += m.capacity > m.nextCapacity ? m.capacity : m.nextCapacity;
            }
            assertEq(staking.stakeOf(node).earmarked, slots * SLOT);
        }
    }

    function invariant_BusyIsOpenWorkWithinCapacity() public view {
        for (uint256 i; i < handler.POOLS(); ++i) {
            PoolId pool = handler.poolIds(i);
            uint256 count = pools.memberCount(pool);
            for (uint16 index; index < count; ++index) {
                Member memory m = pools.member(pool, index);
                assertLe(m.busy, m.capacity);
                assertEq(m.busy, handler.outstanding(pool, index));
                assertLe(pools.record(pool, index).score, 10_000);
            }
        }
    }

    function invariant_WeightsAddUpAndEligibleAreCounted() public view {
        for (uint256 i; i < handler.POOLS(); ++i) {
            PoolId pool = handler.poolIds(i);
            uint256 count = pools.memberCount(pool);
            uint256 total;
            uint256 eligible;
            for (uint16 index; index < count; ++index) {
                total += pools.weightOf(pool, index);
                Member memory m = pools.member(pool, index);
                if (m.nextCapacity != 0 && !m.nextPaused && !m.suspended) ++eligible;
            }
            assertEq(pools.totalWeight(pool), total);
            (,,,,, uint32 members) = pools.forOpen(pool);
            assertEq(members, eligible);
        }
    }

    function _total(Stake memory s) internal pure returns (uint256) {
        return uint256(s.free) + s.earmarked + s.frozen + s.unbonding + s.bonded;
    }
}
