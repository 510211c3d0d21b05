// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {NetworkBase} from "../NetworkBase.t.sol";
import {NetworkHandler} from "./handlers/NetworkHandler.t.sol";

/// @title NetworkCampaign: the network, with the handler that moves it.
abstract contract NetworkCampaign is NetworkBase {
    NetworkHandler internal handler;

    function setUp() public virtual {
        deployNetwork();
        handler = NetworkHandler(_create("NetworkHandler.t.sol:NetworkHandler", abi.encode(net)));
        net.infer.transfer(address(handler), net.infer.balanceOf(address(this)));
        handler.populate();
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), handler.moves()));
    }

    /// @dev Fails with what an action saw of this invariant.
    function _holds(uint256 invariant) internal view {
        (uint256 times, string memory why) = handler.broken(invariant);
        assertEq(times, 0, why);
    }
}
