// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IToken, NetworkBase} from "../../NetworkBase.t.sol";

/// @notice What a campaign must come to see; `NetworkReach` counts it.
enum Reach {
    Opened,
    Rearmed,
    TooFewEligible,
    BatchDrawn,
    Committed,
    Lied,
    Declined,
    RevealedWithoutCommit,
    ShardAgreed,
    ShardUnhappy,
    Waived,
    Replaced,
    ConflictOpened,
    WholeConflictOpened,
    Verdict,
    PanelTied,
    ReplicaConvicted,
    PanelMemberConvicted,
    ShardFinal,
    ShardRefunded,
    ShardTied,
    Completed,
    Partial,
    Refunded,
    Cancelled,
    Expired,
    TakenOver,
    BondBurned,
    MissPenalised,
    DeclinePenalised,
    SilenceConvicted,
    Appealed,
    AppealUpheld,
    SlashCancelled,
    SlashExecuted,
    Jailed,
    Joined,
    Left,
    Unbonding,
    StakeWithdrawn,
    Deposited,
    DepositedByPermit,
    CreditWithdrawn,
    Claimed,
    ClaimBlocked,
    RewardClaimed,
    Paused,
    OpenRefused,
    Published,
    Donated,
    Trespassed
}

/// @title HandlerBase: who acts, how time passes, and where a broken promise is noted.
/// @dev Every action takes (which, seed) and makes itself legal before it is sent, so that a revert is a finding.
abstract contract HandlerBase is NetworkBase {
    uint256 internal constant MAX_NODES = 13;
    uint256 internal constant CLIENTS = 3;
    bytes32 private constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    /// @dev Owner of node i + 1.
    address[] internal _owners;
    /// @dev Who may have a credit or a reward: three clients (the last one owns node 1), keeper, hunter, treasury.
    address[] internal _people;
    mapping(address account => uint256) internal _keys;

    mapping(Reach what => uint256) internal _reached;
    mapping(uint256 invariant => uint256) internal _broken;
    mapping(uint256 invariant => string) internal _why;

    function reached(Reach what) external view returns (uint256) {
        return _reached[what];
    }

    /// @return times that an action saw an invariant (by its number in docs/INVARIANTS.md) broken
    /// @return why the last of them
    function broken(uint256 invariant) external view returns (uint256 times, string memory why) {
        return (_broken[invariant], _why[invariant]);
    }

    function ownerAt(uint256 i) external view returns (address) {
        return _owners[i];
    }

    function nodes() external view returns (uint256) {
        return _owners.length;
    }

    function person(uint256 i) external view returns (address) {
        return _people[i];
    }

    function people() external view returns (uint256) {
        return _people.length;
    }

    // --- internals ---

    function _saw(Reach what) internal {
        ++_reached[what];
    }

    /// @dev Notes a broken invariant instead of reverting: the test of that name fails, not whichever runs first.
    function _hold(uint256 invariant, bool holds, string memory what) internal {
        if (holds) return;
        ++_broken[invariant];
        _why[invariant] = what;
    }

    /// @dev A call that must fail.
    function _refused(uint256 invariant, address caller, address target, bytes memory data, string memory what)
        internal
    {
        vm.prank(caller);
        (bool taken,) = target.call(data);
        _hold(invariant, !taken, what);
        _saw(Reach.Trespassed);
    }

    function _mix(uint256 seed, uint256 salt) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, salt)));
    }

    /// @dev Not `block.timestamp`: the optimiser takes it for constant within a call.
    function _now() internal view returns (uint256) {
        return vm.getBlockTimestamp();
    }

    function _waitUntil(uint256 time) internal {
        if (_now() < time) vm.warp(time);
    }

    function _account(string memory name) internal returns (address account) {
        uint256 key;
        (account, key) = makeAddrAndKey(name);
        _keys[account] = key;
    }

    function _sign(address account, bytes32 digest) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[account], digest);
        return abi.encodePacked(r, s, v);
    }

    function _permit(IToken token, address owner, address spender, uint256 amount)
        internal
        view
        returns (uint8 v, bytes32 r, bytes32 s)
    {
        bytes32 inner = keccak256(
            abi.encode(PERMIT_TYPEHASH, owner, spender, amount, token.nonces(owner), type(uint256).max)
        );
        return vm.sign(_keys[owner], keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), inner)));
    }

    function _selectorOf(bytes memory reason) internal pure returns (bytes4 selector) {
        if (reason.length >= 4) selector = bytes4(reason);
    }

    /// @dev Passes an error on as it came.
    function _bubble(bytes memory reason) internal pure {
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}
