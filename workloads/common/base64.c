#include "base64.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

u32 base64(const u8 *bytes, u32 length, u8 *out) {
  u32 n = 0;
  for (u32 i = 0; i < length; i += 3) {
    u32 left = length - i;
    u32 group = (u32)bytes[i] << 16;
    if (left > 1) group |= (u32)bytes[i + 1] << 8;
    if (left > 2) group |= bytes[i + 2];
    out[n++] = (u8)ALPHABET[group >> 18];
    out[n++] = (u8)ALPHABET[group >> 12 & 63];
    out[n++] = left > 1 ? (u8)ALPHABET[group >> 6 & 63] : '=';
    out[n++] = left > 2 ? (u8)ALPHABET[group & 63] : '=';
  }
  return n;
}
