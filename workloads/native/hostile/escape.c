// Tries what would lead out of a container or touch the host, and names what succeeded: {"broken":["mount",…]}.
#include "../../hostile/lines.h"
#include "../linux.h"

typedef struct {
  const char *name;
  long number, a, b, c, d, e;
} attempt;

#define TEXT(text) (long)(text)
static u8 scratch[256];
static long remote[2] = {0, 0};

static const attempt CALLS[] = {
    {"mount proc", SYS_MOUNT, TEXT("none"), TEXT("/tmp"), TEXT("proc"), 0, 0},
    {"mount tmpfs", SYS_MOUNT, TEXT("none"), TEXT("/tmp"), TEXT("tmpfs"), 0, 0},
    {"remount root", SYS_MOUNT, TEXT("none"), TEXT("/"), 0, 32, 0},
    {"umount", SYS_UMOUNT2, TEXT("/proc/keys"), 2, 0, 0, 0},
    {"pivot_root", SYS_PIVOT_ROOT, TEXT("/tmp"), TEXT("/tmp"), 0, 0, 0},
    {"chroot", SYS_CHROOT, TEXT("/tmp"), 0, 0, 0, 0},
    {"fsopen", SYS_FSOPEN, TEXT("tmpfs"), 0, 0, 0, 0},
    {"open_tree", SYS_OPEN_TREE, AT_FDCWD, TEXT("/"), 1, 0, 0},
    {"new user namespace", SYS_UNSHARE, 0x10000000, 0, 0, 0, 0},
    {"new mount namespace", SYS_UNSHARE, 0x00020000, 0, 0, 0, 0},
    {"new network namespace", SYS_UNSHARE, 0x40000000, 0, 0, 0, 0},
    {"root", SYS_SETUID, 0, 0, 0, 0, 0},
    {"device node", SYS_MKNOD, TEXT("/tmp/disk"), 060600, 0x0800, 0, 0},
    {"kernel memory node", SYS_MKNOD, TEXT("/tmp/mem"), 020600, 0x0101, 0, 0},
    {"trace init", SYS_PTRACE, 16, 1, 0, 0, 0},
    {"read init", SYS_PROCESS_VM_READV, 2, TEXT(remote), 1, TEXT(remote), 1},
    {"kill others", SYS_KILL, 2, 0, 0, 0, 0},
    {"module", SYS_INIT_MODULE, TEXT(scratch), 1, TEXT(""), 0, 0},
    {"bpf", SYS_BPF, 0, TEXT(scratch), sizeof scratch, 0, 0},
    {"perf", SYS_PERF_EVENT_OPEN, TEXT(scratch), -1, 0, -1, 0},
    {"key", SYS_ADD_KEY, TEXT("user"), TEXT("k"), TEXT("v"), 1, -5},
    {"swap", SYS_SWAPON, TEXT("/tmp/swap"), 0, 0, 0, 0},
    {"hostname", SYS_SETHOSTNAME, TEXT("owned"), 5, 0, 0, 0},
    {"clock", SYS_SETTIMEOFDAY, TEXT(remote), 0, 0, 0, 0},
    {"reboot", SYS_REBOOT, 0xfee1dead, 672274793, 0, 0, 0},
};

static const char *const WRITABLE[] = {
    "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/proc/sys/vm/drop_caches", "/sys/kernel/uevent_helper", "/sys/power/state", "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/release_agent",
    "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/pids/pids.max", "/sys/fs/cgroup/pids.max", "/etc/passwd", "/etc/hostname", "/bin/new", "/new"};
static const char *const READABLE[] = {"/dev/mem", "/dev/kmem", "/proc/kcore", "/proc/kmsg", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/nvidiactl", "/dev/fuse", "/dev/kvm", "/dev/net/tun",
    "/var/run/docker.sock", "/run/podman/podman.sock", "/proc/2/status", "/sys/firmware/dmi/tables/DMI", "/etc/shadow", "/root/.bashrc", "/home"};

static u32 found;

static void broken(const char *name) {
  put_text(found++ == 0 ? "\"" : ",\"");
  put_text(name);
  put_text("\"");
}

static void try_files(const char *const *paths, u32 n, long flags) {
  for (u32 i = 0; i < n; i++)
    if (linux_call(SYS_OPENAT, AT_FDCWD, (long)paths[i], flags, 0600, 0, 0) >= 0) broken(paths[i]);
}

void _start(void) {
  u32 lines = count_lines();
  put_text("{\"broken\":[");
  for (u32 i = 0; i < sizeof CALLS / sizeof CALLS[0]; i++) {
    const attempt *it = &CALLS[i];
    if (linux_call(it->number, it->a, it->b, it->c, it->d, it->e, 0) >= 0) broken(it->name);
  }
  try_files(WRITABLE, sizeof WRITABLE / sizeof WRITABLE[0], O_WRONLY | O_CREAT);
  try_files(READABLE, sizeof READABLE / sizeof READABLE[0], 0);
  put_text("]}\n");
  put_results(lines > 0 ? lines - 1 : 0);
  flush_output();
}
