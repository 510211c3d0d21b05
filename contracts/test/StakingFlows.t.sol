// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IStaking, Proceeds, Stake} from "../interfaces/IStaking.sol";
import {CoreBase} from "./CoreBase.t.sol";
import {validParameters} from "./ValidSet.t.sol";

contract StakingFlowsTest is CoreBase {
    uint256 internal constant DEPOSIT = 1_000e18;

    uint32 internal node;
    uint32[2] internal judges;
    address internal owner = makeAddr("owner");
    address internal prover = makeAddr("prover");

    function setUp() public {
        deployCore();
        node = addNode(owner, DEPOSIT);
        judges = [addNode(makeAddr("judge 1"), 0), addNode(makeAddr("judge 2"), 0)];
    }

    /// @dev A slash takes exactly the amount; prover, panel and fire share it, prover first.
    function testFuzz_SlashSplitsExactly(uint128 amount, uint128 proverReward, uint128 panelReward) public {
        amount = uint128(bound(amount, 0, DEPOSIT));
        uint256 supply = infer.totalSupply();
        vm.startPrank(address(pools));
        staking.earmark(node, amount);
        staking.freeze(node, amount);
        vm.stopPrank();
        uint256 panel = uint256(judges[0]) | (uint256(judges[1]) << 64) | (uint256(999) << 96);
        vm.prank(slashing);
        staking.slash(node, amount, Proceeds(prover, proverReward, panel, panelReward));

        uint256 toProver = proverReward < amount ? proverReward : amount;
        uint256 rest = amount - toProver;
        uint256 first = panelReward < rest ? panelReward : rest;
        rest -= first;
        uint256 second = panelReward < rest ? panelReward : rest;
        rest -= second;
        assertEq(staking.rewardOf(prover), toProver);
        assertEq(staking.stakeOf(judges[0]).free, first);
        assertEq(staking.stakeOf(judges[1]).free, second);
        assertEq(supply - infer.totalSupply(), rest, "burned");
        Stake memory left = staking.stakeOf(node);
        assertEq(left.free, DEPOSIT - amount);
        assertEq(left.frozen, 0);
        assertEq(infer.balanceOf(address(staking)), DEPOSIT - rest, "solvent");
    }

    /// @dev Stake in use cannot start unbonding, whatever the split.
    function testFuzz_OnlyFreeStakeUnbonds(uint128 earmarked, uint128 bonded, uint128 wanted) public {
        earmarked = uint128(bound(earmarked, 0, DEPOSIT));
        bonded = uint128(bound(bonded, 0, DEPOSIT - earmarked));
        wanted = uint128(bound(wanted, 1, DEPOSIT));
        vm.prank(address(pools));
        staking.earmark(node, earmarked);
        vm.prank(jobs);
        staking.postBond(node, bonded);
        uint256 free = DEPOSIT - earmarked - bonded;
        vm.prank(owner);
        if (wanted > free) {
            vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInsufficient.selector, node, free, wanted));
            staking.requestUnbonding(wanted);
            return;
        }
        uint256 ticket = staking.requestUnbonding(wanted);
        uint256 readyAt = block.timestamp + validParameters().unbonding;
        vm.warp(readyAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingTicketNotReady.selector, ticket, readyAt));
        staking.withdraw(ticket);
        vm.warp(readyAt);
        staking.withdraw(ticket);
        assertEq(infer.balanceOf(owner), wanted);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingUnknownTicket.selector, ticket));
        staking.withdraw(ticket);
    }
}
