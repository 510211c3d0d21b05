// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IParameters} from "./interfaces/IParameters.sol";
import {IStaking, Node, Proceeds, Stake, Ticket} from "./interfaces/IStaking.sol";

/// @title Staking: every INFER that answers for something, and the nodes it belongs to.
/// @dev A node's stake moves between buckets; only `deposit`, `withdraw`, `slash`, `burnBond` and `claimReward` move tokens:
///
///     deposit → free ⇄ earmarked → frozen → slash (burn, prover, panel) | thaw → free
///               free ⇄ bonded → burn
///               free → unbonding → withdraw
///
/// Only free stake can start unbonding. Stake that answers for work is earmarked until its work is final, and frozen
/// from a conviction until the appeal ends: no exit, however early it was requested, can outrun a verdict.
contract Staking is IStaking, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    uint256 internal constant MAX_PROFILE = 4096;
    uint256 internal constant MAX_PANEL = 8;

    IERC20 internal immutable infer;
    IParameters public immutable parameters;
    address public immutable pools;
    address public immutable jobs;
    address public immutable slashing;

    /// @inheritdoc IStaking
    uint32 public nodeCount;
    /// @inheritdoc IStaking
    mapping(address owner => uint32 id) public nodeOf;
    /// @inheritdoc IStaking
    mapping(address prover => uint256 amount) public rewardOf;

    mapping(uint32 id => Node) internal _nodes;
    mapping(uint32 id => Stake) internal _stakes;
    mapping(uint256 id => Ticket) internal _tickets;
    uint256 internal _lastTicket;

    modifier onlyPools() {
        if (msg.sender != pools) revert StakingUnauthorized(msg.sender);
        _;
    }

    modifier onlySlashing() {
        if (msg.sender != slashing) revert StakingUnauthorized(msg.sender);
        _;
    }

    modifier onlyJobsOrSlashing() {
        if (msg.sender != jobs && msg.sender != slashing) revert StakingUnauthorized(msg.sender);
        _;
    }

    /// @param infer_ the stake token; it must be burnable
    constructor(IERC20 infer_, IParameters parameters_, address pools_, address jobs_, address slashing_) {
        if (
            address(infer_) == address(0) || address(parameters_) == address(0) || pools_ == address(0)
                || jobs_ == address(0) || slashing_ == address(0)
        ) revert StakingZeroAddress();
        infer = infer_;
        parameters = parameters_;
        pools = pools_;
        jobs = jobs_;
        slashing = slashing_;
    }

    // --- owners ---

    /// @inheritdoc IStaking
    function register(address operator, address payout, bytes calldata profile, bytes32 encryptionKey)
        external
        returns (uint32 id)
    {
        if (nodeOf[msg.sender] != 0) revert StakingOwnerRegistered(msg.sender, nodeOf[msg.sender]);
        if (operator == address(0) || payout == address(0)) revert StakingZeroAddress();
        id = ++nodeCount;
        nodeOf[msg.sender] = id;
        _nodes[id] = Node(msg.sender, operator, payout, _profileDigest(profile), encryptionKey);
        emit NodeRegistered(id, msg.sender, operator, payout, encryptionKey, profile);
    }

    /// @inheritdoc IStaking
    function setOperator(address operator) external {
        if (operator == address(0)) revert StakingZeroAddress();
        uint32 id = _callersNode();
        _nodes[id].operator = operator;
        emit OperatorSet(id, operator);
    }

    /// @inheritdoc IStaking
    function setPayout(address payout) external {
        if (payout == address(0)) revert StakingZeroAddress();
        uint32 id = _callersNode();
        _nodes[id].payout = payout;
        emit PayoutSet(id, payout);
    }

    /// @inheritdoc IStaking
    function setProfile(bytes calldata profile) external {
        uint32 id = _callersNode();
        _nodes[id].profile = _profileDigest(profile);
        emit ProfileSet(id, profile);
    }

    /// @inheritdoc IStaking
    function setEncryptionKey(bytes32 encryptionKey) external {
        uint32 id = _callersNode();
        _nodes[id].encryptionKey = encryptionKey;
        emit EncryptionKeySet(id, encryptionKey);
    }

    /// @inheritdoc IStaking
    function deposit(uint32 id, uint256 amount) external nonReentrant {
        _deposit(id, amount);
    }

    /// @inheritdoc IStaking
    function depositWithPermit(uint32 id, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
    {
        // A permit seen in the mempool can be used by anybody; the allowance it gave is what counts.
        try IERC20Permit(address(infer)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _deposit(id, amount);
    }

    /// @inheritdoc IStaking
    function requestUnbonding(uint128 amount) external returns (uint256 id) {
        if (amount == 0) revert StakingZeroAmount();
        uint32 nodeId = _callersNode();
        Stake storage stake = _stakes[nodeId];
        stake.free = _take(nodeId, stake.free, amount);
        stake.unbonding += amount;
        uint40 readyAt = uint40(block.timestamp + parameters.at(parameters.version()).unbonding);
        id = ++_lastTicket;
        _tickets[id] = Ticket(nodeId, readyAt, amount);
        emit UnbondingRequested(nodeId, id, amount, readyAt);
    }

    /// @inheritdoc IStaking
    function withdraw(uint256 id) external nonReentrant {
        Ticket memory due = _tickets[id];
        if (due.node == 0) revert StakingUnknownTicket(id);
        if (block.timestamp < due.readyAt) revert StakingTicketNotReady(id, due.readyAt);
        delete _tickets[id];
        _stakes[due.node].unbonding -= due.amount;
        address to = _nodes[due.node].owner;
        emit StakeWithdrawn(due.node, id, to, due.amount);
        infer.safeTransfer(to, due.amount);
    }

    /// @inheritdoc IStaking
    function claimReward() external nonReentrant returns (uint256 amount) {
        amount = rewardOf[msg.sender];
        if (amount == 0) revert StakingZeroAmount();
        delete rewardOf[msg.sender];
        emit RewardClaimed(msg.sender, amount);
        infer.safeTransfer(msg.sender, amount);
    }

    // --- Pools ---

    /// @inheritdoc IStaking
    function earmark(uint32 id, uint128 amount) external onlyPools {
        Stake storage stake = _stakes[id];
        stake.free = _take(id, stake.free, amount);
        stake.earmarked += amount;
        emit StakeEarmarked(id, amount);
    }

    /// @inheritdoc IStaking
    function release(uint32 id, uint128 amount) external onlyPools {
        Stake storage stake = _stakes[id];
        stake.earmarked = _take(id, stake.earmarked, amount);
        stake.free += amount;
        emit StakeReleased(id, amount);
    }

    /// @inheritdoc IStaking
    function freeze(uint32 id, uint128 amount) external onlyPools {
        Stake storage stake = _stakes[id];
        stake.earmarked = _take(id, stake.earmarked, amount);
        stake.frozen += amount;
        emit StakeFrozen(id, amount);
    }

    // --- Slashing ---

    /// @inheritdoc IStaking
    function thaw(uint32 id, uint128 amount) external onlySlashing {
        Stake storage stake = _stakes[id];
        stake.frozen = _take(id, stake.frozen, amount);
        stake.free += amount;
        emit StakeThawed(id, amount);
    }

    /// @inheritdoc IStaking
    function slash(uint32 id, uint128 amount, Proceeds calldata proceeds) external onlySlashing {
        Stake storage stake = _stakes[id];
        stake.frozen = _take(id, stake.frozen, amount);
        uint128 rest = amount;
        if (proceeds.prover != address(0) && proceeds.proverReward != 0) {
            uint128 reward = _min(proceeds.proverReward, rest);
            rest -= reward;
            rewardOf[proceeds.prover] += reward;
            emit RewardCredited(proceeds.prover, reward);
        }
        uint256 panel = proceeds.panel;
        for (uint256 i; i < MAX_PANEL && proceeds.panelReward != 0; ++i) {
            uint32 judge = uint32(panel >> (32 * i));
            if (judge == 0 || judge > nodeCount) continue;
            uint128 share = _min(proceeds.panelReward, rest);
            rest -= share;
            _stakes[judge].free += share;
            emit StakeDeposited(judge, address(this), share);
        }
        emit StakeSlashed(id, amount, rest);
        _burn(rest);
    }

    // --- Jobs and Slashing ---

    /// @inheritdoc IStaking
    function postBond(uint32 id, uint128 amount) external onlyJobsOrSlashing {
        Stake storage stake = _stakes[id];
        stake.free = _take(id, stake.free, amount);
        stake.bonded += amount;
        emit BondPosted(id, amount);
    }

    /// @inheritdoc IStaking
    function releaseBond(uint32 id, uint128 amount) external onlyJobsOrSlashing {
        Stake storage stake = _stakes[id];
        stake.bonded = _take(id, stake.bonded, amount);
        stake.free += amount;
        emit BondReleased(id, amount);
    }

    /// @inheritdoc IStaking
    function burnBond(uint32 id, uint128 amount) external onlyJobsOrSlashing {
        Stake storage stake = _stakes[id];
        stake.bonded = _take(id, stake.bonded, amount);
        emit BondBurned(id, amount);
        _burn(amount);
    }

    // --- views ---

    /// @inheritdoc IStaking
    function token() external view returns (address) {
        return address(infer);
    }

    /// @inheritdoc IStaking
    function node(uint32 id) external view returns (Node memory) {
        return _nodes[id];
    }

    /// @inheritdoc IStaking
    function ownerOf(uint32 id) external view returns (address) {
        return _nodes[id].owner;
    }

    /// @inheritdoc IStaking
    function operatorOf(uint32 id) external view returns (address) {
        return _nodes[id].operator;
    }

    /// @inheritdoc IStaking
    function payoutOf(uint32 id) external view returns (address) {
        return _nodes[id].payout;
    }

    /// @inheritdoc IStaking
    function stakeOf(uint32 id) external view returns (Stake memory) {
        return _stakes[id];
    }

    /// @inheritdoc IStaking
    function ticket(uint256 id) external view returns (Ticket memory) {
        return _tickets[id];
    }

    // --- internals ---

    function _deposit(uint32 id, uint256 amount) internal {
        if (_nodes[id].owner == address(0)) revert StakingUnknownNode(id);
        if (amount == 0) revert StakingZeroAmount();
        _stakes[id].free += amount.toUint128();
        emit StakeDeposited(id, msg.sender, amount);
        infer.safeTransferFrom(msg.sender, address(this), amount);
    }

    function _burn(uint128 amount) internal {
        if (amount != 0) ERC20Burnable(address(infer)).burn(amount);
    }

    /// @dev What is left of a bucket; a bucket that holds less is the caller's error and named.
    function _take(uint32 id, uint128 bucket, uint128 amount) internal pure returns (uint128) {
        if (amount > bucket) revert StakingInsufficient(id, bucket, amount);
        unchecked {
            return bucket - amount;
        }
    }

    function _callersNode() internal view returns (uint32 id) {
        id = nodeOf[msg.sender];
        if (id == 0) revert StakingUnknownNode(0);
    }

    function _profileDigest(bytes calldata profile) internal pure returns (bytes32) {
        if (profile.length == 0 || profile.length > MAX_PROFILE) revert StakingProfileSize(profile.length, MAX_PROFILE);
        return sha256(profile);
    }

    function _min(uint128 a, uint128 b) internal pure returns (uint128) {
        return a < b ? a : b;
    }
}
