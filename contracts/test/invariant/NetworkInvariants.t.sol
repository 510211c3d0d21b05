// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {JobState, JobStatus} from "../../interfaces/IJobs.sol";
import {Member} from "../../interfaces/IPools.sol";
import {Stake} from "../../interfaces/IStaking.sol";
import {NetworkCampaign} from "./NetworkCampaign.t.sol";
import {Book} from "./handlers/JobBook.t.sol";

/// @dev The invariants in prose: docs/INVARIANTS.md.
contract NetworkInvariantsTest is NetworkCampaign {
    function invariant_1_EveryTokenIsOwedToSomebody() public view {
        uint256 owed;
        for (uint256 job; job < handler.jobCount(); ++job) {
            owed += net.jobs.job(handler.book(job).id).remaining;
        }
        uint256 inferOwed;
        for (uint256 i; i < handler.people(); ++i) {
            owed += net.jobs.creditOf(address(net.usdc), handler.person(i));
            inferOwed += net.staking.rewardOf(handler.person(i));
        }
        for (uint32 node = 1; node <= handler.nodes(); ++node) {
            owed += net.jobs.earningsOf(address(net.usdc), node);
            inferOwed += _total(net.staking.stakeOf(node));
        }
        assertEq(net.jobs.liabilities(address(net.usdc)), owed, "liabilities");
        assertEq(net.usdc.balanceOf(address(net.jobs)), owed + handler.donatedUsdc(), "payment token");
        assertEq(net.infer.balanceOf(address(net.staking)), inferOwed + handler.donatedInfer(), "INFER");
        assertEq(net.infer.totalSupply() + handler.burned(), SUPPLY, "burned");
    }

    function invariant_2_DepositIsPaidRefundedFeesAndRemaining() public view {
        for (uint256 job; job < handler.jobCount(); ++job) {
            Book memory b = handler.book(job);
            JobState memory j = net.jobs.job(b.id);
            assertEq(b.deposit, b.paid + b.refunded + b.fees + j.remaining, "deposit");
            if (j.status > JobStatus.Active) assertEq(j.remaining, 0, "remaining of an ended job");
        }
    }

    function invariant_3_StatusMovesForward() public view {
        for (uint256 job; job < handler.jobCount(); ++job) {
            Book memory b = handler.book(job);
            assertEq(uint256(net.jobs.job(b.id).status), uint256(b.status), "moved by itself");
        }
        _holds(3);
    }

    function invariant_4_NobodyIsPaidTwiceForAShard() public view {
        _earningsAreThoseOfTheLedger();
        _holds(4);
    }

    function invariant_5_PaidMeansThatDrawnStakedOwnersShowedOneRoot() public view {
        _earningsAreThoseOfTheLedger();
        _holds(5);
    }

    function invariant_6_CommitmentsBind() public view {
        _holds(6);
    }

    function invariant_7_StakeFallsByWithdrawalOrSlash() public view {
        for (uint32 node = 1; node <= handler.nodes(); ++node) {
            Stake memory s = net.staking.stakeOf(node);
            assertEq(_total(s), handler.stake(node), "stake");
            assertEq(s.unbonding, handler.unbonding(node), "unbonding");
        }
        _holds(7);
    }

    function invariant_8_NoStakeCountsTwice() public view {
        for (uint32 node = 1; node <= handler.nodes(); ++node) {
            Stake memory s = net.staking.stakeOf(node);
            assertEq(s.frozen, handler.frozen(node), "frozen");
            assertEq(s.bonded, handler.bonded(node), "bonded");
            (uint16 index, bool found) = net.pools.memberOf(net.pool, node);
            uint256 slots;
            if (found) {
                Member memory m = net.pools.member(net.pool, index);
                slots = m.capacity > m.nextCapacity ? m.capacity : m.nextCapacity;
                assertLe(m.busy, m.capacity, "busy");
            }
            assertEq(s.earmarked, slots * SLOT, "earmarked");
        }
    }

    function invariant_9_NobodyLosesWithoutAuthorityEvidenceOrDeadline() public view {
        for (uint256 i; i < handler.people(); ++i) {
            address account = handler.person(i);
            assertEq(net.jobs.creditOf(address(net.usdc), account), handler.credit(account), "credit");
            assertEq(net.staking.rewardOf(account), handler.reward(account), "reward");
        }
        _earningsAreThoseOfTheLedger();
        _holds(9);
    }

    function invariant_11_AdministrationTouchesNobody() public view {
        _holds(11);
    }

    function _earningsAreThoseOfTheLedger() private view {
        for (uint32 node = 1; node <= handler.nodes(); ++node) {
            assertEq(net.jobs.earningsOf(address(net.usdc), node), handler.earnings(node), "earnings");
        }
    }

    function _total(Stake memory s) private pure returns (uint256) {
        return uint256(s.free) + s.earmarked + s.frozen + s.unbonding + s.bonded;
    }
}
