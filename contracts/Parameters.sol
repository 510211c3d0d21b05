// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IParameters, ParameterSet, TokenTerms} from "./interfaces/IParameters.sol";

/// @title Parameters: versioned protocol numbers, the token allow-list and the emergency brake on `open`.
/// @dev A published set never changes: what a client agreed to at `open` holds for its job's life.
contract Parameters is IParameters {
    uint256 internal constant BPS = 10_000;
    uint256 internal constant MAX_FEE_BPS = 1_000;
    uint256 internal constant MAX_AGGREGATOR_FEE_BPS = 200;
    uint256 internal constant MAX_BOUNTY_BPS = 5_000;
    uint256 internal constant MAX_COMMITTEE = 8;
    uint256 internal constant MAX_REPLACEMENTS = 4;
    /// @dev An unhappy shard resolves in at most this many steps: conflict, panel commit, panel reveal, verdict.
    uint256 internal constant RESOLVE_STEPS = 4;
    /// @dev A job passes at most this many windows after its deadline: commit, reveal, challenge.
    uint256 internal constant WINDOWS = 3;

    /// @inheritdoc IParameters
    address public immutable timelock;
    /// @inheritdoc IParameters
    uint32 public version;
    /// @inheritdoc IParameters
    bool public openPaused;
    /// @inheritdoc IParameters
    address public guardian;

    mapping(uint32 version => ParameterSet) internal _sets;
    mapping(address token => TokenTerms) internal _tokens;

    modifier onlyTimelock() {
        if (msg.sender != timelock) revert ParametersUnauthorized(msg.sender);
        _;
    }

    modifier onlyGuardianOrTimelock() {
        if (msg.sender != guardian && msg.sender != timelock) revert ParametersUnauthorized(msg.sender);
        _;
    }

    /// @param timelock_ the only author of numbers
    /// @param guardian_ may stop new jobs; 0 for nobody
    /// @param first the set that becomes version 1
    constructor(address timelock_, address guardian_, ParameterSet memory first) {
        if (timelock_ == address(0)) revert ParametersInvalid("timelock");
        timelock = timelock_;
        guardian = guardian_;
        emit GuardianSet(guardian_);
        _publish(first);
    }

    // --- Timelock ---

    /// @inheritdoc IParameters
    function publish(ParameterSet calldata set) external onlyTimelock returns (uint32) {
        return _publish(set);
    }

    /// @inheritdoc IParameters
    function setToken(address token, TokenTerms calldata terms) external onlyTimelock {
        if (terms.allowed && (token.code.length == 0 || terms.stakeRate == 0)) revert ParametersTokenRefused(token);
        _tokens[token] = terms;
        emit TokenSet(token, terms);
    }

    /// @inheritdoc IParameters
    function setGuardian(address guardian_) external onlyTimelock {
        guardian = guardian_;
        emit GuardianSet(guardian_);
    }

    // --- guardian ---

    /// @inheritdoc IParameters
    function pauseOpen() external onlyGuardianOrTimelock {
        openPaused = true;
        emit OpenPaused(msg.sender);
    }

    /// @inheritdoc IParameters
    function resumeOpen() external onlyGuardianOrTimelock {
        openPaused = false;
        emit OpenResumed(msg.sender);
    }

    // --- views ---

    /// @inheritdoc IParameters
    function at(uint32 version_) external view returns (ParameterSet memory) {
        if (version_ == 0 || version_ > version) revert ParametersUnknownVersion(version_);
        return _sets[version_];
    }

    /// @inheritdoc IParameters
    function feesOf(uint32 version_) external view returns (uint16 drawFeeBps, uint16 protocolFeeBps) {
        if (version_ == 0 || version_ > version) revert ParametersUnknownVersion(version_);
        ParameterSet storage set = _sets[version_];
        return (set.drawFeeBps, set.protocolFeeBps);
    }

    /// @inheritdoc IParameters
    function forOpen(uint32 version_, address token)
        external
        view
        returns (ParameterSet memory set, TokenTerms memory token_, uint32 newest, bool paused)
    {
        newest = version;
        paused = openPaused;
        token_ = _tokens[token];
        if (version_ == newest) set = _sets[version_];
    }

    /// @inheritdoc IParameters
    function tokenTerms(address token) external view returns (TokenTerms memory) {
        return _tokens[token];
    }

    // --- internals ---

    function _publish(ParameterSet memory set) internal returns (uint32 newest) {
        _validateTimes(set);
        _validateCounts(set);
        _validateShares(set);
        newest = ++version;
        _sets[newest] = set;
        emit ParametersPublished(newest, set);
    }

    /// @dev `unbonding` covers the longest road from `open` to a conviction, with its appeal:
    /// maxDuration + 3 windows + 4 resolve steps, again for every replacement, + appealWindow.
    /// `decisionWindow` is not part of it: from the verdict on the stake is frozen and cannot leave.
    function _validateTimes(ParameterSet memory set) internal pure {
        _require(set.minCommitWindow != 0 && set.minCommitWindow <= set.maxWindow, "minCommitWindow");
        _require(set.minRevealWindow != 0 && set.minRevealWindow <= set.maxWindow, "minRevealWindow");
        _require(
            set.minChallengeWindow != 0 && set.minChallengeWindow <= set.minLargeChallengeWindow, "minChallengeWindow"
        );
        _require(set.minLargeChallengeWindow <= set.maxWindow, "minLargeChallengeWindow");
        _require(set.resolveWindow != 0, "resolveWindow");
        _require(set.appealWindow != 0, "appealWindow");
        _require(set.decisionWindow != 0, "decisionWindow");
        uint256 shortest = uint256(set.minCommitWindow) + set.minRevealWindow + set.minLargeChallengeWindow;
        _require(set.maxDuration >= shortest, "maxDuration");
        uint256 resolve = RESOLVE_STEPS * (1 + uint256(set.maxReplacements)) * set.resolveWindow;
        uint256 longest = uint256(set.maxDuration) + WINDOWS * set.maxWindow + resolve + set.appealWindow;
        _require(set.unbonding >= longest, "unbonding");
    }

    function _validateCounts(ParameterSet memory set) internal pure {
        _require(set.minReplicas != 0 && set.minReplicas <= MAX_COMMITTEE, "minReplicas");
        _require(set.panelSize != 0 && set.panelSize <= MAX_COMMITTEE, "panelSize");
        _require(2 * uint256(set.panelQuorum) > set.panelSize && set.panelQuorum <= set.panelSize, "panelQuorum");
        _require(set.maxReplacements <= MAX_REPLACEMENTS, "maxReplacements");
        _require(set.lockMultiple != 0, "lockMultiple");
    }

    function _validateShares(ParameterSet memory set) internal pure {
        _require(set.protocolFeeBps <= MAX_FEE_BPS, "protocolFeeBps");
        // the draw fee counts toward the protocol fee, so it can never exceed it
        _require(set.drawFeeBps <= set.protocolFeeBps, "drawFeeBps");
        _require(set.maxAggregatorFeeBps <= MAX_AGGREGATOR_FEE_BPS, "maxAggregatorFeeBps");
        _require(set.minAggregatorFeeBps <= set.maxAggregatorFeeBps, "minAggregatorFeeBps");
        _require(set.missPenaltyBps <= BPS, "missPenaltyBps");
        _require(set.bountyBps <= MAX_BOUNTY_BPS, "bountyBps");
        _require(set.aggregatorBondBps <= BPS, "aggregatorBondBps");
        _require(set.appealBondBps <= BPS, "appealBondBps");
    }

    function _require(bool valid, string memory field) internal pure {
        if (!valid) revert ParametersInvalid(field);
    }
}
