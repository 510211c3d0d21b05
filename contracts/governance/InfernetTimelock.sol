// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title InfernetTimelock: the only author of protocol numbers, and owner of the treasury.
/// @notice Every decision waits `minDelay` in public before anybody may execute it.
/// @dev The governor proposes and cancels, everybody executes, and nobody administers but the Timelock itself: the
/// roles are complete at deployment, so the deployer never holds one.
contract InfernetTimelock is TimelockController {
    /// @param minDelay seconds between a decision and its execution
    /// @param governor the only proposer
    constructor(uint256 minDelay, address governor)
        TimelockController(minDelay, _one(governor), _one(address(0)), address(0))
    {}

    function _one(address account) private pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = account;
    }
}
