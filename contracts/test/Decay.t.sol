// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {Decay} from "../libraries/Decay.sol";

contract DecayTest is Test {
    function test_Fixpoints() public pure {
        assertEq(Decay.factor(0), 1e12);
        assertApproxEqAbs(Decay.factor(720), 0.5e12, 1);
        assertApproxEqAbs(Decay.factor(1440), 0.25e12, 1);
        assertEq(Decay.factor(720 * 256), 0);
    }

    /// @dev 2^(-1/2), 2^(-1/4), 2^(-3/4)
    function test_BetweenFixpoints() public pure {
        assertApproxEqRel(Decay.factor(360), 0.707106781187e12, 0.002e18);
        assertApproxEqRel(Decay.factor(180), 0.840896415254e12, 0.002e18);
        assertApproxEqRel(Decay.factor(540), 0.594603557501e12, 0.002e18);
    }

    function testFuzz_Falls(uint256 steps) public pure {
        steps = bound(steps, 0, 720 * 40);
        assertLe(Decay.factor(steps + 1), Decay.factor(steps));
        assertLe(Decay.factor(steps), 1e12);
    }

    /// @dev Forgetting hour by hour ends where one long step ends.
    function test_ManySmallStepsEqualOne() public pure {
        uint256 value = 1e14;
        for (uint256 i; i < 720; ++i) {
            value = Decay.scale(value, Decay.factor(1));
        }
        assertApproxEqRel(value, 0.5e14, 0.0001e18);
    }
}
