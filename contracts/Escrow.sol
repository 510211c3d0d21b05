// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IEscrow} from "./interfaces/IEscrow.sol";
import {IParameters} from "./interfaces/IParameters.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {JobsStorage} from "./jobs/JobsStorage.sol";

/// @title Escrow
abstract contract Escrow is IEscrow, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    IParameters public immutable parameters;
    IStaking public immutable staking;

    JobsStorage internal $;

    constructor(IParameters parameters_, IStaking staking_) {
        parameters = parameters_;
        staking = staking_;
    }

    /// @inheritdoc IEscrow
    function deposit(address token, address account, uint256 amount) public nonReentrant {
        if (amount == 0) revert EscrowZeroAmount();
        if (account == address(0)) revert EscrowZeroAddress();
        if (!parameters.tokenTerms(token).allowed) revert EscrowTokenRefused(token);

        $.liabilities[token] += amount;
        $.credit[token][account] += amount;

        // The receipt is measured: a token that takes fees would leave the escrow short of what it owes.
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received != amount) revert EscrowUnexpectedReceipt(token, received, amount);

        emit Deposited(token, account, msg.sender, amount);
    }

    /// @inheritdoc IEscrow
    function depositWithPermit(
        address token,
        address account,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        // Whoever saw the permit may have used it first; the allowance it gave is what counts.
        try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        deposit(token, account, amount);
    }

    /// @inheritdoc IEscrow
    function withdraw(address token, address to, uint256 amount) external nonReentrant {
        if (amount == 0) revert EscrowZeroAmount();
        if (to == address(0)) revert EscrowZeroAddress();
        _spend(token, msg.sender, amount);
        $.liabilities[token] -= amount;
        emit Withdrawn(token, msg.sender, to, amount);
        IERC20(token).safeTransfer(to, amount);
    }

    /// @inheritdoc IEscrow
    function claim(address token, uint32[] calldata nodes) external nonReentrant returns (uint256 amount) {
        for (uint256 i; i < nodes.length; ++i) {
            uint256 due = $.earnings[token][nodes[i]];
            if (due == 0) continue;
            $.earnings[token][nodes[i]] = 0;
            amount += due;
            address to = staking.payoutOf(nodes[i]);
            emit Claimed(token, nodes[i], to, due);
            IERC20(token).safeTransfer(to, due);
        }
        $.liabilities[token] -= amount;
    }

    /// @inheritdoc IEscrow
    function creditOf(address token, address account) external view returns (uint256) {
        return $.credit[token][account];
    }

    /// @inheritdoc IEscrow
    function earningsOf(address token, uint32 node) external view returns (uint256) {
        return $.earnings[token][node];
    }

    /// @inheritdoc IEscrow
    function liabilities(address token) external view returns (uint256) {
        return $.liabilities[token];
    }

    function _spend(address token, address account, uint256 amount) internal {
        uint256 available = $.credit[token][account];
        if (available < amount) revert EscrowInsufficientCredit(token, account, available, amount);
        unchecked {
            $.credit[token][account] = available - amount;
        }
    }
}
