// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BatchPhase, Extra, FaultRecord, IJobs, ShardStatus, Terms} from "../interfaces/IJobs.sol";
import {Fault} from "../interfaces/IPools.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {BatchWord} from "../types/BatchWord.sol";
import {JobId} from "../types/Ids.sol";
import {JobLib} from "./JobLib.sol";
import {Env, JobsStorage} from "./JobsStorage.sol";

/// @title Faults: who failed in a batch, and how a panel voted.
/// @dev Linked library of Jobs: runs in its storage, emits its events.
library Faults {
    /// @notice Notes who missed and who stayed silent; declines are noted already.
    /// @return waived whether k members declined for the same reason: then it is the job that is at fault
    function note(JobsStorage storage $, Env memory env, Terms calldata terms, uint16 number)
        external
        returns (bool waived)
    {
        // A replacement declines alone.
        uint256 common = number < JobLib.EXTRA ? terms.replicas : type(uint256).max;
        return _note($, env, JobLib.idOf(terms), terms, number, common);
    }

    /// @notice Consumes a fault. See `IJobs.takeFault`.
    function take(JobsStorage storage $, Terms calldata terms, uint16 number, uint8 position)
        external
        returns (FaultRecord memory record)
    {
        JobId id = JobLib.idOf(terms);
        BatchWord word = $.batches[id][number];
        (record.fault, record.reason) = JobLib.faultAt($, id, number, position);
        bool settled = word.phase() == BatchPhase.Settled || word.phase() == BatchPhase.Finalised;
        if (!settled || record.fault == Fault.None) revert IJobs.JobsNoFault(id, number, position);
        JobLib.setFault($, id, number, position, Fault.None, 0);
        record.member = word.memberAt(position);
        record.seats = uint8(JobLib.seatCount(terms, number, position));
    }

    /// @notice Counts a panel. See `IJobs.closePanel`.
    function closePanel(
        JobsStorage storage $,
        Env memory env,
        Terms calldata terms,
        uint16 number,
        bytes32[] calldata results
    ) external returns (bytes32 verdict, uint256 voters, uint256 losers) {
        JobId id = JobLib.idOf(terms);
        BatchWord word = JobLib.endedBatch($, id, terms, number);
        uint256 c = word.size();
        if (results.length != c) revert IJobs.JobsWrongCount(results.length, c);
        uint256 shown = word.revealed() & word.committed();
        for (uint256 p; p < c; ++p) {
            bool right = shown & (1 << p) == 0
                ? results[p] == 0
                : JobLib.shows($, id, number, p, keccak256(abi.encodePacked(results[p])));
            if (!right) revert IJobs.JobsWrongLists(uint8(p));
        }
        uint256 quorum = env.parameters.at(terms.parameters).panelQuorum;
        verdict = _quorum(results, quorum);
        bool faulty = shown != (1 << c) - 1;
        // A client could let a panel down on purpose: when a quorum says that it cannot, that is nobody's fault in it.
        if (faulty) _note($, env, id, terms, number, quorum);
        $.batches[id][number] = word.withSettlement(0, faulty);

        // Without a verdict nobody is slashed to pay the panel: the client's reserve does.
        uint256 fee;
        if (verdict == 0 && $.cases[id][$.extras[id][number].shard].status == ShardStatus.Pending) {
            fee = terms.shardReward / terms.itemsPerShard;
        }
        for (uint256 p; p < c; ++p) {
            if (shown & (1 << p) == 0) continue;
            uint16 member = word.memberAt(p);
            if (verdict != 0 && results[p] != verdict) {
                losers = Lanes.put(losers, p, member + 1);
                continue;
            }
            voters = Lanes.put(voters, p, member + 1);
            uint32 node = JobLib.freeSeat(env, terms, member, $.jobs[id].lockSlots);
            if (fee != 0) JobLib.pay($, id, terms.token, node, fee);
        }
    }

    /// @return verdict that at least `quorum` results show, 0 if none
    function _quorum(bytes32[] calldata results, uint256 quorum) private pure returns (bytes32 verdict) {
        for (uint256 a; a < results.length; ++a) {
            uint256 votes;
            for (uint256 b; b < results.length; ++b) {
                if (results[b] == results[a]) ++votes;
            }
            if (results[a] != 0 && votes >= quorum) return results[a];
        }
    }

    /// @param common members that must decline for the same reason to be waived
    function _note(
        JobsStorage storage $,
        Env memory env,
        JobId id,
        Terms calldata terms,
        uint16 number,
        uint256 common
    ) private returns (bool waived) {
        BatchWord word = $.batches[id][number];
        uint256 c = word.size();
        for (uint256 p; p < c; ++p) {
            if (word.revealed() & (1 << p) != 0) continue;
            Fault fault = word.committed() & (1 << p) == 0 ? Fault.Missed : Fault.Silent;
            JobLib.setFault($, id, number, p, fault, 0);
            emit IJobs.FaultFound(id, number, uint8(p), fault);
        }
        uint256 faults = $.faults[id][number];
        for (uint256 p; p < c; ++p) {
            if (!_shared(faults, p, c, common)) continue;
            waived = true;
            JobLib.setFault($, id, number, p, Fault.None, 0);
            uint256 slots = JobLib.seatCount(terms, number, p) * $.jobs[id].lockSlots;
            JobLib.freeSeat(env, terms, word.memberAt(p), uint16(slots));
        }
    }

    /// @return whether a position declined for a reason that at least `common` positions give
    function _shared(uint256 faults, uint256 position, uint256 c, uint256 common) private pure returns (bool) {
        uint32 lane = uint32(faults >> (32 * position));
        if (Fault(uint8(lane)) != Fault.Declined) return false;
        uint256 same;
        for (uint256 p; p < c; ++p) {
            if (uint32(faults >> (32 * p)) == lane) ++same;
        }
        return same >= common;
    }
}
