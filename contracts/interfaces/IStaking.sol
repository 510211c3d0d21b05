// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A registered node. One node an owner: the owner is the identity that draws and bans count.
struct Node {
    address owner; // cold key: stake and payout
    address operator; // hot key: signs work
    address payout; // where earnings go
    bytes32 profile; // sha2-256 of the node's profile document (DAG-CBOR)
    bytes32 encryptionKey; // X25519 public key that job keys are wrapped to
}

/// @notice Where a node's INFER stands. The total is the sum of all fields.
struct Stake {
    uint128 free; // may be earmarked, bonded or unbonded
    uint128 earmarked; // backs pool capacity: max(capacity, next capacity) × slotStake, summed over pools
    uint128 frozen; // convicted, waiting for appeal or execution
    uint128 unbonding; // leaving; the sum of open tickets
    uint128 bonded; // aggregator and appeal bonds
}

/// @notice One withdrawal under way.
struct Ticket {
    uint32 node;
    uint40 readyAt;
    uint128 amount;
}

/// @notice What a slash pays before the rest is burned. All amounts are wei of INFER.
struct Proceeds {
    address prover;
    uint128 proverReward;
    uint256 panel; // up to eight node ids of 32 bits, 0 = none
    uint128 panelReward; // to each panel member's free stake
}

/// @title Staking: every INFER that answers for something, and the nodes it belongs to.
interface IStaking {
    /// @param profile the document's bytes: whoever follows events knows how to reach every node
    event NodeRegistered(
        uint32 indexed node, address indexed owner, address operator, address payout, bytes32 encryptionKey, bytes profile
    );
    event OperatorSet(uint32 indexed node, address operator);
    event PayoutSet(uint32 indexed node, address payout);
    event ProfileSet(uint32 indexed node, bytes profile);
    event EncryptionKeySet(uint32 indexed node, bytes32 encryptionKey);
    /// @param from who paid; the Staking contract itself for a panel's share of a slash
    event StakeDeposited(uint32 indexed node, address indexed from, uint256 amount);
    event UnbondingRequested(uint32 indexed node, uint256 indexed ticket, uint256 amount, uint256 readyAt);
    event StakeWithdrawn(uint32 indexed node, uint256 indexed ticket, address to, uint256 amount);
    event StakeEarmarked(uint32 indexed node, uint256 amount);
    event StakeReleased(uint32 indexed node, uint256 amount);
    event StakeFrozen(uint32 indexed node, uint256 amount);
    event StakeThawed(uint32 indexed node, uint256 amount);
    event StakeSlashed(uint32 indexed node, uint256 amount, uint256 burned);
    event BondPosted(uint32 indexed node, uint256 amount);
    event BondReleased(uint32 indexed node, uint256 amount);
    event BondBurned(uint32 indexed node, uint256 amount);
    event RewardCredited(address indexed prover, uint256 amount);
    event RewardClaimed(address indexed prover, uint256 amount);

    error StakingUnauthorized(address caller);
    error StakingUnknownNode(uint32 node);
    error StakingOwnerRegistered(address owner, uint32 node);
    error StakingZeroAddress();
    error StakingProfileSize(uint256 size, uint256 max);
    error StakingInsufficient(uint32 node, uint256 available, uint256 needed);
    error StakingZeroAmount();
    error StakingTicketNotReady(uint256 ticket, uint256 readyAt);
    error StakingUnknownTicket(uint256 ticket);

    // --- owners ---

    /// @notice Registers the caller as owner of a new node.
    /// @param operator hot key that signs work
    /// @param payout beneficiary of earnings
    /// @param profile DAG-CBOR bytes, 1 … 4096
    /// @param encryptionKey X25519 public key, 0 for none
    /// @return node id, counting from 1
    function register(address operator, address payout, bytes calldata profile, bytes32 encryptionKey)
        external
        returns (uint32 node);

    function setOperator(address operator) external;
    function setPayout(address payout) external;
    function setProfile(bytes calldata profile) external;
    function setEncryptionKey(bytes32 encryptionKey) external;

    /// @notice Adds the caller's INFER to a node's free stake. Anyone may.
    function deposit(uint32 node, uint256 amount) external;

    /// @notice `deposit` with an ERC-2612 permit; a permit already used by somebody else does not hinder.
    function depositWithPermit(uint32 node, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Starts the withdrawal of free stake of the caller's node.
    /// @dev Only free stake: what answers for work is earmarked until that work is final, and frozen from a conviction on.
    /// So stake on the way out never answers for anything, and no exit outruns a verdict.
    function requestUnbonding(uint128 amount) external returns (uint256 ticket);

    /// @notice Ends a matured withdrawal: pays the node's owner. Anyone may call.
    function withdraw(uint256 ticket) external;

    /// @notice Pays out what the caller earned by reporting faults.
    function claimReward() external returns (uint256 amount);

    // --- Pools ---

    /// @notice free → earmarked. Only Pools.
    function earmark(uint32 node, uint128 amount) external;
    /// @notice earmarked → free. Only Pools.
    function release(uint32 node, uint128 amount) external;
    /// @notice earmarked → frozen. Only Pools.
    function freeze(uint32 node, uint128 amount) external;

    // --- Slashing ---

    /// @notice frozen → free. Only Slashing.
    function thaw(uint32 node, uint128 amount) external;
    /// @notice frozen → proceeds, the rest burned. Only Slashing. Proceeds beyond `amount` are cut, prover first served.
    function slash(uint32 node, uint128 amount, Proceeds calldata proceeds) external;

    // --- Jobs and Slashing ---

    /// @notice free → bonded. Only Jobs or Slashing.
    function postBond(uint32 node, uint128 amount) external;
    /// @notice bonded → free. Only Jobs or Slashing.
    function releaseBond(uint32 node, uint128 amount) external;
    /// @notice bonded → burned. Only Jobs or Slashing.
    function burnBond(uint32 node, uint128 amount) external;

    // --- views ---

    function token() external view returns (address);
    function nodeCount() external view returns (uint32);
    function node(uint32 id) external view returns (Node memory);
    /// @return id of the owner's node, 0 if none
    function nodeOf(address owner) external view returns (uint32 id);
    function ownerOf(uint32 id) external view returns (address);
    function operatorOf(uint32 id) external view returns (address);
    function payoutOf(uint32 id) external view returns (address);
    function stakeOf(uint32 id) external view returns (Stake memory);
    function ticket(uint256 id) external view returns (Ticket memory);
    function rewardOf(address prover) external view returns (uint256);
}
