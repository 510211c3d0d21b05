// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BatchPhase, BatchState, IJobs, JobState, Terms} from "../../../interfaces/IJobs.sol";
import {IPools} from "../../../interfaces/IPools.sol";
import {ISlashing, Slash, SlashStatus} from "../../../interfaces/ISlashing.sol";
import {IEscrow} from "../../../interfaces/IEscrow.sol";
import {IStaking, Proceeds} from "../../../interfaces/IStaking.sol";
import {PowerActions} from "./PowerActions.t.sol";

/// @title Trespasses: calls that must fail whatever the state is. One that is taken breaks the invariant it is noted
/// under.
abstract contract Trespasses is PowerActions {
    address private immutable thief = makeAddr("thief");

    /// @dev Commitments that come too late or twice, reveals without or against one, settlements out of turn.
    function _trespassOnBatch(uint256 job, Terms memory t, uint256 number, uint256 seed) internal {
        BatchState memory b = net.jobs.batch(_books[job].id, uint16(number));
        uint16 n = uint16(number);
        if (b.phase != BatchPhase.Drawn) {
            if (b.phase == BatchPhase.Settled || b.phase == BatchPhase.Finalised) {
                _refused(
                    3,
                    address(this),
                    address(net.jobs),
                    abi.encodeCall(IJobs.settle, (t, n, _lists(job, t, number))),
                    "settled twice"
                );
                if (b.phase == BatchPhase.Finalised) {
                    _refused(
                        4,
                        address(this),
                        address(net.jobs),
                        abi.encodeCall(IJobs.finalise, (t, _one(n))),
                        "finalised twice"
                    );
                } else if (number < EXTRA && _now() < b.settledAt + t.challengeWindow) {
                    _refused(
                        9,
                        address(this),
                        address(net.jobs),
                        abi.encodeCall(IJobs.finalise, (t, _one(n))),
                        "paid inside the challenge window"
                    );
                }
            }
            return;
        }
        uint8 p = uint8(seed % _committee[job][number].length);
        (address operator,) = net.pools.seat(net.pool, _committee[job][number][p]);
        uint256 acted = b.committedMask | b.revealedMask;
        bool mine = acted & (1 << p) != 0;
        bytes32[] memory roots = _rootsAt(job, t, number, p);
        bytes memory commit = abi.encodeCall(IJobs.commit, (t, n, p, bytes32(seed | 1 << 255)));
        _refused(6, thief, address(net.jobs), commit, "a stranger committed");
        if (mine || _now() >= b.drawnAt + t.commitWindow) {
            _refused(6, operator, address(net.jobs), commit, "committed twice or after reveals opened");
        }
        bool last = acted | (1 << p) == (1 << _committee[job][number].length) - 1;
        if (!mine && !last) {
            _refused(
                6,
                operator,
                address(net.jobs),
                abi.encodeCall(IJobs.reveal, (t, n, p, roots, DATA, 0)),
                "revealed without a commitment"
            );
        }
        if (b.committedMask & (1 << p) != 0 && b.revealedMask & (1 << p) == 0) {
            bytes32 salt = _salt(job, number, p);
            roots[seed % roots.length] = bytes32(seed | 1 << 255);
            _refused(
                6,
                operator,
                address(net.jobs),
                abi.encodeCall(IJobs.reveal, (t, n, p, roots, DATA, salt)),
                "revealed other roots than committed"
            );
        }
    }

    /// @dev Ends before their time, money without authority.
    function _trespassOnJob(uint256 job, Terms memory t) internal {
        JobState memory j = net.jobs.job(_books[job].id);
        _refused(9, thief, address(net.jobs), abi.encodeCall(IJobs.cancel, (t)), "a stranger cancelled");
        if (_isTerminal(j.status)) {
            _refused(
                3, address(this), address(net.jobs), abi.encodeCall(IJobs.draw, (t, _one(0))), "drawn after the end"
            );
            _refused(3, address(this), address(net.jobs), abi.encodeCall(IJobs.expire, (t)), "expired after the end");
            _refused(3, t.client, address(net.jobs), abi.encodeCall(IJobs.cancel, (t)), "cancelled after the end");
        } else if (_now() <= t.deadline) {
            _refused(
                9, address(this), address(net.jobs), abi.encodeCall(IJobs.expire, (t)), "expired before the deadline"
            );
        }
        address[3] memory callers = [thief, net.guardian, net.timelock];
        for (uint256 i; i < callers.length; ++i) {
            _refused(
                11,
                callers[i],
                address(net.jobs),
                abi.encodeCall(IJobs.applyVerdict, (t, 0, 1)),
                "a verdict without a panel"
            );
            _refused(
                11, callers[i], address(net.jobs), abi.encodeCall(IJobs.takeFault, (t, 0, 0)), "a fault was taken"
            );
        }
    }

    /// @dev Hands in other people's pockets: administrators' too.
    function _trespassOnMoney(uint256 who, uint256 seed) internal {
        (uint32 node,) = _nodeOf(who);
        address account = _people[who % _people.length];
        uint256 more = credit[account] + 1 + seed % 1e9;
        _refused(
            9,
            account,
            address(net.jobs),
            abi.encodeCall(IEscrow.withdraw, (address(net.usdc), thief, more)),
            "withdrew more than its credit"
        );
        // Of nothing, so that only the caller is wrong.
        bytes[7] memory moves = [
            abi.encodeCall(IStaking.slash, (node, 0, Proceeds(thief, 0, 0, 0))),
            abi.encodeCall(IStaking.thaw, (node, 0)),
            abi.encodeCall(IStaking.freeze, (node, 0)),
            abi.encodeCall(IStaking.earmark, (node, 0)),
            abi.encodeCall(IStaking.release, (node, 0)),
            abi.encodeCall(IStaking.releaseBond, (node, 0)),
            abi.encodeCall(IStaking.burnBond, (node, 0))
        ];
        address[3] memory callers = [thief, net.guardian, net.timelock];
        for (uint256 i; i < callers.length; ++i) {
            uint256 invariant = i == 0 ? 9 : 11;
            for (uint256 m; m < moves.length; ++m) {
                _refused(invariant, callers[i], address(net.staking), moves[m], "moved somebody's stake");
            }
            bytes memory seize = abi.encodeCall(IPools.seize, (net.pool, 0, 0));
            _refused(invariant, callers[i], address(net.pools), seize, "seized slots");
            bytes memory unbond = abi.encodeCall(IStaking.requestUnbonding, (1));
            _refused(invariant, callers[i], address(net.staking), unbond, "unbonded");
        }
    }

    /// @dev Slashes before they are due, twice, or by those who may not; withdrawals before they matured.
    function _trespassOnSlash(uint256 which, bool cancel) internal {
        if (_tickets.length != 0) {
            uint256 ticket = _tickets[which % _tickets.length];
            if (_now() < net.staking.ticket(ticket).readyAt) {
                _refused(
                    7,
                    address(this),
                    address(net.staking),
                    abi.encodeCall(IStaking.withdraw, (ticket)),
                    "withdrew before it matured"
                );
            }
        }
        if (_slashes == 0) return;
        uint256 id = 1 + which % _slashes;
        Slash memory s = net.slashing.slashOf(id);
        bool over = s.status == SlashStatus.Executed || s.status == SlashStatus.Cancelled;
        bytes memory execute = abi.encodeCall(ISlashing.execute, (id));
        bytes memory decide = abi.encodeCall(ISlashing.decide, (id, cancel));
        if (over || _now() < s.due) {
            _refused(7, address(this), address(net.slashing), execute, "executed twice or before it was due");
        }
        if (s.status != SlashStatus.Appealed) {
            _refused(7, net.timelock, address(net.slashing), decide, "decided without an appeal");
        }
        _refused(9, net.guardian, address(net.slashing), decide, "decided by a guardian");
        _refused(9, thief, address(net.slashing), abi.encodeCall(ISlashing.appeal, (id)), "a stranger appealed");
    }

    function _one(uint16 number) internal pure returns (uint16[] memory numbers) {
        numbers = new uint16[](1);
        numbers[0] = number;
    }
}
