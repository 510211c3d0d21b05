// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ParameterSet} from "../interfaces/IParameters.sol";

/// @notice Parameters that a public chain could have; tests change what they are about.
function validParameters() pure returns (ParameterSet memory) {
    return ParameterSet({
        unbonding: 14 days,
        minCommitWindow: 10 minutes,
        minRevealWindow: 10 minutes,
        minChallengeWindow: 30 minutes,
        minLargeChallengeWindow: 1 days,
        maxWindow: 1 days,
        resolveWindow: 1 hours,
        appealWindow: 3 days,
        decisionWindow: 14 days,
        maxDuration: 7 days,
        minReplicas: 1,
        panelSize: 7,
        panelQuorum: 5,
        maxReplacements: 2,
        lockMultiple: 16,
        fullLockMargin: 8,
        drawFeeBps: 500,
        protocolFeeBps: 500,
        minAggregatorFeeBps: 50,
        maxAggregatorFeeBps: 200,
        missPenaltyBps: 5_000,
        bountyBps: 5_000,
        aggregatorBondBps: 1_000,
        appealBondBps: 1_000
    });
}
