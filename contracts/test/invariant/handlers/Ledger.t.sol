// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Slash} from "../../../interfaces/ISlashing.sol";
import {HandlerBase} from "./HandlerBase.t.sol";

/// @title Ledger: what everybody must own, kept by the rules of PROTOCOL and never read back from the contracts.
abstract contract Ledger is HandlerBase {
    mapping(address account => uint256) public credit;
    mapping(uint32 node => uint256) public earnings;
    mapping(address prover => uint256) public reward;
    /// @notice All of a node's stake, whatever it is used for.
    mapping(uint32 node => uint256) public stake;
    mapping(uint32 node => uint256) public frozen;
    mapping(uint32 node => uint256) public bonded;
    mapping(uint32 node => uint256) public unbonding;
    uint256 public burned;
    uint256 public donatedUsdc;
    uint256 public donatedInfer;

    /// @dev Faults that were punished, by seat.
    mapping(bytes32 seat => bool) private _served;
    uint256 internal _slashes;

    /// @dev A piece of evidence serves once.
    function _serve(uint256 job, uint256 number, uint256 position, uint256 shard) internal {
        bytes32 seat = keccak256(abi.encode(job, number, position, shard));
        _hold(7, !_served[seat], "evidence served twice");
        _served[seat] = true;
    }

    function _freeze(uint32 node, uint256 amount) internal {
        frozen[node] += amount;
    }

    /// @dev A slash that executes: prover first, then the panel, the rest burns.
    function _execute(Slash memory s) internal {
        uint256 rest = s.amount;
        frozen[s.node] -= rest;
        stake[s.node] -= rest;
        if (s.prover != address(0)) rest = _rewarded(s.prover, s.proverReward, rest);
        for (uint256 lanes = s.panel; lanes != 0; lanes >>= 32) {
            uint256 share = s.panelReward < rest ? s.panelReward : rest;
            stake[uint32(lanes)] += share;
            rest -= share;
        }
        burned += rest;
    }

    function _burnStake(uint32 node, uint256 amount) internal {
        stake[node] -= amount;
        burned += amount;
    }

    /// @return rest of `amount` after the prover's part
    function _rewarded(address prover, uint256 share, uint256 amount) internal returns (uint256 rest) {
        if (share > amount) share = amount;
        reward[prover] += share;
        return amount - share;
    }
}
