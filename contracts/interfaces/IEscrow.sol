// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Escrow: every client token. Money comes in by `deposit`, goes out by pull, and is never pushed.
interface IEscrow {
    event Deposited(address indexed token, address indexed account, address indexed from, uint256 amount);
    event Withdrawn(address indexed token, address indexed account, address to, uint256 amount);
    event Earned(address indexed token, uint32 indexed node, uint256 amount);
    event Claimed(address indexed token, uint32 indexed node, address to, uint256 amount);

    error EscrowTokenRefused(address token);
    error EscrowZeroAmount();
    error EscrowZeroAddress();
    /// @notice The token delivered another amount than it was told to: it takes fees or rebases.
    error EscrowUnexpectedReceipt(address token, uint256 received, uint256 expected);
    error EscrowInsufficientCredit(address token, address account, uint256 available, uint256 needed);

    /// @notice Adds the caller's tokens to `account`'s credit, from which `open` pays.
    /// @param amount base units of the token
    function deposit(address token, address account, uint256 amount) external;

    /// @notice `deposit` with an ERC-2612 permit; a permit that somebody already used does not hinder.
    function depositWithPermit(
        address token,
        address account,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Sends the caller's credit to `to`.
    function withdraw(address token, address to, uint256 amount) external;

    /// @notice Sends what nodes earned to their payout addresses. Anyone may call.
    /// @return amount sent in all
    function claim(address token, uint32[] calldata nodes) external returns (uint256 amount);

    /// @notice What an account may spend or withdraw.
    function creditOf(address token, address account) external view returns (uint256);

    /// @notice What a node may claim.
    function earningsOf(address token, uint32 node) external view returns (uint256);

    /// @notice Sum of all escrow of open jobs, credits and earnings in a token; the balance is never below it.
    function liabilities(address token) external view returns (uint256);
}
