// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Member} from "../../../interfaces/IPools.sol";
import {Ticket} from "../../../interfaces/IStaking.sol";
import {Reach} from "./HandlerBase.t.sol";
import {DisputeActions} from "./DisputeActions.t.sol";

/// @title OwnerActions: what owners of nodes do with stake, pools, keys and earnings, and clients with their credit.
abstract contract OwnerActions is DisputeActions {
    uint256 internal constant STAKE = 300 * SLOT;
    uint16 internal constant CAPACITY = 80;

    uint256[] internal _tickets;

    // --- nodes ---

    /// @dev A new owner registers, stakes and joins.
    function _register(uint256 capacity) internal {
        uint256 i = _owners.length;
        address owner = _account(string.concat("owner ", vm.toString(i)));
        _owners.push(owner);
        address operator = _account(string.concat("operator ", vm.toString(i)));
        vm.prank(owner);
        uint32 node = net.staking.register(operator, owner, PROFILE, 0);
        _stakeFor(node, STAKE);
        if (capacity == 0) return;
        vm.prank(owner);
        net.pools.joinPool(net.pool, uint16(capacity));
        _saw(Reach.Joined);
    }

    function _stakeFor(uint32 node, uint256 amount) internal {
        net.infer.approve(address(net.staking), amount);
        net.staking.deposit(node, amount);
        stake[node] += amount;
    }

    function _stakeByPermit(uint256 who, uint256 amount) internal {
        (uint32 node, address owner) = _nodeOf(who);
        net.infer.transfer(owner, amount);
        (uint8 v, bytes32 r, bytes32 s) = _permit(net.infer, owner, address(net.staking), amount);
        vm.prank(owner);
        net.staking.depositWithPermit(node, amount, type(uint256).max, v, r, s);
        stake[node] += amount;
        _saw(Reach.DepositedByPermit);
    }

    /// @dev Joins, grows, shrinks or leaves (capacity 0).
    function _resize(uint256 who, uint256 seed) internal {
        (uint32 node, address owner) = _nodeOf(who);
        (uint16 index, bool found) = net.pools.memberOf(net.pool, node);
        Member memory m;
        if (found) m = net.pools.member(net.pool, index);
        uint256 held = m.capacity > m.nextCapacity ? m.capacity : m.nextCapacity;
        uint256 most = held + net.staking.stakeOf(node).free / SLOT;
        if (net.pools.standing(node).jailedUntil > _now()) most = m.nextCapacity;
        if (most > CAPACITY) most = CAPACITY;
        uint256 capacity = seed % 4 == 0 ? 0 : most - (seed >> 8) % (most / 4 + 1);
        if (!found && capacity == 0) return;
        vm.prank(owner);
        if (found) net.pools.setCapacity(net.pool, uint16(capacity));
        else net.pools.joinPool(net.pool, uint16(capacity));
        _saw(capacity == 0 ? Reach.Left : Reach.Joined);
    }

    function _pauseMember(uint256 who, bool paused) internal {
        (uint32 node, address owner) = _nodeOf(who);
        (uint16 index, bool found) = net.pools.memberOf(net.pool, node);
        if (!found) return;
        vm.prank(owner);
        net.pools.setPaused(net.pool, index, paused);
    }

    function _syncMember(uint256 who) internal {
        uint256 count = net.pools.memberCount(net.pool);
        if (count != 0) net.pools.sync(net.pool, uint16(who % count));
    }

    /// @dev A new hot key. Draws before the next `sync` still seat the old one.
    function _rotateKey(uint256 who, uint256 seed) internal {
        (, address owner) = _nodeOf(who);
        address operator = _account(string.concat("hot key ", vm.toString(seed % 64)));
        vm.prank(owner);
        net.staking.setOperator(operator);
    }

    // --- stake on its way out ---

    function _unbond(uint256 who, uint256 seed) internal {
        (uint32 node, address owner) = _nodeOf(who);
        uint256 free = net.staking.stakeOf(node).free;
        if (free == 0) return;
        uint256 amount = 1 + seed % free;
        vm.prank(owner);
        uint256 ticket = net.staking.requestUnbonding(uint128(amount));
        _hold(7, net.staking.ticket(ticket).readyAt >= _now() + 14 days, "stake leaves too soon");
        _tickets.push(ticket);
        unbonding[node] += amount;
        _saw(Reach.Unbonding);
    }

    /// @dev Anyone ends a matured withdrawal; the owner is paid.
    function _withdrawStake(uint256 which, bool patient) internal {
        if (_tickets.length == 0) return;
        uint256 i = which % _tickets.length;
        Ticket memory t = net.staking.ticket(_tickets[i]);
        if (_now() < t.readyAt && !patient) return;
        _waitUntil(t.readyAt);
        address owner = net.staking.ownerOf(t.node);
        uint256 before = net.infer.balanceOf(owner);
        net.staking.withdraw(_tickets[i]);
        _hold(7, net.infer.balanceOf(owner) == before + t.amount, "a withdrawal did not reach its owner");
        stake[t.node] -= t.amount;
        unbonding[t.node] -= t.amount;
        _tickets[i] = _tickets[_tickets.length - 1];
        _tickets.pop();
        _saw(Reach.StakeWithdrawn);
    }

    // --- earnings and credit ---

    function _setPayout(uint256 who, uint256 seed) internal {
        (, address owner) = _nodeOf(who);
        vm.prank(owner);
        net.staking.setPayout(seed % 2 == 0 ? owner : _people[seed % _people.length]);
    }

    /// @dev Sends a node's earnings; a payee that cannot receive stops its own payment and nothing else.
    function _claim(uint256 who) internal {
        uint32 node = _earner(who);
        uint256 due = earnings[node];
        address to = net.staking.payoutOf(node);
        uint32[] memory one = new uint32[](1);
        one[0] = node;
        uint256 before = net.usdc.balanceOf(to);
        try net.jobs.claim(address(net.usdc), one) {
            _hold(9, net.usdc.balanceOf(to) == before + due, "a claim paid another amount");
            earnings[node] = 0;
            if (due != 0) _saw(Reach.Claimed);
        } catch (bytes memory reason) {
            if (!net.usdc.blacklisted(to)) _bubble(reason);
            _saw(Reach.ClaimBlocked);
        }
    }

    function _claimReward(uint256 who) internal {
        address prover = _people[who % _people.length];
        for (uint256 i; i < _people.length && reward[prover] == 0; ++i) {
            prover = _people[i];
        }
        uint256 due = reward[prover];
        if (due == 0) return;
        vm.prank(prover);
        uint256 paid = net.staking.claimReward();
        _hold(9, paid == due, "a reward paid another amount");
        reward[prover] = 0;
        _saw(Reach.RewardClaimed);
    }

    function _depositCredit(uint256 who, uint256 amount) internal {
        address account = _people[who % CLIENTS];
        if (net.usdc.blacklisted(account)) return;
        net.usdc.mint(account, amount);
        (uint8 v, bytes32 r, bytes32 s) = _permit(net.usdc, account, address(net.jobs), amount);
        vm.prank(account);
        net.jobs.depositWithPermit(address(net.usdc), account, amount, type(uint256).max, v, r, s);
        credit[account] += amount;
        _saw(Reach.DepositedByPermit);
    }

    /// @dev Withdraws to an account that can receive, whatever happened to the own one.
    function _withdrawCredit(uint256 who, uint256 seed) internal {
        address account = _people[who % _people.length];
        if (credit[account] == 0) return;
        uint256 amount = 1 + seed % credit[account];
        address to = makeAddr("cold wallet");
        uint256 before = net.usdc.balanceOf(to);
        vm.prank(account);
        net.jobs.withdraw(address(net.usdc), to, amount);
        _hold(9, net.usdc.balanceOf(to) == before + amount, "a withdrawal paid another amount");
        credit[account] -= amount;
        _saw(Reach.CreditWithdrawn);
    }

    // --- internals ---

    /// @return node one that has earned something, if any has
    function _earner(uint256 who) internal view returns (uint32 node) {
        (node,) = _nodeOf(who);
        for (uint256 i; i < _owners.length && earnings[node] == 0; ++i) {
            (node,) = _nodeOf(node);
        }
    }

    function _nodeOf(uint256 who) internal view returns (uint32 node, address owner) {
        uint256 i = who % _owners.length;
        return (uint32(i + 1), _owners[i]);
    }
}
