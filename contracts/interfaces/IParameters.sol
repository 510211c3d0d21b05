// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice One immutable set of protocol numbers. A job names the version it was opened under and keeps it for life.
/// @dev Times are seconds, `…Bps` are 1/10 000.
struct ParameterSet {
    // slot 0
    uint32 unbonding; // stake leaves no sooner than this after the request
    uint32 minCommitWindow;
    uint32 minRevealWindow;
    uint32 minChallengeWindow; // jobs below the token's `largeJob` value
    uint32 minLargeChallengeWindow; // jobs at or above it
    uint32 maxWindow; // upper bound of each window of a job: its deadline exits stay near
    uint32 resolveWindow; // patience for each step of an unhappy shard
    uint32 appealWindow;
    // slot 1
    uint32 decisionWindow; // governance decides an appeal within this, or the slash executes
    uint32 maxDuration; // a job's deadline is at most this far from `open`
    uint8 minReplicas;
    uint8 panelSize; // ≤ 8
    uint8 panelQuorum; // equal panel results that make a verdict; more than half of `panelSize`
    uint8 maxReplacements; // of replicas, a shard in all
    uint16 lockMultiple; // lock of a replica, in R
    uint16 fullLockMargin; // pools with fewer than k + this many members lock 1 R
    uint16 drawFeeBps; // of k·R, kept once a shard is drawn
    uint16 protocolFeeBps; // of k·R, on agreed shards; the draw fee counts toward it
    uint16 minAggregatorFeeBps;
    uint16 maxAggregatorFeeBps;
    uint16 missPenaltyBps; // of R: no commit, decline
    uint16 bountyBps; // of the miss penalty: earned by whoever reports a fault
    uint16 aggregatorBondBps; // of the job's k·R·shards
    uint16 appealBondBps; // of the slash
}

/// @notice A payment token that governance allows.
struct TokenTerms {
    bool allowed;
    uint120 stakeRate; // wei of INFER that one base unit of the token is worth to a lock, × 1e18 (twice the market rate: the haircut)
    uint128 largeJob; // base units from which a job counts as large
}

/// @title Parameters: versioned protocol numbers, the token allow-list and the emergency brake on `open`.
interface IParameters {
    event ParametersPublished(uint32 indexed version, ParameterSet set);
    event TokenSet(address indexed token, TokenTerms terms);
    event GuardianSet(address indexed guardian);
    event OpenPaused(address indexed by);
    event OpenResumed(address indexed by);

    error ParametersUnauthorized(address caller);
    error ParametersUnknownVersion(uint32 version);
    /// @param field name of the offending field
    error ParametersInvalid(string field);
    error ParametersTokenRefused(address token);

    /// @notice Publishes the next version. Only the Timelock.
    /// @dev Refused when unbonding < maxDuration + 3 maxWindow + 4 (1 + maxReplacements) resolveWindow + appealWindow, the
    /// longest a conviction and its appeal may take (from the verdict on the stake is frozen anyway), when fees exceed their hard caps,
    /// when the quorum is not a majority of the panel, or when any field is out of its stated range.
    /// @return version of the new set; versions count from 1 and only the newest opens jobs
    function publish(ParameterSet calldata set) external returns (uint32 version);

    /// @notice Allows, changes or (allowed = false) stops a payment token for new deposits. Only the Timelock.
    function setToken(address token, TokenTerms calldata terms) external;

    /// @notice Replaces the guardian. Only the Timelock.
    function setGuardian(address guardian_) external;

    /// @notice Stops new jobs; nothing else ever pauses. Guardian or Timelock.
    function pauseOpen() external;

    /// @notice Allows new jobs again. Guardian or Timelock.
    function resumeOpen() external;

    function version() external view returns (uint32);
    function guardian() external view returns (address);
    function openPaused() external view returns (bool);
    function timelock() external view returns (address);

    /// @notice The set of a version. Reverts `ParametersUnknownVersion`.
    function at(uint32 version_) external view returns (ParameterSet memory);

    /// @notice What closing a job needs of a set. Reverts `ParametersUnknownVersion`.
    function feesOf(uint32 version_) external view returns (uint16 drawFeeBps, uint16 protocolFeeBps);

    /// @notice What `open` needs in one call: the set if `version_` is the newest, and the token's terms.
    /// @return set the parameters
    /// @return token_ the token's terms (`allowed` is for the caller to check)
    /// @return newest the newest version
    /// @return paused whether `open` is paused
    function forOpen(uint32 version_, address token)
        external
        view
        returns (ParameterSet memory set, TokenTerms memory token_, uint32 newest, bool paused);

    function tokenTerms(address token) external view returns (TokenTerms memory);
}
