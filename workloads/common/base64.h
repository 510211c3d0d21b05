// RFC 4648 base64 with padding.
#ifndef INFERNET_BASE64_H
#define INFERNET_BASE64_H

#include "types.h"

// Writes the encoding of `length` bytes to `out` (4 characters for every 3 bytes begun); returns its length.
u32 base64(const u8 *bytes, u32 length, u8 *out);

#endif
