// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @title InfernetToken: INFER, the stake behind work and the vote on the protocol's numbers.
/// @notice The supply is fixed at deployment and only falls, by burning. Nobody can mint, pause or seize.
/// @dev Votes are counted by timestamps (ERC-6372), not by block numbers: the meaning of a voting period
/// does not change with the chain's block time.
contract InfernetToken is ERC20, ERC20Burnable, ERC20Permit, ERC20Votes {
    /// @notice One billion INFER: every amount in the protocol fits in 128 bits.
    uint256 public constant SUPPLY = 1_000_000_000e18;

    error TokenZeroHolder();

    /// @param holder receives the whole supply
    constructor(address holder) ERC20("Infernet", "INFER") ERC20Permit("Infernet") {
        if (holder == address(0)) revert TokenZeroHolder();
        _mint(holder, SUPPLY);
    }

    /// @notice The clock of votes: seconds of chain time.
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @notice ERC-6372 description of `clock`.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @inheritdoc ERC20Permit
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    /// @dev Moves voting units with every transfer.
    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }
}
