// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {TestUSDC} from "./TestUSDC.sol";

/// @title BlacklistToken: like USDC, its issuer can stop an account from sending and receiving.
/// @dev Tests use it to show that one blacklisted payee blocks nobody else.
contract BlacklistToken is TestUSDC {
    mapping(address account => bool) public blacklisted;

    error Blacklisted(address account);

    /// @notice Stops or allows an account.
    function setBlacklisted(address account, bool stopped) external {
        blacklisted[account] = stopped;
    }

    /// @inheritdoc ERC20
    function _update(address from, address to, uint256 value) internal override {
        if (blacklisted[from]) revert Blacklisted(from);
        if (blacklisted[to]) revert Blacklisted(to);
        super._update(from, to, value);
    }
}
