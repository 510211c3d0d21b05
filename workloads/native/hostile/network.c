// Tries to reach somebody: the internet, the host under several addresses, its sockets. Tells how many answered.
// Its input's lines name ports of the host on which somebody listens: {"port":n}.
#include "../../common/json.h"
#include "../../hostile/lines.h"
#include "../linux.h"

enum { AF_UNIX = 1, AF_INET = 2, AF_NETLINK = 16, AF_PACKET = 17, AF_VSOCK = 40, STREAM = 1, DATAGRAM = 2, RAW = 3 };

static u32 reached(long domain, long type, const void *address, u32 length) {
  long fd = linux_call(SYS_SOCKET, domain, type, 0, 0, 0, 0);
  if (fd < 0) return 0;
  u32 ok = linux_call(SYS_CONNECT, fd, (long)address, length, 0, 0, 0) == 0;
  linux_call(SYS_CLOSE, fd, 0, 0, 0, 0, 0);
  return ok;
}

static u32 internet(const u8 *ip, u32 port, long type) {
  u8 address[16] = {AF_INET, 0, (u8)(port >> 8), (u8)port, ip[0], ip[1], ip[2], ip[3]};
  return reached(AF_INET, type, address, sizeof address);
}

static u32 number(json_span span) {
  u32 value = 0;
  while (span.at < span.end && (u32)(*span.at - '0') < 10) value = value * 10 + (*span.at++ - '0');
  return value;
}

static u32 try_all(u32 port) {
  static const u8 HOSTS[][4] = {{127, 0, 0, 1}, {10, 88, 0, 1}, {172, 17, 0, 1}, {192, 168, 0, 1}, {10, 0, 2, 2}, {169, 254, 169, 254}, {1, 1, 1, 1}};
  static const u32 VSOCK[] = {AF_VSOCK, 1, 2, 0};
  static const u8 ABSTRACT[] = "\1\0\0/tmp/.X11-unix/X0", DOCKER[] = "\1\0/var/run/docker.sock", PODMAN[] = "\1\0/run/podman/podman.sock";
  u32 n = 0;
  for (u32 i = 0; i < sizeof HOSTS / sizeof HOSTS[0]; i++) n += internet(HOSTS[i], port, STREAM) + (i > 0 && internet(HOSTS[i], 53, DATAGRAM));
  n += reached(AF_VSOCK, STREAM, VSOCK, sizeof VSOCK);
  n += reached(AF_UNIX, STREAM, ABSTRACT, sizeof ABSTRACT - 1) + reached(AF_UNIX, STREAM, DOCKER, sizeof DOCKER) + reached(AF_UNIX, STREAM, PODMAN, sizeof PODMAN);
  n += linux_call(SYS_SOCKET, AF_INET, RAW, 1, 0, 0, 0) >= 0;
  n += linux_call(SYS_SOCKET, AF_PACKET, RAW, 0, 0, 0, 0) >= 0;
  return n;
}

void _start(void) {
  const u8 *line;
  u32 length;
  while (read_line(&line, &length) != LINE_END) {
    json_span port;
    put_text("{\"reached\":");
    put_number(json_member(line, length, "port", &port) ? try_all(number(port)) : 0);
    put_text("}\n");
  }
  flush_output();
}
