// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {JobLib} from "../jobs/JobLib.sol";
import {ResultTree} from "../libraries/ResultTree.sol";
import {Seats} from "../libraries/Seats.sol";
import {JobId, PoolId} from "../types/Ids.sol";

/// @title LibraryHarness: makes pure library functions callable, so that tests hold them against test/vectors.
contract LibraryHarness {
    function leaf(uint64 index, bytes32 resultDigest) external pure returns (bytes32) {
        return ResultTree.leaf(index, resultDigest);
    }

    function verify(bytes32 root, bytes32 leaf_, uint256 index, uint256 items, bytes32[] calldata proof)
        external
        pure
        returns (bool)
    {
        return ResultTree.verify(root, leaf_, index, items, proof);
    }

    function commitment(
        uint256 chainId,
        address jobs,
        JobId id,
        uint256 batch,
        uint256 position,
        bytes32[] calldata roots,
        bytes32 dataDigest,
        bytes32 salt
    ) external pure returns (bytes32) {
        return JobLib.commitment(chainId, jobs, id, batch, position, JobLib.rootsHash(roots), dataDigest, salt);
    }

    /// @return width of the committee
    /// @return load most shards of one member
    /// @return positions `k` for each of the `n` shards, in order
    function seats(uint256 n, uint256 k, uint256 committeeWidth)
        external
        pure
        returns (uint256 width, uint256 load, uint256[] memory positions)
    {
        width = Seats.committeeSize(n, k, committeeWidth);
        load = Seats.load(n, k, width);
        positions = new uint256[](n * k);
        for (uint256 i; i < positions.length; ++i) {
            positions[i] = Seats.positionOf(i / k, i % k, k, width);
        }
    }

    function seatCount(uint256 position, uint256 n, uint256 k, uint256 width) external pure returns (uint256) {
        return Seats.count(position, n, k, width);
    }

    function sameJob(JobId a, JobId b) external pure returns (bool) {
        return a == b;
    }

    function samePool(PoolId a, PoolId b) external pure returns (bool) {
        return a == b;
    }
}
