/**
 * System calls that programs in containers may make: those that compute, and handle their own files, memory and
 * processes. The engines' own profiles let a program make namespaces, where it is root and meets parts of the kernel
 * that were not written for strangers; they differ from version to version, too.
 */
const ALLOWED = `
  accept accept4 access alarm arch_prctl bind brk cacheflush capget capset chdir chmod chown clock_getres clock_gettime
  clock_nanosleep close close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl
  epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64
  fallocate fchdir fchmod fchmodat fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr
  fstat fstatfs fsync ftruncate futex futex_wait futex_waitv futex_wake get_mempolicy get_robust_list get_thread_area
  getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid
  getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid
  getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_setup
  io_submit ioctl kill landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lgetxattr link linkat
  listen listxattr llistxattr lremovexattr lseek lsetxattr lstat madvise mbind membarrier memfd_create mincore mkdir
  mkdirat mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall munmap nanosleep newfstatat open openat
  openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64
  preadv preadv2 prlimit64 pselect6 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recvfrom recvmmsg
  recvmsg removexattr rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask
  rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max
  sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
  sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select semctl semget semop
  semtimedop sendfile sendmmsg sendmsg sendto set_mempolicy set_robust_list set_thread_area set_tid_address setfsgid
  setfsuid setgid setgroups setitimer setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid
  setsockopt setuid setxattr shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 socketpair splice stat
  statfs statx symlink symlinkat sync_file_range sysinfo tee tgkill time timer_create timer_delete timer_getoverrun
  timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask uname unlink
  unlinkat utime utimensat utimes vfork vmsplice wait4 waitid write writev
`.trim().split(/\s+/);

/** All the flags of clone that make a namespace. */
const NAMESPACE_FLAGS = 0x7e020000;
/** Local, IPv4, IPv6 (there is a loopback device), and the messages by which programs list it. */
const SOCKET_FAMILIES = [1, 2, 10, 16];
/** The ordinary ABI, and the question which it is. */
const PERSONALITIES = [0, 0xffffffff];
const ENOSYS = 38;

const allow = (names: readonly string[], args: readonly object[] = []) => ({ names, action: "SCMP_ACT_ALLOW", args });
const first = (value: number) => [{ index: 0, op: "SCMP_CMP_EQ", value, valueTwo: 0 }];

/** The profile as engines read it. Only calls of the processor's own ABI are known to it. */
export function seccompProfile(): object {
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    // C libraries take this for an old kernel and do without.
    defaultErrnoRet: ENOSYS,
    archMap: ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"].map((architecture) => ({ architecture, subArchitectures: [] })),
    syscalls: [
      allow(ALLOWED),
      allow(["clone"], [{ index: 0, op: "SCMP_CMP_MASKED_EQ", value: NAMESPACE_FLAGS, valueTwo: 0 }]),
      // Its flags lie in memory, out of sight; without it libraries fall back on clone.
      { names: ["clone3"], action: "SCMP_ACT_ERRNO", args: [], errnoRet: ENOSYS },
      ...SOCKET_FAMILIES.map((family) => allow(["socket"], first(family))),
      ...PERSONALITIES.map((personality) => allow(["personality"], first(personality))),
    ],
  };
}
