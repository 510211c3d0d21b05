// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {InfernetToken} from "../../../InfernetToken.sol";
import {Pools} from "../../../Pools.sol";
import {Staking} from "../../../Staking.sol";
import {DrawRequest, Fault, Member, Outcome} from "../../../interfaces/IPools.sol";
import {Proceeds, Stake, Ticket} from "../../../interfaces/IStaking.sol";
import {PoolId} from "../../../types/Ids.sol";
import {CoreBase} from "../../CoreBase.t.sol";

/// @title CoreHandler: what owners, Jobs and Slashing may do to Staking and Pools, in any order.
/// @dev Every action is made legal before it is sent, so that a revert is a finding. Ghosts count what went in and out.
contract CoreHandler is CoreBase {
    struct Seat {
        PoolId pool;
        uint16 member;
        uint16 slots;
    }

    struct Frozen {
        uint32 node;
        uint128 amount;
    }

    uint256 public constant NODES = 4;
    uint256 public constant POOLS = 2;
    uint256 internal constant MAX_CAPACITY = 12;

    PoolId[2] public poolIds;
    Seat[] internal _seats;
    Frozen[] internal _frozen;
    uint256[] internal _tickets;

    mapping(uint32 node => uint256) public paidIn;
    mapping(uint32 node => uint256) public paidOut;
    mapping(uint32 node => uint256) public unbonding;
    uint256 public burned;
    uint256 public draws;

    /// @param poolIds_ two pools; the test has funded this contract and registered `NODES` owners with `stake` each
    constructor(
        InfernetToken infer_,
        Staking staking_,
        Pools pools_,
        address jobs_,
        address slashing_,
        PoolId[2] memory poolIds_,
        uint256 stake
    ) {
        (infer, staking, pools, jobs, slashing) = (infer_, staking_, pools_, jobs_, slashing_);
        poolIds = poolIds_;
        for (uint256 i; i < NODES; ++i) {
            paidIn[uint32(i + 1)] = stake;
        }
    }

    // --- owners ---

    function deposit(uint256 who, uint256 amount) external {
        uint32 node = _node(who);
        amount = bound(amount, 1, 5 * SLOT);
        infer.approve(address(staking), amount);
        staking.deposit(node, amount);
        paidIn[node] += amount;
    }

    function requestUnbonding(uint256 who, uint256 amount) external {
        uint32 node = _node(who);
        uint128 free = staking.stakeOf(node).free;
        if (free == 0) return;
        amount = bound(amount, 1, free);
        vm.prank(staking.ownerOf(node));
        _tickets.push(staking.requestUnbonding(uint128(amount)));
        unbonding[node] += amount;
    }

    function withdraw(uint256 which) external {
        if (_tickets.length == 0) return;
        uint256 i = which % _tickets.length;
        Ticket memory t = staking.ticket(_tickets[i]);
        if (t.readyAt > block.timestamp) vm.warp(t.readyAt);
        staking.withdraw(_tickets[i]);
        paidOut[t.node] += t.amount;
        unbonding[t.node] -= t.amount;
        _tickets[i] = _tickets[_tickets.length - 1];
        _tickets.pop();
    }

    function setCapacity(uint256 who, uint256 which, uint256 capacity) external {
        uint32 node = _node(who);
        PoolId pool = poolIds[which % POOLS];
        (uint16 index, bool found) = pools.memberOf(pool, node);
        Member memory m = pools.member(pool, index);
        uint256 held = found ? _max(m.capacity, m.nextCapacity) : 0;
        bool jailed = pools.standing(node).jailedUntil > block.timestamp;
        uint256 most = jailed ? (found ? m.nextCapacity : 0) : held + staking.stakeOf(node).free / SLOT;
        capacity = bound(capacity, 0, most < MAX_CAPACITY ? most : MAX_CAPACITY);
        // maturing first may release stake, never need more
        if (!found && capacity == 0) return;
        vm.prank(staking.ownerOf(node));
        if (found) pools.setCapacity(pool, uint16(capacity));
        else pools.joinPool(pool, uint16(capacity));
    }

    function setPaused(uint256 which, uint256 member, bool paused) external {
        (PoolId pool, uint16 index) = _member(which, member);
        address owner = staking.ownerOf(pools.member(pool, index).node);
        if (owner == address(0)) return;
        vm.prank(owner);
        pools.setPaused(pool, index, paused);
    }

    function sync(uint256 which, uint256 member) external {
        (PoolId pool, uint16 index) = _member(which, member);
        if (pools.memberCount(pool) != 0) pools.sync(pool, index);
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 3 * uint256(EPOCH_SECONDS)));
    }

    // --- Jobs ---

    function draw(uint256 which, uint256 seed) external {
        PoolId pool = poolIds[which % POOLS];
        DrawRequest memory r = request(pool, seed, uint8(1 + (seed >> 8) % 3), uint16(1 + (seed >> 16) % 3));
        vm.prank(jobs);
        try pools.draw(r) returns (uint256 committee) {
            ++draws;
            for (; committee != 0; committee >>= 16) {
                _seats.push(Seat(pool, uint16(committee) - 1, r.slots));
            }
        } catch {}
    }

    function settle(uint256 which, uint256 agreed, uint256 latency) external {
        if (_seats.length == 0) return;
        Seat memory s = _pop(which);
        Outcome[] memory one = new Outcome[](1);
        one[0] = Outcome(s.member, s.slots, uint16(agreed), uint32(latency));
        vm.prank(jobs);
        pools.settle(s.pool, one);
    }

    function bond(uint256 who, uint256 amount, bool burn) external {
        uint32 node = _node(who);
        Stake memory stake = staking.stakeOf(node);
        vm.startPrank(burn ? slashing : jobs);
        staking.postBond(node, uint128(bound(amount, 0, stake.free)));
        amount = bound(amount, 0, staking.stakeOf(node).bonded / 2);
        if (burn) {
            staking.burnBond(node, uint128(amount));
            paidOut[node] += amount;
            burned += amount;
        } else {
            staking.releaseBond(node, uint128(amount));
        }
        vm.stopPrank();
    }

    // --- Slashing ---

    function convict(uint256 which, uint256 slots, uint256 fault) external {
        if (_seats.length == 0) return;
        Seat memory s = _pop(which);
        uint16 taken = uint16(bound(slots, 0, s.slots));
        vm.startPrank(slashing);
        pools.recordFault(s.pool, s.member, Fault(fault % 5), 1);
        if (taken < s.slots) pools.free(s.pool, s.member, s.slots - taken);
        (uint32 node, uint128 amount) = pools.seize(s.pool, s.member, taken);
        vm.stopPrank();
        _frozen.push(Frozen(node, amount));
    }

    function decide(uint256 which, bool cancelled, uint256 proverReward, uint256 panelReward) external {
        if (_frozen.length == 0) return;
        uint256 i = which % _frozen.length;
        Frozen memory f = _frozen[i];
        _frozen[i] = _frozen[_frozen.length - 1];
        _frozen.pop();
        vm.startPrank(slashing);
        if (cancelled) {
            staking.thaw(f.node, f.amount);
            pools.pardon(f.node);
        } else {
            uint32 judge = uint32(which % NODES) + 1;
            uint256 before = staking.stakeOf(judge).free;
            uint256 supply = infer.totalSupply();
            staking.slash(
                f.node,
                f.amount,
                Proceeds(address(0xbeef), uint128(proverReward % SLOT), judge, uint128(panelReward % SLOT))
            );
            paidOut[f.node] += f.amount;
            paidIn[judge] += staking.stakeOf(judge).free - before;
            burned += supply - infer.totalSupply();
        }
        vm.stopPrank();
        if (staking.rewardOf(address(0xbeef)) != 0 && which & 1 == 0) {
            vm.prank(address(0xbeef));
            staking.claimReward();
        }
    }

    // --- for the invariants ---

    /// @notice Slots that open work holds of a member.
    function outstanding(PoolId pool, uint16 member) external view returns (uint256 slots) {
        for (uint256 i; i < _seats.length; ++i) {
            if (_seats[i].pool == pool && _seats[i].member == member) slots += _seats[i].slots;
        }
    }

    // --- internals ---

    function _node(uint256 who) internal pure returns (uint32) {
        return uint32(who % NODES) + 1;
    }

    function _member(uint256 which, uint256 member) internal view returns (PoolId pool, uint16 index) {
        pool = poolIds[which % POOLS];
        uint256 count = pools.memberCount(pool);
        if (count != 0) index = uint16(member % count);
    }

    function _pop(uint256 which) internal returns (Seat memory s) {
        uint256 i = which % _seats.length;
        s = _seats[i];
        _seats[i] = _seats[_seats.length - 1];
        _seats.pop();
    }

    function _max(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a : b;
    }
}
