// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {JobState, JobStatus} from "../../interfaces/IJobs.sol";
import {Member} from "../../interfaces/IPools.sol";
import {Stake} from "../../interfaces/IStaking.sol";
import {NetworkCampaign} from "./NetworkCampaign.t.sol";

/// @dev Invariant 10 of docs/INVARIANTS.md: wherever a campaign stops, everything ends and everybody leaves.
contract NetworkExitsTest is NetworkCampaign {
    function invariant_10_EverythingEndsAndEverybodyLeaves() public view {
        _holds(10);
    }

    /// @dev Runs after each sequence of the campaign.
    function afterInvariant() public {
        handler.endEverything();
        for (uint256 job; job < handler.jobCount(); ++job) {
            JobState memory j = net.jobs.job(handler.book(job).id);
            assertGt(uint256(j.status), uint256(JobStatus.Active), "a job is still open");
            assertEq(j.remaining, 0, "an ended job holds money");
        }
        for (uint32 node = 1; node <= handler.nodes(); ++node) {
            Stake memory s = net.staking.stakeOf(node);
            assertEq(s.frozen, 0, "frozen");
            assertEq(s.bonded, 0, "bonded");
            (uint16 index, bool found) = net.pools.memberOf(net.pool, node);
            if (!found) continue;
            Member memory m = net.pools.member(net.pool, index);
            assertEq(m.busy, 0, "a slot still answers for work that has ended");
        }
        handler.everybodyLeaves();
        assertEq(net.usdc.balanceOf(address(net.jobs)), handler.donatedUsdc(), "payment tokens left");
        assertEq(net.infer.balanceOf(address(net.staking)), handler.donatedInfer(), "INFER left");
        for (uint256 invariant = 1; invariant <= 12; ++invariant) {
            _holds(invariant);
        }
    }
}
