// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Record} from "../interfaces/IPools.sol";

/// @dev A `Record` in one word, its fields in order, lowest first: good 48 | bad 48 | latency 32 | streak 16 | score 16 |
/// updatedAt 40. Settlement reads and writes it by the field, which costs half of what a struct in memory does.
type RecordWord is uint256;

using RecordWordLib for RecordWord global;

/// @title RecordWordLib: fields of a member's record.
library RecordWordLib {
    function pack(uint256 good_, uint256 bad_, uint256 latency_, uint256 streak_, uint256 score_, uint256 updatedAt_)
        internal
        pure
        returns (RecordWord)
    {
        return RecordWord.wrap(
            good_ | (bad_ << 48) | (latency_ << 96) | (streak_ << 128) | (score_ << 144) | (updatedAt_ << 160)
        );
    }

    function good(RecordWord word) internal pure returns (uint256) {
        return uint48(RecordWord.unwrap(word));
    }

    function bad(RecordWord word) internal pure returns (uint256) {
        return uint48(RecordWord.unwrap(word) >> 48);
    }

    function latency(RecordWord word) internal pure returns (uint256) {
        return uint32(RecordWord.unwrap(word) >> 96);
    }

    function streak(RecordWord word) internal pure returns (uint256) {
        return uint16(RecordWord.unwrap(word) >> 128);
    }

    function score(RecordWord word) internal pure returns (uint256) {
        return uint16(RecordWord.unwrap(word) >> 144);
    }

    function updatedAt(RecordWord word) internal pure returns (uint256) {
        return uint40(RecordWord.unwrap(word) >> 160);
    }

    function unpacked(RecordWord word) internal pure returns (Record memory) {
        return Record({
            good: uint48(word.good()),
            bad: uint48(word.bad()),
            latency: uint32(word.latency()),
            streak: uint16(word.streak()),
            score: uint16(word.score()),
            updatedAt: uint40(word.updatedAt())
        });
    }
}
