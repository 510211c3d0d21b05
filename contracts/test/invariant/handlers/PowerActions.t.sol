// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ParameterSet, TokenTerms} from "../../../interfaces/IParameters.sol";
import {Stake} from "../../../interfaces/IStaking.sol";
import {Reach} from "./HandlerBase.t.sol";
import {OwnerActions} from "./OwnerActions.t.sol";

/// @title PowerActions: what guardian, Timelock, the token's issuer and generous strangers may do.
/// @dev After each: nobody's balance has moved.
abstract contract PowerActions is OwnerActions {
    modifier touchesNobody() {
        bytes32 before = _holdings();
        _;
        _hold(11, _holdings() == before, "an administrator moved somebody's balance");
    }

    function _pauseOpen() internal touchesNobody {
        vm.prank(net.guardian);
        net.parameters.pauseOpen();
        _saw(Reach.Paused);
    }

    /// @dev Publishes new numbers: jobs that are open keep theirs.
    function _publish(uint256 seed) internal touchesNobody {
        ParameterSet memory set = net.parameters.at(1);
        set.protocolFeeBps = uint16(seed % 1_001);
        set.drawFeeBps = uint16((seed >> 16) % (uint256(set.protocolFeeBps) + 1));
        set.lockMultiple = uint16(1 + (seed >> 32) % 16);
        set.missPenaltyBps = uint16((seed >> 48) % 10_001);
        set.bountyBps = uint16((seed >> 64) % 5_001);
        set.appealBondBps = uint16((seed >> 80) % 2_001);
        set.aggregatorBondBps = uint16((seed >> 96) % 2_001);
        set.maxReplacements = uint8((seed >> 112) % 3);
        vm.prank(net.timelock);
        net.parameters.publish(set);
        _saw(Reach.Published);
    }

    /// @dev Stops the token for new deposits, which stops no withdrawal, and allows it again at another rate.
    function _reviseToken(uint256 who, uint256 seed) internal {
        _setToken(TokenTerms(false, 0, 0));
        _claim(who);
        _withdrawCredit(who, seed);
        uint256 rate = (5 + seed % 40) * 1e18 * 1e12;
        _setToken(TokenTerms(true, uint120(rate), 100e6));
    }

    function _setToken(TokenTerms memory terms) private touchesNobody {
        vm.prank(net.timelock);
        net.parameters.setToken(address(net.usdc), terms);
    }

    /// @dev The token's issuer stops whoever a node's earnings go to: that payment waits, the next one does not.
    function _blacklist(uint256 who, uint256 seed) internal {
        address payee = net.staking.payoutOf(_earner(who));
        _setBlacklisted(payee, true);
        _claim(who);
        _claim(who + 1);
        if (seed % 2 == 0) _setBlacklisted(payee, false);
        else _setBlacklisted(_people[seed % _people.length], (seed >> 8) % 2 == 0);
    }

    function _setBlacklisted(address account, bool stopped) private touchesNobody {
        net.usdc.setBlacklisted(account, stopped);
    }

    function _donate(uint256 seed) internal touchesNobody {
        uint256 amount = 1 + seed % 1e6;
        if (seed % 2 == 0) {
            net.usdc.mint(address(net.jobs), amount);
            donatedUsdc += amount;
        } else {
            net.infer.transfer(address(net.staking), amount);
            donatedInfer += amount;
        }
        _saw(Reach.Donated);
    }

    /// @dev A digest of everything that belongs to anybody.
    function _holdings() private view returns (bytes32 digest) {
        for (uint256 i; i < _people.length; ++i) {
            digest = keccak256(
                abi.encode(
                    digest, net.jobs.creditOf(address(net.usdc), _people[i]), net.staking.rewardOf(_people[i])
                )
            );
        }
        for (uint32 node = 1; node <= _owners.length; ++node) {
            Stake memory s = net.staking.stakeOf(node);
            digest = keccak256(abi.encode(digest, net.jobs.earningsOf(address(net.usdc), node), s));
        }
        for (uint256 i; i < _books.length; ++i) {
            if (!_isTerminal(_books[i].status)) {
                digest = keccak256(abi.encode(digest, net.jobs.job(_books[i].id).remaining));
            }
        }
    }
}
