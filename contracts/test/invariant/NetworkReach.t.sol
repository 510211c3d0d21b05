// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {NetworkCampaign} from "./NetworkCampaign.t.sol";
import {Reach} from "./handlers/HandlerBase.t.sol";

/// @dev A campaign that never saw a verdict proves nothing about verdicts.
contract NetworkReachTest is NetworkCampaign {
    uint256 private constant SEED = 0x1f;
    uint256 private constant RUNS = 64;
    uint256 private constant DEPTH = 64;

    /// @dev The campaign's moves in an order drawn from SEED, in runs as long as the campaign's.
    function test_CampaignReachesEveryDeepState() public {
        emit log_named_uint("seed", SEED);
        bytes4[] memory moves = handler.moves();
        uint256 kinds = uint256(type(Reach).max) + 1;
        uint256[] memory seen = new uint256[](kinds);
        uint256 snapshot = vm.snapshotState();
        for (uint256 run; run < RUNS; ++run) {
            for (uint256 i; i < DEPTH; ++i) {
                uint256 word = uint256(keccak256(abi.encode(SEED, run, i)));
                (bool ok, bytes memory reason) =
                    address(handler).call(abi.encodeWithSelector(moves[word % moves.length], word, word >> 8));
                if (!ok) {
                    assembly ("memory-safe") {
                        revert(add(reason, 0x20), mload(reason))
                    }
                }
            }
            for (uint256 kind; kind < kinds; ++kind) {
                seen[kind] += handler.reached(Reach(kind));
            }
            for (uint256 invariant = 1; invariant <= 12; ++invariant) {
                _holds(invariant);
            }
            vm.revertToState(snapshot);
        }
        for (uint256 kind; kind < kinds; ++kind) {
            emit log_named_uint(vm.toString(kind), seen[kind]);
        }
        for (uint256 kind; kind < kinds; ++kind) {
            assertGt(seen[kind], 0, string.concat("never reached, number in Reach: ", vm.toString(kind)));
        }
    }
}
