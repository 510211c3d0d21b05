// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Test} from "forge-std/Test.sol";
import {InfernetToken} from "../InfernetToken.sol";
import {Parameters} from "../Parameters.sol";
import {Pools} from "../Pools.sol";
import {Staking} from "../Staking.sol";
import {IParameters} from "../interfaces/IParameters.sol";
import {DrawRequest, Metric, PoolTerms} from "../interfaces/IPools.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {PoolId} from "../types/Ids.sol";
import {validParameters} from "./ValidSet.t.sol";

/// @title CoreBase: token, Parameters, Staking and Pools wired as on a chain; Jobs and Slashing are pranked addresses.
abstract contract CoreBase is Test {
    uint32 internal constant EPOCH_SECONDS = 600;
    uint128 internal constant SLOT = 100e18;
    bytes internal constant PROFILE = hex"a0";

    address internal timelock = makeAddr("timelock");
    address internal guardian = makeAddr("guardian");
    address internal jobs = makeAddr("jobs");
    address internal slashing = makeAddr("slashing");

    InfernetToken internal infer;
    Parameters internal parameters;
    Staking internal staking;
    Pools internal pools;

    function deployCore() internal {
        vm.warp(1_800_000_000);
        infer = new InfernetToken(address(this));
        parameters = new Parameters(timelock, guardian, validParameters());
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        staking = new Staking(IERC20(address(infer)), parameters, predicted, jobs, slashing);
        pools = new Pools(parameters, staking, jobs, slashing, EPOCH_SECONDS);
        assertEq(address(pools), predicted);
    }

    function createPool(uint256 salt) internal returns (PoolId) {
        return pools.createPool(PoolTerms(bytes32(salt + 1), Metric.Exact, SLOT, 1, 1, address(0), 0));
    }

    /// @dev Registers an owner with `stake` INFER free.
    function addNode(address owner, uint256 stake) internal returns (uint32 node) {
        vm.prank(owner);
        node = staking.register(operatorOf(owner), owner, PROFILE, 0);
        if (stake != 0) {
            infer.approve(address(staking), stake);
            staking.deposit(node, stake);
        }
    }

    function operatorOf(address owner) internal pure returns (address) {
        return address(uint160(owner) ^ 1);
    }

    /// @dev `count` owners join with the given capacity; their weight counts after `nextEpoch`.
    function fill(PoolId pool, uint256 count, uint16 capacity) internal {
        for (uint256 i; i < count; ++i) {
            address owner = ownerAt(i);
            addNode(owner, uint256(capacity) * SLOT);
            vm.prank(owner);
            pools.joinPool(pool, capacity);
        }
    }

    function ownerAt(uint256 i) internal pure returns (address) {
        return address(uint160(0x10_0000 + 2 * i));
    }

    function nextEpoch() internal {
        vm.warp((pools.epoch() + 1) * EPOCH_SECONDS);
    }

    function request(PoolId pool, uint256 seed, uint8 size, uint16 slots) internal pure returns (DrawRequest memory) {
        return DrawRequest(pool, bytes32(seed), size, slots, 0, 0, 0);
    }

    function draw(DrawRequest memory r) internal returns (uint256) {
        vm.prank(jobs);
        return pools.draw(r);
    }
}
