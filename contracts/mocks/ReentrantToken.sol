// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title ReentrantToken: once armed, calls back in the middle of the next transfer, as a hook token would.
/// @dev The call comes from the token itself, so a test makes the token a client, owner or payout address first:
/// `forward` lets it act as one. The outcome of the call back is kept; the transfer goes on either way.
contract ReentrantToken is ERC20 {
    address public target;
    bytes public data;
    /// @notice How often the call back was made, and how the last one ended.
    uint256 public calls;
    bool public lastSuccess;
    bytes public lastReturn;

    constructor() ERC20("Reentrant", "RE") {}

    /// @notice Creates `amount` for `to`, without a call back.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice Calls `target_` with `data_` during the next transfer, once.
    function arm(address target_, bytes calldata data_) external {
        target = target_;
        data = data_;
    }

    /// @notice Makes the token call somebody: how it registers, approves, opens.
    function forward(address to, bytes calldata data_) external returns (bytes memory) {
        (bool ok, bytes memory returned) = to.call(data_);
        if (!ok) {
            // pass the reason on unchanged
            assembly ("memory-safe") {
                revert(add(returned, 32), mload(returned))
            }
        }
        return returned;
    }

    /// @inheritdoc ERC20
    function _update(address from, address to, uint256 value) internal override {
        address to_ = target;
        if (to_ != address(0) && from != address(0)) {
            target = address(0);
            ++calls;
            (lastSuccess, lastReturn) = to_.call(data);
        }
        super._update(from, to, value);
    }
}
