// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BatchPhase, IJobs, Terms} from "../interfaces/IJobs.sol";
import {Fault} from "../interfaces/IPools.sol";
import {BatchWord} from "../types/BatchWord.sol";
import {JobId} from "../types/Ids.sol";
import {JobLib} from "./JobLib.sol";
import {JobsViews} from "./JobsViews.sol";

/// @title Committees: what the drawn members say they found.
abstract contract Committees is JobsViews {
    /// @inheritdoc IJobs
    function commit(Terms calldata terms, uint16 number, uint8 position, bytes32 commitment) external {
        if (commitment >> 32 == 0) revert JobsZeroCommitment();
        JobId id = JobLib.idOf(terms);
        BatchWord word = _openSeat(id, terms, number, position);
        $.batches[id][number] = word.withCommit(position).timed();
        $.seats[id][JobLib.seatKey(number, position)] = _stamped(commitment, block.timestamp);
        emit Committed(id, number, position, commitment);
    }

    /// @inheritdoc IJobs
    function decline(Terms calldata terms, uint16 number, uint8 position, uint16 reason) external {
        JobId id = JobLib.idOf(terms);
        BatchWord word = _openSeat(id, terms, number, position);
        // A reveal without a commitment is otherwise impossible: it marks the seat as given up.
        $.batches[id][number] = word.withReveal(position).timed();
        JobLib.setFault($, id, number, position, Fault.Declined, reason);
        emit Declined(id, number, position, reason);
    }

    /// @inheritdoc IJobs
    function reveal(
        Terms calldata terms,
        uint16 number,
        uint8 position,
        bytes32[] calldata roots,
        bytes32 dataDigest,
        bytes32 salt
    ) external {
        JobId id = JobLib.idOf(terms);
        BatchWord word = $.batches[id][number];
        if (word.phase() != BatchPhase.Drawn) revert JobsWrongPhase(id, number, word.phase());
        _checkRoots(terms, number, position, roots);

        bytes32 rootsHash = JobLib.rootsHash(roots);
        uint256 committedAt;
        if (word.missing() == 1 << position) {
            // Everybody else has acted: nothing that this reveal shows can be copied any more.
            word = _openSeat(id, terms, number, position).withCommit(position).timed();
            committedAt = block.timestamp;
        } else {
            committedAt = _checkReveal(id, terms, number, position, word, rootsHash, dataDigest, salt);
        }
        $.batches[id][number] = word.withReveal(position);
        $.seats[id][JobLib.seatKey(number, position)] = _stamped(rootsHash, committedAt);
        emit Revealed(id, number, position, roots, dataDigest);
    }

    /// @dev The batch of a seat whose operator is calling, inside the commit window, and who has not acted yet.
    function _openSeat(JobId id, Terms calldata terms, uint16 number, uint8 position)
        private
        view
        returns (BatchWord word)
    {
        word = $.batches[id][number];
        if (word.phase() != BatchPhase.Drawn) revert JobsWrongPhase(id, number, word.phase());
        uint256 commitEnd = word.drawnAt() + terms.commitWindow;
        if (block.timestamp >= commitEnd) revert JobsTooLate(commitEnd);
        if (position >= word.size()) revert JobsNotSeated(id, number, position, msg.sender);
        if ((word.committed() | word.revealed()) & (1 << position) != 0) {
            revert JobsAlreadyActed(id, number, position);
        }
        (address operator,) = pools.seat(terms.pool, word.memberAt(position));
        if (operator != msg.sender) revert JobsNotSeated(id, number, position, msg.sender);
    }

    /// @return committedAt time of the commitment that this reveal opens
    function _checkReveal(
        JobId id,
        Terms calldata terms,
        uint16 number,
        uint8 position,
        BatchWord word,
        bytes32 rootsHash,
        bytes32 dataDigest,
        bytes32 salt
    ) private view returns (uint256 committedAt) {
        if (word.committed() & (1 << position) == 0) revert JobsNotSeated(id, number, position, msg.sender);
        if (word.revealed() & (1 << position) != 0) revert JobsAlreadyActed(id, number, position);
        uint256 commitEnd = word.drawnAt() + terms.commitWindow;
        if (word.missing() != 0 && block.timestamp < commitEnd) revert JobsTooEarly(commitEnd);
        uint256 revealEnd = word.revealEnd(terms.commitWindow, terms.revealWindow);
        if (block.timestamp >= revealEnd) revert JobsTooLate(revealEnd);

        bytes32 expected = $.seats[id][JobLib.seatKey(number, position)];
        committedAt = uint32(uint256(expected));
        bytes32 commitment =
            JobLib.commitment(block.chainid, address(this), id, number, position, rootsHash, dataDigest, salt);
        if (_stamped(commitment, committedAt) != expected) revert JobsWrongReveal(expected, commitment);
    }

    function _checkRoots(Terms calldata terms, uint16 number, uint8 position, bytes32[] calldata roots) private pure {
        uint256 seats = JobLib.seatCount(terms, number, position);
        if (roots.length != seats) revert JobsWrongCount(roots.length, seats);
        for (uint256 i; i < seats; ++i) {
            if (roots[i] == 0) revert JobsZeroRoot(i);
        }
    }

    /// @dev 224 bits of a hash keep 112 bits against collisions and leave room for the time.
    function _stamped(bytes32 hash, uint256 time) private pure returns (bytes32) {
        return bytes32((uint256(hash) & ~uint256(type(uint32).max)) | time);
    }
}
