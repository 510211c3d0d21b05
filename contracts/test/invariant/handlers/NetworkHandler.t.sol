// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BatchPhase, Terms} from "../../../interfaces/IJobs.sol";
import {Net} from "../../NetworkBase.t.sol";
import {Exits} from "./Exits.t.sol";

/// @title NetworkHandler: the moves of a campaign over whole jobs.
/// @dev `moves` weighs them. Each takes two words: which job or node, and a seed for the rest.
contract NetworkHandler is Exits {
    uint256 private constant PROVIDERS = 9;
    uint256 private constant MAX_JOBS = 24;

    /// @param net_ a deployed network; `populate` after this contract holds INFER
    constructor(Net memory net_) {
        net = net_;
    }

    /// @dev Nine providers, two aggregators outside the pool, three clients.
    function populate() external {
        for (uint256 i; i < PROVIDERS; ++i) {
            _register(CAPACITY);
        }
        _register(0);
        _register(0);
        _people = [_account("client"), _account("another client"), _owners[0]];
        _people.push(_account("keeper"));
        _people.push(_account("hunter"));
        _people.push(net.timelock);
        vm.warp((_now() / EPOCH_SECONDS + 1) * EPOCH_SECONDS);
    }

    /// @return selectors as often as they should come
    function moves() external pure returns (bytes4[] memory selectors) {
        bytes4[17] memory list = [
            this.play.selector,
            this.play.selector,
            this.play.selector,
            this.play.selector,
            this.play.selector,
            this.openJob.selector,
            this.openJob.selector,
            this.openJob.selector,
            this.resolve.selector,
            this.resolve.selector,
            this.owner.selector,
            this.owner.selector,
            this.money.selector,
            this.power.selector,
            this.trespass.selector,
            this.giveUp.selector,
            this.pass.selector
        ];
        selectors = new bytes4[](list.length);
        for (uint256 i; i < list.length; ++i) {
            selectors[i] = list[i];
        }
    }

    // --- moves ---

    function openJob(uint256 which, uint256 seed) external {
        if (_books.length < MAX_JOBS) _open(_mix(which, seed));
    }

    /// @dev Up to eight steps of one job, each whatever is next for one of its batches or shards.
    function play(uint256 which, uint256 seed) external {
        if (_books.length == 0) return;
        seed = _mix(which, seed);
        uint256 job = _pick(seed);
        Terms memory t = _terms[job];
        for (uint256 step; step < 1 + seed % 8; ++step) {
            if (!_step(job, t, _mix(seed, step + 1))) return;
        }
    }

    /// @dev Slashes: appeals, decisions, executions. Faults: punishments.
    function resolve(uint256 which, uint256 seed) external {
        seed = _mix(which, seed);
        if (seed % 2 == 0 && _process(seed >> 8, seed >> 16)) return;
        if (_books.length == 0) return;
        for (uint256 i; i < 4; ++i) {
            uint256 job = (seed >> 24) % _books.length;
            if (_punishAny(job, _terms[job], _mix(seed, i))) return;
            seed = _mix(seed, 0);
        }
    }

    /// @dev Ends before their time and after it: cancel, expire, a stalled aggregator, shards that are given up.
    function giveUp(uint256 which, uint256 seed) external {
        if (_books.length == 0) return;
        seed = _mix(which, seed);
        uint256 job = _pick(seed);
        Terms memory t = _terms[job];
        uint256 kind = (seed >> 32) % 8;
        if (kind < 2 && _cancel(job, t)) return;
        if (kind < 4 && _replaceAggregator(job, t, seed >> 40)) return;
        if (kind == 4 && _expire(job, t)) return;
        for (uint256 shard; shard < _shards(t); ++shard) {
            if (_advance(job, t, shard, true)) return;
        }
    }

    function owner(uint256 who, uint256 seed) external {
        seed = _mix(who, seed);
        uint256 kind = seed % 10;
        seed >>= 8;
        if (kind == 0) _stakeByPermit(seed, 1 + (seed >> 16) % (20 * SLOT));
        else if (kind == 1) _resize(seed, seed >> 16);
        else if (kind == 2) _pauseMember(seed, (seed >> 16) % 3 == 0);
        else if (kind == 3) _unbond(seed, seed >> 16);
        else if (kind == 4) _withdrawStake(seed, (seed >> 16) % 2 == 0);
        else if (kind == 5) _rotateKey(seed, seed >> 16);
        else if (kind == 6 && _owners.length < MAX_NODES) _register(CAPACITY / 2);
        else _syncMember(seed);
    }

    function money(uint256 who, uint256 seed) external {
        seed = _mix(who, seed);
        uint256 kind = seed % 6;
        seed >>= 8;
        if (kind == 0) _depositCredit(seed, 1 + (seed >> 16) % 50e6);
        else if (kind == 1) _withdrawCredit(seed, seed >> 16);
        else if (kind == 2) _claimReward(seed);
        else if (kind == 3) _setPayout(seed, seed >> 16);
        else _claim(seed);
    }

    function power(uint256 who, uint256 seed) external {
        seed = _mix(who, seed);
        uint256 kind = seed % 8;
        seed >>= 8;
        if (kind == 0) _pauseOpen();
        else if (kind == 1) _publish(seed);
        else if (kind == 2) _reviseToken(seed, seed >> 16);
        else if (kind < 5) _blacklist(seed, seed >> 16);
        else _donate(seed);
    }

    function trespass(uint256 which, uint256 seed) external {
        seed = _mix(which, seed);
        if (seed % 4 == 0) return _trespassOnMoney(seed >> 8, seed >> 16);
        if (seed % 4 == 1) return _trespassOnSlash(seed >> 8, (seed >> 16) % 2 == 0);
        if (_books.length == 0) return;
        uint256 job = _pick(seed);
        if (seed % 4 == 2) return _trespassOnJob(job, _terms[job]);
        _trespassOnBatch(job, _terms[job], _anyBatch(job, _terms[job], seed >> 32), seed >> 64);
    }

    function pass(uint256 which, uint256 seed) external {
        vm.warp(_now() + 1 + _mix(which, seed) % EPOCH_SECONDS);
    }

    // --- what is next ---

    /// @return job recent jobs more often than old ones
    function _pick(uint256 seed) private view returns (uint256 job) {
        uint256 count = _books.length;
        job = (seed >> 128) % count;
        uint256 back = (seed >> 160) % 4;
        if (seed & 1 << 100 != 0 && back < count) job = count - 1 - back;
    }

    function _step(uint256 job, Terms memory t, uint256 seed) private returns (bool) {
        uint256 batches = _batches(t);
        uint256 extras = net.jobs.job(_books[job].id).extras;
        uint256 all = batches + extras;
        for (uint256 i; i < all; ++i) {
            uint256 nth = (seed + i) % all;
            if (_stepBatch(job, t, nth < batches ? nth : EXTRA + nth - batches, seed)) return true;
        }
        uint256 shards = _shards(t);
        for (uint256 i; i < shards; ++i) {
            uint256 shard = ((seed >> 16) + i) % shards;
            if (_dispute(job, t, shard, seed >> 32)) return true;
            if (_advance(job, t, shard, false)) return true;
        }
        for (uint256 number; number < batches; ++number) {
            if (_finalise(job, t, number)) return true;
        }
        return false;
    }

    function _stepBatch(uint256 job, Terms memory t, uint256 number, uint256 seed) private returns (bool) {
        BatchPhase phase = _phase[job][number];
        if (phase == BatchPhase.None) return _draw(job, t, number, seed);
        if (phase != BatchPhase.Drawn) return false;
        if (_act(job, t, number, seed)) return true;
        if (_reveal(job, t, number, seed)) return true;
        return _conclude(job, t, number);
    }

    function _punishAny(uint256 job, Terms memory t, uint256 seed) private returns (bool) {
        uint256 batches = _batches(t);
        uint256 all = batches + net.jobs.job(_books[job].id).extras;
        for (uint256 i; i < all; ++i) {
            uint256 nth = (seed + i) % all;
            uint256 number = nth < batches ? nth : EXTRA + nth - batches;
            for (uint256 p; p < _committee[job][number].length; ++p) {
                if (_punish(job, t, number, p, seed)) return true;
            }
        }
        return false;
    }

    /// @return number of a batch, more often than not one that is at work
    function _anyBatch(uint256 job, Terms memory t, uint256 seed) private view returns (uint256 number) {
        uint256 batches = _batches(t);
        uint256 all = batches + net.jobs.job(_books[job].id).extras;
        for (uint256 i; i < all; ++i) {
            uint256 nth = (seed + i) % all;
            number = nth < batches ? nth : EXTRA + nth - batches;
            if (seed % 4 == 0 || _phase[job][number] == BatchPhase.Drawn) return number;
        }
    }
}
