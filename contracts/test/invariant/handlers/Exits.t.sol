// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BatchPhase, ExtraKind, Terms} from "../../../interfaces/IJobs.sol";
import {Slash, SlashStatus} from "../../../interfaces/ISlashing.sol";
import {Trespasses} from "./Trespasses.t.sol";

/// @title Exits: on the worst day, with new jobs paused and every account of the network blacklisted by the token's
/// issuer, a stranger ends all that is open, and everybody leaves with what is theirs.
abstract contract Exits is Trespasses {
    /// @dev Nobody but a stranger turns a crank. Rounds are few: an end never waits for more than what it ordered.
    function endEverything() external {
        if (!net.parameters.openPaused()) _pauseOpen();
        for (uint256 i; i < _people.length; ++i) {
            net.usdc.setBlacklisted(_people[i], true);
        }
        for (uint256 i; i < _owners.length; ++i) {
            net.usdc.setBlacklisted(_owners[i], true);
        }
        for (uint256 job; job < _books.length; ++job) {
            Terms memory t = _terms[job];
            for (uint256 round; round < 8 && _endRound(job, t); ++round) {}
            _hold(10, _isTerminal(_books[job].status), "a job does not end");
            _punishAll(job, t);
        }
        for (uint256 id = 1; id <= _slashes; ++id) {
            Slash memory s = net.slashing.slashOf(id);
            if (s.status == SlashStatus.Pending || s.status == SlashStatus.Appealed) _executeSlash(id, s);
        }
    }

    /// @dev Everybody takes what is theirs, each by its own authority.
    function everybodyLeaves() external {
        for (uint256 i; i < _people.length; ++i) {
            if (credit[_people[i]] != 0) _withdrawCredit(i, credit[_people[i]] - 1);
            _claimReward(i);
        }
        for (uint256 i; i < _owners.length; ++i) {
            vm.prank(_owners[i]);
            net.staking.setPayout(makeAddr("cold wallet"));
            _claim(i);
            (uint16 index, bool found) = net.pools.memberOf(net.pool, uint32(i + 1));
            if (!found) continue;
            vm.prank(_owners[i]);
            net.pools.setCapacity(net.pool, 0);
            vm.warp(_now() + EPOCH_SECONDS);
            net.pools.sync(net.pool, index);
        }
        for (uint256 i; i < _owners.length; ++i) {
            uint256 free = net.staking.stakeOf(uint32(i + 1)).free;
            if (free != 0) _unbond(i, free - 1);
        }
        while (_tickets.length != 0) {
            _withdrawStake(0, true);
        }
    }

    // --- internals ---

    function _endRound(uint256 job, Terms memory t) private returns (bool moved) {
        uint256 batches = _batches(t);
        for (uint256 number; number < batches; ++number) {
            if (_phase[job][number] == BatchPhase.Drawn) moved = _conclude(job, t, number);
            if (_finalise(job, t, number)) moved = true;
        }
        uint256 extras = net.jobs.job(_books[job].id).extras;
        for (uint256 i; i < extras; ++i) {
            if (_phase[job][EXTRA + i] == BatchPhase.Drawn) moved = _conclude(job, t, EXTRA + i);
        }
        for (uint256 shard; shard < _shards(t); ++shard) {
            if (_advance(job, t, shard, true)) moved = true;
        }
        if (_expire(job, t)) moved = true;
    }

    function _punishAll(uint256 job, Terms memory t) private {
        uint256 batches = _batches(t);
        uint256 all = batches + net.jobs.job(_books[job].id).extras;
        for (uint256 nth; nth < all; ++nth) {
            uint256 number = nth < batches ? nth : EXTRA + nth - batches;
            for (uint256 p; p < _committee[job][number].length; ++p) {
                _punish(job, t, number, p, nth);
            }
        }
    }

    /// @dev Counts a drawn batch: a panel is judged, anything else settled.
    function _conclude(uint256 job, Terms memory t, uint256 number) internal returns (bool) {
        bool panel = number >= EXTRA
            && net.jobs.extra(_books[job].id, uint16(number)).kind != ExtraKind.Replacement;
        return panel ? _judge(job, t, number) : _settle(job, t, number);
    }
}
