// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Decay: exponential forgetting with a half-life of 30 days, in whole hours.
library Decay {
    uint256 internal constant STEP = 1 hours;
    uint256 internal constant HALF_LIFE_STEPS = 720;

    /// @dev Coefficients × 1e12 of 2^-f = e^(-f ln 2) for 0 ≤ f < 1: the Taylor series at 0 to the second order (ln 2 and
    /// (ln 2)²/2), and a cubic term chosen so that f = 1 gives ½ exactly. The largest error is 0.2 %, and the slope at 0
    /// is exact: forgetting in many small steps ends where one long step ends, which a straight line would miss by 39 %.
    uint256 private constant ONE = 1e12;
    uint256 private constant A1 = 693_147_180_560;
    uint256 private constant A2 = 240_226_506_959;
    uint256 private constant A3 = 47_079_326_399;

    /// @notice Factor × 1e12 that remains after `steps` hours.
    function factor(uint256 steps) internal pure returns (uint256) {
        unchecked {
            uint256 halvings = steps / HALF_LIFE_STEPS;
            uint256 f = (steps % HALF_LIFE_STEPS) * ONE / HALF_LIFE_STEPS;
            uint256 f2 = f * f / ONE;
            uint256 f3 = f2 * f / ONE;
            return (ONE - A1 * f / ONE + A2 * f2 / ONE - A3 * f3 / ONE) >> halvings;
        }
    }

    /// @notice `value` × `factor(steps)`, rounded down.
    function scale(uint256 value, uint256 factor_) internal pure returns (uint256) {
        return value * factor_ / ONE;
    }
}
