// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev operator 160 | node 32 | capacity 16 | busy 16 | flags 8 | spare 24, lowest first: all that a draw, a commit
/// and a settlement need of a member.
type MemberWord is uint256;

/// @dev next capacity 16 | capacity while pending 16 | epoch of the change 32 | next paused 8, lowest first.
/// Read only while the member's PENDING flag is set.
type PendingWord is uint256;

using MemberWordLib for MemberWord global;
using PendingWordLib for PendingWord global;

/// @title MemberWordLib: fields of a member's word.
library MemberWordLib {
    uint256 internal constant PENDING = 1;
    uint256 internal constant PAUSED = 2;
    uint256 internal constant SUSPENDED = 4;

    uint256 private constant NODE = 160;
    uint256 private constant CAPACITY = 192;
    uint256 private constant BUSY = 208;
    uint256 private constant FLAGS = 224;
    uint256 private constant LANE = 0xffff;

    function operator(MemberWord word) internal pure returns (address) {
        return address(uint160(MemberWord.unwrap(word)));
    }

    function node(MemberWord word) internal pure returns (uint32) {
        return uint32(MemberWord.unwrap(word) >> NODE);
    }

    function capacity(MemberWord word) internal pure returns (uint16) {
        return uint16(MemberWord.unwrap(word) >> CAPACITY);
    }

    function busy(MemberWord word) internal pure returns (uint16) {
        return uint16(MemberWord.unwrap(word) >> BUSY);
    }

    function has(MemberWord word, uint256 flag) internal pure returns (bool) {
        return (MemberWord.unwrap(word) >> FLAGS) & flag != 0;
    }

    function withOperator(MemberWord word, address operator_) internal pure returns (MemberWord) {
        return MemberWord.wrap((MemberWord.unwrap(word) >> 160 << 160) | uint160(operator_));
    }

    function withNode(MemberWord word, uint32 node_) internal pure returns (MemberWord) {
        return MemberWord.wrap((MemberWord.unwrap(word) & ~(uint256(type(uint32).max) << NODE)) | (uint256(node_) << NODE));
    }

    function withCapacity(MemberWord word, uint16 capacity_) internal pure returns (MemberWord) {
        return MemberWord.wrap((MemberWord.unwrap(word) & ~(LANE << CAPACITY)) | (uint256(capacity_) << CAPACITY));
    }

    function withBusy(MemberWord word, uint16 busy_) internal pure returns (MemberWord) {
        return MemberWord.wrap((MemberWord.unwrap(word) & ~(LANE << BUSY)) | (uint256(busy_) << BUSY));
    }

    function withFlag(MemberWord word, uint256 flag, bool on) internal pure returns (MemberWord) {
        uint256 bit = flag << FLAGS;
        return MemberWord.wrap(on ? MemberWord.unwrap(word) | bit : MemberWord.unwrap(word) & ~bit);
    }
}

/// @title PendingWordLib: fields of a change that waits for its epoch.
library PendingWordLib {
    /// @param next capacity from the epoch after `epoch` on
    /// @param active capacity that draws respect until then
    /// @param epoch in which the change was made
    /// @param paused from the epoch after `epoch` on
    function pack(uint16 next, uint16 active, uint256 epoch, bool paused) internal pure returns (PendingWord) {
        return PendingWord.wrap(
            uint256(next) | (uint256(active) << 16) | (uint256(uint32(epoch)) << 32) | (paused ? 1 << 64 : 0)
        );
    }

    function nextCapacity(PendingWord word) internal pure returns (uint16) {
        return uint16(PendingWord.unwrap(word));
    }

    function activeCapacity(PendingWord word) internal pure returns (uint16) {
        return uint16(PendingWord.unwrap(word) >> 16);
    }

    function changedAt(PendingWord word) internal pure returns (uint32) {
        return uint32(PendingWord.unwrap(word) >> 32);
    }

    function nextPaused(PendingWord word) internal pure returns (bool) {
        return (PendingWord.unwrap(word) >> 64) & 1 != 0;
    }
}
