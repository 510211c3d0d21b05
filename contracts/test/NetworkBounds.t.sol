// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IJobs, JobState, JobStatus, Quote, ShardStatus, Terms} from "../interfaces/IJobs.sol";
import {IParameters, ParameterSet} from "../interfaces/IParameters.sol";
import {IPools} from "../interfaces/IPools.sol";
import {Seats} from "../libraries/Seats.sol";
import {JobId} from "../types/Ids.sol";
import {NetworkBase} from "./NetworkBase.t.sol";

/// @dev Invariants 6, 11 and 12 of docs/INVARIANTS.md at the ends of their ranges. Roots are plain words here: the
/// contracts look into a tree only when a conflict is opened.
contract NetworkBoundsTest is NetworkBase {
    uint256 private constant BLOCK_GAS = 30_000_000;
    uint256 private constant MEMBERS = 12;
    uint256 private constant SHARDS = 64 * Seats.BATCH; // the largest job
    bytes32 private constant DATA = keccak256("data");

    address private client = makeAddr("client");
    uint16[] private committee;

    function setUp() public {
        deployNetwork();
        for (uint256 i; i < MEMBERS; ++i) {
            _join(900);
        }
        net.usdc.mint(address(this), 1e12);
        net.usdc.approve(address(net.jobs), 1e12);
        net.jobs.deposit(address(net.usdc), client, 1e12);
        vm.warp((vm.getBlockTimestamp() / EPOCH_SECONDS + 1) * EPOCH_SECONDS);
    }

    // --- 6 ---

    /// @dev Good for one seat of one batch of one job of one contract on one chain, and for what was seen.
    function testFuzz_6_EveryWordOfACommitmentBinds(uint256 which, bytes32 noise) public {
        vm.assume(noise != 0);
        Terms memory t = _openDrawn(1, 10, 2, 2);
        bytes32[9] memory words = _commitmentWords(t, 0);
        words[which % 9] ^= noise;
        _commit(t, 0, keccak256(abi.encode(words)));
        _commit(t, 1, keccak256(abi.encode(_commitmentWords(t, 1))));
        bytes memory reveal =
            abi.encodeCall(IJobs.reveal, (t, 0, 0, _roots(t, 0, false), DATA, bytes32(uint256(1))));
        (bool taken, bytes memory reason) = address(net.jobs).call(reveal);
        assertFalse(taken, "another commitment was opened");
        assertEq(bytes4(reason), IJobs.JobsWrongReveal.selector);
        net.jobs.reveal(t, 0, 1, _roots(t, 1, false), DATA, bytes32(uint256(1)));
    }

    // --- 11 ---

    function testFuzz_11_FeesBeyondTheirCapsAreRefused(uint16 protocolFee, uint16 aggregatorFee, uint16 bounty) public {
        ParameterSet memory set = settings();
        (set.protocolFeeBps, set.maxAggregatorFeeBps, set.bountyBps) = (protocolFee, aggregatorFee, bounty);
        (set.drawFeeBps, set.minAggregatorFeeBps) = (0, 0);
        bool right = protocolFee <= 1_000 && aggregatorFee <= 200 && bounty <= 5_000;
        vm.prank(net.timelock);
        (bool taken,) = address(net.parameters).call(abi.encodeCall(IParameters.publish, (set)));
        assertEq(taken, right);
    }

    // --- 12 ---

    function test_12_AJobCostsTheSameForAnyNumberOfItems() public {
        uint32[5] memory items = [uint32(1), 2, 1_000, 1 << 20, 1 << 24];
        uint256 before = vm.snapshotState();
        _costOf(1); // what stays warm from now on is warm for all
        vm.revertToState(before);
        uint256 first = _costOf(1);
        for (uint256 i; i < items.length; ++i) {
            vm.revertToState(before);
            assertApproxEqRel(_costOf(items[i]), first, 0.03e18);
        }
    }

    /// @dev Thirty-two shards of eight replicas: the most that a call settles or pays.
    function test_12_TheLargestBatchFitsABlock() public {
        Terms memory t = _openDrawn(32, 10, 8, 8);
        bytes32[][] memory lists = _play(t, false);
        uint256 gas = gasleft();
        net.jobs.settle(t, 0, lists);
        assertLt(gas - gasleft(), BLOCK_GAS / 4, "settle");
        vm.warp(vm.getBlockTimestamp() + t.challengeWindow);
        gas = gasleft();
        net.jobs.finalise(t, _zero());
        assertLt(gas - gasleft(), BLOCK_GAS / 4, "finalise");
        assertEq(uint256(net.jobs.job(net.jobs.jobId(t)).status), uint256(JobStatus.Completed));
    }

    /// @dev The same where no two replicas agree: every shard becomes a case of its own.
    function test_12_TheLargestConflictFitsABlock() public {
        Terms memory t = _openDrawn(32, 10, 8, 8);
        bytes32[][] memory lists = _play(t, true);
        uint256 gas = gasleft();
        net.jobs.settle(t, 0, lists);
        assertLt(gas - gasleft(), BLOCK_GAS * 3 / 4, "settle");
        JobId id = net.jobs.jobId(t);
        for (uint32 shard; shard < 32; ++shard) {
            assertEq(uint256(net.jobs.shardCase(id, shard).status), uint256(ShardStatus.Pending));
        }
    }

    /// @dev However many members cannot serve, a draw gives up after so many tries as its committee asks for.
    function test_12_DrawTriesAreBounded() public {
        uint256 few = _failedDraw();
        for (uint256 i; i < 300; ++i) {
            _join(1);
        }
        vm.warp((vm.getBlockTimestamp() / EPOCH_SECONDS + 1) * EPOCH_SECONDS);
        uint256 many = _failedDraw();
        assertLt(many, 2_000_000);
        assertLt(few, many);
    }

    /// @dev Ending a job touches no shard of it.
    function test_12_TheLargestJobExpiresInOneCheapCall() public {
        Terms memory t = _terms(SHARDS, 10, 2, 8);
        vm.prank(client);
        net.jobs.open(t, Quote(0, ""), "");
        vm.warp(uint256(t.deadline) + 1);
        uint256 gas = gasleft();
        net.jobs.expire(t);
        assertLt(gas - gasleft(), 200_000);
        JobState memory j = net.jobs.job(net.jobs.jobId(t));
        assertEq(uint256(j.status), uint256(JobStatus.Refunded));
        assertEq(net.jobs.creditOf(address(net.usdc), client), 1e12);
    }

    // --- internals ---

    function _join(uint16 capacity) private {
        address owner = address(uint160(0x10_0000 + net.staking.nodeCount()));
        vm.prank(owner);
        uint32 node = net.staking.register(owner, owner, PROFILE, 0);
        uint256 amount = uint256(capacity) * SLOT;
        net.infer.approve(address(net.staking), amount);
        net.staking.deposit(node, amount);
        vm.prank(owner);
        net.pools.joinPool(net.pool, capacity);
    }

    function _terms(uint256 shards, uint32 itemsPerShard, uint8 k, uint8 width) private view returns (Terms memory t) {
        t.client = client;
        t.parameters = 1;
        t.manifest = "manifest";
        t.pool = net.pool;
        t.token = address(net.usdc);
        t.shardReward = 50_000;
        t.items = uint64(shards * itemsPerShard);
        t.itemsPerShard = itemsPerShard;
        t.unitsPerShard = 10;
        (t.replicas, t.committeeWidth) = (k, width);
        (t.commitWindow, t.revealWindow, t.challengeWindow) = (700, 600, 1 days);
        t.deadline = uint40(vm.getBlockTimestamp() + 1 days);
    }

    function _openDrawn(uint256 shards, uint32 itemsPerShard, uint8 k, uint8 width) private returns (Terms memory t) {
        t = _terms(shards, itemsPerShard, k, width);
        vm.prank(client);
        JobId id = net.jobs.open(t, Quote(0, ""), "");
        vm.roll(vm.getBlockNumber() + 2);
        net.jobs.draw(t, _zero());
        delete committee;
        for (uint256 lanes = net.jobs.batch(id, 0).committee; lanes != 0; lanes >>= 16) {
            committee.push(uint16(lanes) - 1);
        }
    }

    /// @return gas of draw, commits, reveals, settlement and payment
    function _costOf(uint32 itemsPerShard) private returns (uint256 gas) {
        gas = gasleft();
        Terms memory t = _openDrawn(4, itemsPerShard, 2, 4);
        net.jobs.settle(t, 0, _play(t, false));
        vm.warp(vm.getBlockTimestamp() + t.challengeWindow);
        net.jobs.finalise(t, _zero());
        return gas - gasleft();
    }

    /// @return gas of a draw for a load that nobody has free
    function _failedDraw() private returns (uint256 gas) {
        Terms memory t = _terms(32, 10, 8, 8);
        t.shardReward = 10_000_000; // 32 slots a replica, 32 replicas
        t.nonce = net.staking.nodeCount();
        vm.prank(client);
        net.jobs.open(t, Quote(0, ""), "");
        vm.roll(vm.getBlockNumber() + 2);
        gas = gasleft();
        (bool drawn, bytes memory reason) = address(net.jobs).call(abi.encodeCall(IJobs.draw, (t, _zero())));
        gas -= gasleft();
        assertFalse(drawn);
        assertEq(bytes4(reason), IPools.PoolsTooFewEligible.selector);
    }

    function _play(Terms memory t, bool conflicting) private returns (bytes32[][] memory lists) {
        lists = new bytes32[][](committee.length);
        for (uint8 p; p < lists.length; ++p) {
            lists[p] = _roots(t, p, conflicting);
            _commit(t, p, keccak256(abi.encode(_words(t, p, lists[p]))));
        }
        for (uint8 p; p < lists.length; ++p) {
            net.jobs.reveal(t, 0, p, lists[p], DATA, bytes32(uint256(1)));
        }
    }

    function _commit(Terms memory t, uint8 position, bytes32 commitment) private {
        (address operator,) = net.pools.seat(net.pool, committee[position]);
        vm.prank(operator);
        net.jobs.commit(t, 0, position, commitment);
    }

    function _roots(Terms memory t, uint256 position, bool conflicting) private pure returns (bytes32[] memory roots) {
        uint256 n = t.items / t.itemsPerShard;
        uint256 c = Seats.committeeSize(n, t.replicas, t.committeeWidth);
        roots = new bytes32[](Seats.count(position, n, t.replicas, c));
        uint256 found;
        for (uint256 i; i < n; ++i) {
            for (uint256 r; r < t.replicas; ++r) {
                if (Seats.positionOf(i, r, t.replicas, c) != position) continue;
                roots[found++] = keccak256(abi.encode(i, conflicting ? position : 99));
            }
        }
    }

    function _commitmentWords(Terms memory t, uint256 position) private view returns (bytes32[9] memory) {
        return _words(t, position, _roots(t, position, false));
    }

    function _words(Terms memory t, uint256 position, bytes32[] memory roots)
        private
        view
        returns (bytes32[9] memory)
    {
        return [
            keccak256(
                "InfernetCommit(uint256 chainId,address jobs,bytes32 jobId,uint256 batch,uint256 position,bytes32 rootsHash,bytes32 dataDigest,bytes32 salt)"
            ),
            bytes32(block.chainid),
            bytes32(uint256(uint160(address(net.jobs)))),
            JobId.unwrap(net.jobs.jobId(t)),
            0,
            bytes32(position),
            keccak256(abi.encodePacked(roots)),
            DATA,
            bytes32(uint256(1))
        ];
    }

    function _zero() private pure returns (uint16[] memory) {
        return new uint16[](1);
    }
}
