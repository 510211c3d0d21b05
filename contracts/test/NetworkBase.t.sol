// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {IJobs, Quote, Terms} from "../interfaces/IJobs.sol";
import {IParameters, ParameterSet, TokenTerms} from "../interfaces/IParameters.sol";
import {IPools, Metric, PoolTerms} from "../interfaces/IPools.sol";
import {IRandomness} from "../interfaces/IRandomness.sol";
import {ISlashing} from "../interfaces/ISlashing.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {PoolId} from "../types/Ids.sol";
import {validParameters} from "./ValidSet.t.sol";

/// @dev What tests need of both tokens.
interface IToken {
    function balanceOf(address account) external view returns (uint256);
    function totalSupply() external view returns (uint256);
    function nonces(address owner) external view returns (uint256);
    function DOMAIN_SEPARATOR() external view returns (bytes32);
    function approve(address spender, uint256 amount) external returns (bool);
    function transfer(address to, uint256 amount) external returns (bool);
}

/// @dev The payment token of tests: anybody mints, its issuer can stop an account.
interface IBlacklistToken is IToken {
    function mint(address to, uint256 amount) external;
    function setBlacklisted(address account, bool stopped) external;
    function blacklisted(address account) external view returns (bool);
}

/// @notice Where the deployed contracts stand.
struct Net {
    IToken infer;
    IBlacklistToken usdc;
    IParameters parameters;
    IRandomness randomness;
    IStaking staking;
    IPools pools;
    IJobs jobs;
    ISlashing slashing;
    PoolId pool;
    address timelock;
    address guardian;
}

/// @title NetworkBase: every contract of the EVM network, wired as `ignition/modules` wires them.
/// @dev Contracts are created from their artifacts (`vm.getCode` links the libraries of Jobs). `new` would compile
/// their code once more into every test.
abstract contract NetworkBase is Test {
    uint32 internal constant EPOCH_SECONDS = 600;
    uint128 internal constant SLOT = 100e18;
    uint256 internal constant USDC = 1e6;
    /// @dev wei of INFER per base unit × 1e18: one USDC answers with 20 INFER.
    uint120 internal constant STAKE_RATE = uint120(20e18 * 1e18 / USDC);
    bytes internal constant PROFILE = hex"a0";
    uint256 internal constant SUPPLY = 1_000_000_000e18;

    Net internal net;

    /// @dev The caller holds all INFER. One listed pool without members.
    function deployNetwork() internal {
        vm.warp(1_800_000_000);
        net.timelock = makeAddr("timelock");
        net.guardian = makeAddr("guardian");
        net.infer = IToken(_create("InfernetToken.sol:InfernetToken", abi.encode(address(this))));
        net.usdc = IBlacklistToken(_create("BlacklistToken.sol:BlacklistToken", ""));
        net.parameters =
            IParameters(_create("Parameters.sol:Parameters", abi.encode(net.timelock, net.guardian, settings())));
        net.randomness = IRandomness(_create("BlockhashRandomness.sol:BlockhashRandomness", abi.encode(uint64(1))));
        uint256 nonce = vm.getNonce(address(this));
        address pools = vm.computeCreateAddress(address(this), nonce + 1);
        address jobs = vm.computeCreateAddress(address(this), nonce + 2);
        address slashing = vm.computeCreateAddress(address(this), nonce + 3);
        net.staking =
            IStaking(_create("Staking.sol:Staking", abi.encode(net.infer, net.parameters, pools, jobs, slashing)));
        net.pools = IPools(
            _create("Pools.sol:Pools", abi.encode(net.parameters, net.staking, jobs, slashing, EPOCH_SECONDS))
        );
        net.jobs = IJobs(
            _create("Jobs.sol:Jobs", abi.encode(net.parameters, net.staking, net.pools, net.randomness, slashing))
        );
        net.slashing =
            ISlashing(_create("Slashing.sol:Slashing", abi.encode(net.parameters, net.staking, net.pools, net.jobs)));
        assertEq(address(net.pools), pools);
        assertEq(address(net.jobs), jobs);
        assertEq(address(net.slashing), slashing);

        net.pool = net.pools.createPool(PoolTerms("runtime", Metric.Exact, SLOT, 7, 11, address(0), 0));
        vm.startPrank(net.timelock);
        net.parameters.setToken(address(net.usdc), TokenTerms(true, STAKE_RATE, uint128(100 * USDC)));
        net.pools.listPool(net.pool, true);
        vm.stopPrank();
    }

    /// @dev Valid ones, with panels and margins that a dozen nodes can serve.
    function settings() internal pure returns (ParameterSet memory set) {
        set = validParameters();
        (set.panelSize, set.panelQuorum, set.fullLockMargin) = (3, 2, 2);
        set.drawFeeBps = 300;
    }

    function _create(string memory artifact, bytes memory arguments) internal returns (address made) {
        bytes memory code = abi.encodePacked(vm.getCode(artifact), arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
        }
        require(made != address(0), artifact);
    }
}
