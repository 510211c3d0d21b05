// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {JobId} from "../types/Ids.sol";
import {Terms} from "./IJobs.sol";
import {Fault} from "./IPools.sol";

/// @notice One side of a conflict, opened at an item.
struct Opening {
    uint8 replica; // of the shard case
    bytes32 resultDigest; // sha2-256 of the item's result
    bytes32[] proof; // siblings, bottom up
}

enum SlashStatus {
    None,
    Pending, // may be appealed until `due`
    Appealed, // governance decides until `due`
    Executed,
    Cancelled
}

/// @notice A lock that answers for a fault.
struct Slash {
    uint32 node;
    Fault fault;
    SlashStatus status;
    uint40 due;
    uint128 amount; // wei of INFER, frozen
    uint128 bond; // of the appeal
    address prover;
    uint128 proverReward;
    uint256 panel; // eight 32-bit lanes of node ids to be paid from the proceeds
    uint128 panelReward;
    uint32 parameters;
}

/// @title Slashing: conflicts, verdicts, punishments and appeals.
interface ISlashing {
    event ConflictOpened(JobId indexed job, uint32 indexed shard, uint16 panel, uint32 item, address indexed prover);
    event VerdictReached(JobId indexed job, uint32 indexed shard, uint16 panel, bytes32 verdict, uint16 convictedMask);
    event PanelTied(JobId indexed job, uint32 indexed shard, uint16 panel);
    event SlashProposed(
        uint256 indexed slash, JobId indexed job, uint32 indexed node, Fault fault, uint256 amount, uint256 due, address prover
    );
    event FaultPenalised(JobId indexed job, uint32 indexed node, Fault fault, uint256 amount, address prover);
    event FaultWaived(JobId indexed job, uint32 indexed node);
    event AppealFiled(uint256 indexed slash, uint256 bond);
    event SlashCancelled(uint256 indexed slash);
    event SlashExecuted(uint256 indexed slash, uint256 amount);

    error SlashingUnauthorized(address caller);
    error SlashingNotConflicting(JobId job, uint32 shard);
    error SlashingSameResult(uint32 item);
    error SlashingSameReplica(uint8 replica);
    error SlashingUnknownReplica(uint8 replica);
    error SlashingWrongProof(uint8 replica);
    error SlashingUnknownItem(uint32 item, uint256 items);
    error SlashingTooEarly(uint256 notBefore);
    error SlashingTooLate(uint256 notAfter);
    error SlashingUnknownPanel(JobId job, uint16 panel);
    error SlashingWrongStatus(uint256 slash, SlashStatus status);

    /// @notice Opens a conflict at an item whose results differ and orders a panel for it. Anyone may.
    function openConflict(Terms calldata terms, uint32 shard, uint32 item, Opening calldata a, Opening calldata b) external;

    /// @notice When nobody could open a conflict in `resolveWindow` (somebody withholds data), orders a panel for the whole shard. Anyone may.
    function openWholeConflict(Terms calldata terms, uint32 shard) external;

    /// @notice Counts a panel and convicts whose result differs from its verdict. Anyone may.
    /// @param results of each position in committee order: leaf (item panel) or root (shard panel); 0 for who did not reveal
    function judge(Terms calldata terms, uint16 panel, bytes32[] calldata results) external;

    /// @notice Punishes a member that declined, missed or stayed silent; the caller earns a bounty. Anyone may.
    function punish(Terms calldata terms, uint16 batch, uint8 position) external;

    /// @notice The node's owner appeals before `due`, with a bond from its free stake.
    function appeal(uint256 slash) external;

    /// @notice Decides an appeal. Only the Timelock; it may cancel a slash, never create one.
    function decide(uint256 slash, bool cancel) external;

    /// @notice Executes a slash that is due. Anyone may.
    function execute(uint256 slash) external;

    function slashCount() external view returns (uint256);
    function slashOf(uint256 id) external view returns (Slash memory);
}
