// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BatchPhase, BatchState} from "../interfaces/IJobs.sol";
import {Lanes} from "../libraries/Lanes.sol";

/// @dev A batch in one storage word, so that a commit touches one slot for it:
/// committee 128 | drawnAt 32 | settledAt 32 (before: when everybody had committed or declined) | load 8 | committed 8 | revealed 8 | phase 2, faulty 1 | size 4, 1 spare | agreed 32.
type BatchWord is uint256;

using BatchWordLib for BatchWord global;

library BatchWordLib {
    uint256 private constant DRAWN_AT = 128;
    uint256 private constant SETTLED_AT = 160;
    uint256 private constant LOAD = 192;
    uint256 private constant COMMITTED = 200;
    uint256 private constant REVEALED = 208;
    uint256 private constant PHASE = 216;
    uint256 private constant FAULTY = 218;
    uint256 private constant SIZE = 219;
    uint256 private constant AGREED = 224;

    function drawn(uint256 committee_, uint256 load_) internal view returns (BatchWord) {
        return BatchWord.wrap(
            committee_ | (block.timestamp << DRAWN_AT) | (load_ << LOAD) | (uint256(BatchPhase.Drawn) << PHASE)
                | (Lanes.count(committee_) << SIZE)
        );
    }

    function phase(BatchWord w) internal pure returns (BatchPhase) {
        return BatchPhase((BatchWord.unwrap(w) >> PHASE) & 3);
    }

    function committee(BatchWord w) internal pure returns (uint128) {
        return uint128(BatchWord.unwrap(w));
    }

    /// @return pool index of the member at a position
    function memberAt(BatchWord w, uint256 position) internal pure returns (uint16) {
        return Lanes.at(committee(w), position) - 1;
    }

    function size(BatchWord w) internal pure returns (uint256) {
        return (BatchWord.unwrap(w) >> SIZE) & 15;
    }

    function drawnAt(BatchWord w) internal pure returns (uint256) {
        return uint32(BatchWord.unwrap(w) >> DRAWN_AT);
    }

    function settledAt(BatchWord w) internal pure returns (uint256) {
        return uint32(BatchWord.unwrap(w) >> SETTLED_AT);
    }

    /// @return when reveals of a drawn batch end: they begin when everybody has acted, at the latest with the commit window
    function revealEnd(BatchWord w, uint256 commitWindow, uint256 revealWindow) internal pure returns (uint256) {
        uint256 from = settledAt(w);
        return (from == 0 ? drawnAt(w) + commitWindow : from) + revealWindow;
    }

    /// @return one bit a position that has neither committed nor declined
    function missing(BatchWord w) internal pure returns (uint256) {
        return ((1 << size(w)) - 1) & ~(committed(w) | revealed(w));
    }

    /// @dev Notes the time when nobody is missing any more.
    function timed(BatchWord w) internal view returns (BatchWord) {
        return missing(w) == 0 && settledAt(w) == 0
            ? BatchWord.wrap(BatchWord.unwrap(w) | (block.timestamp << SETTLED_AT))
            : w;
    }

    function load(BatchWord w) internal pure returns (uint256) {
        return uint8(BatchWord.unwrap(w) >> LOAD);
    }

    function committed(BatchWord w) internal pure returns (uint256) {
        return uint8(BatchWord.unwrap(w) >> COMMITTED);
    }

    function revealed(BatchWord w) internal pure returns (uint256) {
        return uint8(BatchWord.unwrap(w) >> REVEALED);
    }

    function agreed(BatchWord w) internal pure returns (uint256) {
        return uint32(BatchWord.unwrap(w) >> AGREED);
    }

    function faulty(BatchWord w) internal pure returns (bool) {
        return (BatchWord.unwrap(w) >> FAULTY) & 1 == 1;
    }

    function withCommit(BatchWord w, uint256 position) internal pure returns (BatchWord) {
        return BatchWord.wrap(BatchWord.unwrap(w) | (1 << (COMMITTED + position)));
    }

    function withReveal(BatchWord w, uint256 position) internal pure returns (BatchWord) {
        return BatchWord.wrap(BatchWord.unwrap(w) | (1 << (REVEALED + position)));
    }

    function withSettlement(BatchWord w, uint256 agreed_, bool faulty_) internal view returns (BatchWord) {
        return BatchWord.wrap(
            (BatchWord.unwrap(w) & ~((uint256(3) << PHASE) | (uint256(type(uint32).max) << SETTLED_AT))) | (uint256(BatchPhase.Settled) << PHASE)
                | (block.timestamp << SETTLED_AT) | (agreed_ << AGREED) | (uint256(faulty_ ? 1 : 0) << FAULTY)
        );
    }

    function withFinality(BatchWord w) internal pure returns (BatchWord) {
        return BatchWord.wrap(BatchWord.unwrap(w) | (uint256(BatchPhase.Finalised) << PHASE));
    }

    function decode(BatchWord w) internal pure returns (BatchState memory) {
        return BatchState({
            phase: phase(w),
            faulty: faulty(w),
            committee: committee(w),
            drawnAt: uint32(drawnAt(w)),
            settledAt: phase(w) == BatchPhase.Drawn ? 0 : uint32(settledAt(w)),
            load: uint8(load(w)),
            committedMask: uint8(committed(w)),
            revealedMask: uint8(revealed(w)),
            agreedMask: uint32(agreed(w))
        });
    }
}
